import { ask } from '../../../monitor/testing/asking.ts';
import type { Rest } from '../../api/rest.ts';
import { Helm } from '../../chart/helm.ts';
import { Cluster } from '../cluster.ts';
import { imageValues } from '../image-name.ts';
import { programArchive, programImage } from '../program-image.ts';
import type { Asking, ClusterImage, ProvingCluster, ProvingNode } from '../proving-cluster.ts';

const nextTag = 'e2e-next';
const restricted = { 'pod-security.kubernetes.io/enforce': 'restricted' };

/** The cluster of three nodes on this machine, which is all there for the proof. */
export class OwnCluster implements ProvingCluster {
  readonly own: Cluster;
  readonly namespace = 'cdn';
  readonly image: ClusterImage = { name: programImage, pullPolicy: 'Never', pullSecrets: [] };
  readonly needsDefinition = true;
  readonly helm: Helm;

  private constructor(cluster: Cluster) {
    this.own = cluster;
    this.helm = new Helm(cluster.tools.helm, cluster.kubeconfigFile);
  }

  static async open(): Promise<OwnCluster> {
    return new OwnCluster(await Cluster.up([await programArchive()]));
  }

  get hostAddress(): string {
    return this.own.hostAddress;
  }

  get nodes(): readonly ProvingNode[] {
    return this.own.nodes.map(({ name }) => ({ name, hostname: name }));
  }

  get admin(): Rest {
    return this.own.admin;
  }

  kubectl(...args: readonly string[]): Promise<string> {
    return this.own.kubectl(...args);
  }

  async createNamespace(): Promise<void> {
    await this.admin.create('/api/v1/namespaces', { metadata: { name: this.namespace, labels: restricted } });
  }

  /** As it is: this machine has routes to pods. */
  reachPod({ address }: { readonly address: string }, port: number): Asking {
    return (path, timeoutMs) => ask({ host: address, port, path, timeoutMs });
  }

  /** Through the kube-proxy of a node, with a connection for each question. */
  async reachService(name: string, port: number): Promise<Asking | null> {
    const service = await this.admin.get(`/api/v1/namespaces/${this.namespace}/services/${name}`);
    const host = (service?.['spec'] as { readonly clusterIP?: string } | undefined)?.clusterIP;
    return host === undefined ? null : (path, timeoutMs) => ask({ host, port, path, timeoutMs });
  }

  async nextImage(): Promise<string> {
    const next = `${imageValues(programImage).repository}:${nextTag}`;
    await this.own.tagImage(programImage, next);
    return next;
  }

  async isWhole(): Promise<boolean> {
    return (await this.own.readyNodes()).length >= this.own.nodes.length;
  }

  until(what: string, check: () => Promise<boolean>, limitMs?: number): Promise<void> {
    return this.own.until(what, check, limitMs);
  }

  async close(): Promise<void> {
    this.helm.close();
    await this.own.down();
  }
}
