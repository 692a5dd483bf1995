import type { CachegroupName, CacheName } from '../../../common/ids.ts';
import { SimulatedCdn } from '../../../sim/simulated-cdn.ts';
import type { KubeObject, TextAnswer } from '../../api/rest.ts';
import { chartFolder, type Values } from '../../chart/helm.ts';
import type { SampledMonitor } from '../../distributed/testing/sampler.ts';
import type { Cluster } from '../cluster.ts';
import { imageValues } from '../image-name.ts';
import type { ProvingCluster, ProvingNode } from '../proving-cluster.ts';
import { inventory } from './inventory.ts';
import { openCluster } from './open-cluster.ts';

/** Of the release of the chart. */
const releaseName = 'tm';
const monitorPort = 8080;
const patienceMs = 2000;
const lookEveryMs = 300;
const noPods = 'no-new-pods';

/** How often each thing of the simulated CDN is asked, in ms. */
export const intervals = { health: 1000, stat: 5000, peers: 1000, trafficOps: 500, timeout: 1500 };

export interface Pod extends KubeObject {
  readonly spec: { readonly nodeName?: string; readonly containers?: readonly { readonly image: string }[] };
  readonly status: {
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/** What a monitor tells of groups and caches, as far as tests look at it. */
export interface GroupsView {
  readonly revision: number;
  readonly caches: Readonly<
    Record<string, { readonly cachegroup: CachegroupName; readonly direct: boolean }>
  >;
}

/** The cluster with a simulated CDN that its pods reach, and the operator in it. */
export class CdnGround {
  readonly cluster: ProvingCluster;
  readonly cdn: SimulatedCdn;
  /** What was there before anything of ours was. */
  inventoryBefore: readonly string[] = [];
  #pods = new Map<string, Pod>();
  #isClosed = false;
  #looking: Promise<void> = Promise.resolve();
  #installBeganMs = 0;

  private constructor(cluster: ProvingCluster, cdn: SimulatedCdn) {
    this.cluster = cluster;
    this.cdn = cdn;
  }

  /** Two operators, and the groups that the chart is told of. @param more values of the chart beyond what it needs */
  static async open(
    size: { readonly edges: number; readonly cachegroups: number },
    more: Values = {},
  ): Promise<CdnGround> {
    const cluster = await openCluster();
    let cdn: SimulatedCdn | null = null;
    try {
      cdn = await SimulatedCdn.start({
        address: cluster.hostAddress,
        world: {
          ...size,
          intervals,
          profile: { connectionTimeoutMs: intervals.timeout, thresholds: { loadavg: '25.0' } },
        },
      });
      const ground = new CdnGround(cluster, cdn);
      await ground.#prepare(more);
      ground.#looking = ground.#watchPods();
      return ground;
    } catch (error) {
      await cdn?.close();
      await cluster.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#looking;
    await this.cdn.close();
    await this.cluster.close();
  }

  get namespace(): string {
    return this.cluster.namespace;
  }

  /** For what is done to nodes and the control plane. @throws {Error} where these are somebody else's */
  get ownCluster(): Cluster {
    const { own } = this.cluster;
    if (own === null) throw new Error('this is done to a cluster of our own only, and this one was found');
    return own;
  }

  /** When `helm install` was called, by the steady clock. */
  get installBeganMs(): number {
    return this.#installBeganMs;
  }

  async #prepare(more: Values): Promise<void> {
    await this.cluster.createNamespace();
    this.inventoryBefore = await inventory(this.cluster);
    const { username, password } = this.cdn.trafficOps;
    await this.cluster.admin.create(`${this.#core}/secrets`, {
      metadata: { name: 'traffic-ops' },
      stringData: { username, password },
    });
    this.#installBeganMs = performance.now();
    await this.cluster.helm.run(['install', ...this.#release, '--wait'], this.#values(more));
  }

  /** `helm upgrade` to these values; what is left out is as at first, not as before. */
  async upgrade(more: Values): Promise<void> {
    await this.cluster.helm.run(['upgrade', ...this.#release, '--wait'], this.#values(more));
  }

  /** Another command of Helm on the release. @returns what it prints */
  helm(command: string, ...args: readonly string[]): Promise<string> {
    return this.cluster.helm.run([command, releaseName, ...args, '--namespace', this.namespace]);
  }

  get #release(): readonly string[] {
    return [releaseName, chartFolder, '--namespace', this.namespace];
  }

  #values(more: Values): Values {
    const { image, needsDefinition } = this.cluster;
    const { image: changedImage = {}, ...others } = more;
    return {
      cdn: this.cdn.world.cdn,
      trafficOps: { url: this.cdn.trafficOps.url, existingSecret: 'traffic-ops' },
      image: { ...imageValues(image.name), pullPolicy: image.pullPolicy, ...(changedImage as Values) },
      imagePullSecrets: image.pullSecrets,
      crds: { enabled: needsDefinition },
      ...others,
    };
  }

  /** @param node where its pods have to run; undefined: anywhere */
  async applyGroup(name: string, node: ProvingNode | undefined, location: CachegroupName): Promise<void> {
    const placed = node === undefined ? {} : { nodeSelector: { 'kubernetes.io/hostname': node.hostname } };
    await this.cluster.admin.apply(`${this.#groups}/${name}`, {
      apiVersion: 'trafficcontrol.cdn/v1alpha1',
      kind: 'TrafficMonitorGroup',
      metadata: { name },
      spec: {
        cdn: this.cdn.world.cdn,
        location,
        replicas: 2,
        failoverAfterSeconds: 10,
        failbackAfterSeconds: 5,
        podTemplate: { spec: { ...placed, tolerations: unreachable } },
      },
    });
  }

  async deleteGroup(name: string): Promise<void> {
    await this.cluster.admin.delete(`${this.#groups}/${name}`);
  }

  async group(name: string): Promise<KubeObject | null> {
    return this.cluster.admin.get(`${this.#groups}/${name}`);
  }

  /** Pods of monitors as they were seen last. */
  get pods(): readonly Pod[] {
    return [...this.#pods.values()];
  }

  podsOf(group: string): readonly Pod[] {
    return this.pods.filter(({ metadata }) => metadata.labels?.['trafficcontrol.cdn/group'] === group);
  }

  /** What the monitor in this pod answers. */
  askPod(name: string, where: string): Promise<TextAnswer> {
    const address = this.#pods.get(name)?.status.podIP;
    if (address === undefined) throw new Error(`pod ${name} has no address`);
    return this.cluster.reachPod({ name, address }, monitorPort)(where, patienceMs);
  }

  /**
   * Lets no new pod into the namespace, so that one that is deleted stays away: by a quota, which takes no rights on
   * nodes. @returns what lets them in again
   */
  async refuseNewPods(): Promise<() => Promise<void>> {
    const quotas = `${this.#core}/resourcequotas`;
    await this.cluster.admin.create(quotas, { metadata: { name: noPods }, spec: { hard: { pods: '0' } } });
    await this.cluster.until('the quota to be in force', async () => {
      const quota = await this.cluster.admin.get(`${quotas}/${noPods}`);
      const { hard, used } = (quota?.['status'] ?? {}) as { hard?: Values; used?: Values };
      return hard?.['pods'] === '0' && used?.['pods'] !== undefined;
    });
    return () => this.cluster.admin.delete(`${quotas}/${noPods}`);
  }

  /** Kills all pods of a group at once. */
  async killPodsOf(group: string): Promise<void> {
    const pods = this.podsOf(group).map(({ metadata }) => metadata.name);
    const now = { gracePeriodSeconds: 0 };
    await Promise.all(pods.map((name) => this.cluster.admin.delete(`${this.#core}/pods/${name}`, now)));
  }

  async groupsView(pod: string): Promise<GroupsView> {
    return JSON.parse((await this.askPod(pod, '/api/monitor-groups')).text) as GroupsView;
  }

  /** Whether each monitor of the group polls this cache itself. */
  async polls(group: string, cache: CacheName): Promise<boolean> {
    const pods = this.podsOf(group);
    const views = await Promise.all(pods.map(({ metadata }) => this.groupsView(metadata.name)));
    return views.length > 0 && views.every(({ caches }) => caches[cache]?.direct === true);
  }

  /** A monitor as a router sees it: asked only while its pod is ready. */
  sampled(pod: string): SampledMonitor {
    return {
      name: pod,
      read: async () => {
        const known = this.#pods.get(pod);
        return known !== undefined && isReady(known) ? this.askPod(pod, '/publish/CrStates') : null;
      },
    };
  }

  async #watchPods(): Promise<void> {
    const labels = 'labelSelector=app.kubernetes.io%2Fname%3Dtraffic-monitor';
    while (!this.#isClosed) {
      try {
        const pods = await this.cluster.admin.list(`${this.#core}/pods?${labels}`);
        this.#pods = new Map(pods.map((pod) => [pod.metadata.name, pod as Pod]));
      } catch {
        // The API server is away: what was seen last stands, as it does for routers.
      }
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
  }

  get #core(): string {
    return `/api/v1/namespaces/${this.namespace}`;
  }

  get #groups(): string {
    return `/apis/trafficcontrol.cdn/v1alpha1/namespaces/${this.namespace}/trafficmonitorgroups`;
  }
}

/** Pods of a node that is away stay bound to it, so that it is the operator that has to act. */
const unreachable = ['node.kubernetes.io/unreachable', 'node.kubernetes.io/not-ready'].map((key) => ({
  key,
  operator: 'Exists',
  effect: 'NoExecute',
}));

export function isReady({ metadata, status }: Pod): boolean {
  const ready = status.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false;
  return ready && metadata['deletionTimestamp'] === undefined;
}
