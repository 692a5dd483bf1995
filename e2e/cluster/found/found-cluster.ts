import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../../../common/message-of.ts';
import { findCluster } from '../../../operator/kube/kube-config.ts';
import { type KubeObject, Rest } from '../../api/rest.ts';
import { Helm } from '../../chart/helm.ts';
import type { Tools } from '../../tools/tools.ts';
import { Guarding } from '../guarding.ts';
import type { Asking, ClusterImage, ProvingCluster, ProvingNode } from '../proving-cluster.ts';
import { untilHolds } from '../until-holds.ts';
import { hostAddress } from './host-address.ts';
import { nodePlaces } from './node-places.ts';
import { needsDefinition } from './occupancy.ts';
import { probe } from './probe.ts';
import { type FoundSettings, foundSettings } from './settings.ts';
import { createRunNamespace, type Run } from './traces.ts';

type FoundTools = Tools<'kubectl' | 'helm'>;

const waitMs = 120_000;
const pullSecret = 'registry';
const guardProgram = path.join(import.meta.dirname, 'guard.ts');

/** What was found out before anything was changed. */
interface Findings {
  readonly settings: FoundSettings;
  /** With all that commands of the kubeconfig need. */
  readonly environment: NodeJS.ProcessEnv;
  readonly tools: FoundTools;
  readonly hostAddress: string;
  readonly nodes: readonly ProvingNode[];
  readonly needsDefinition: boolean;
}

/**
 * A cluster that somebody else has. What is made in it is in a namespace of its own, besides the definition of
 * TrafficMonitorGroup where there was none; a guard removes both, however this program ends. Pods and Services are asked
 * through the API server: their addresses need not lead anywhere from here.
 */
export class FoundCluster implements ProvingCluster {
  readonly own = null;
  readonly admin: Rest;
  readonly helm: Helm;
  readonly namespace: string;
  readonly image: ClusterImage;
  readonly hostAddress: string;
  readonly nodes: readonly ProvingNode[];
  readonly needsDefinition: boolean;
  readonly #findings: Findings;
  readonly #run: Run;
  readonly #guarding: Guarding;

  private constructor(admin: Rest, findings: Findings, run: Run, guarding: Guarding) {
    this.admin = admin;
    this.helm = new Helm(findings.tools.helm, null, findings.environment);
    this.namespace = run.namespace;
    const { image: name, pullConfig } = findings.settings;
    const pullSecrets = pullConfig === null ? [] : [pullSecret];
    this.image = { name, pullPolicy: 'IfNotPresent', pullSecrets };
    this.hostAddress = findings.hostAddress;
    this.nodes = findings.nodes;
    this.needsDefinition = findings.needsDefinition;
    this.#findings = findings;
    this.#run = run;
    this.#guarding = guarding;
  }

  /**
   * Takes the cluster that `KUBECONFIG` names, and changes nothing in it yet.
   *
   * @throws {Error} when it is in use, or a setting is missing
   */
  static async open(environment: NodeJS.ProcessEnv, tools: FoundTools): Promise<FoundCluster> {
    const settings = foundSettings(environment);
    const { credentials } = await findCluster(environment);
    const admin = new Rest(credentials);
    try {
      const findings: Findings = {
        settings,
        environment,
        tools,
        hostAddress: await hostAddress(credentials.server, settings.hostAddress),
        nodes: nodePlaces(await admin.list('/api/v1/nodes')),
        needsDefinition: await needsDefinition(admin),
      };
      const id = randomBytes(4).toString('hex');
      const run: Run = { id, namespace: `tmo-e2e-${id}` };
      const guarding = await Guarding.begin(guardProgram, [run.id, run.namespace], environment);
      const cluster = new FoundCluster(admin, findings, run, guarding);
      console.log(
        `found ${credentials.server}: namespace ${run.namespace}, image ${settings.image}, this machine is ${findings.hostAddress}`,
      );
      return cluster;
    } catch (error) {
      await admin.close();
      throw new Error(`the cluster at ${credentials.server}, of KUBECONFIG: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  async kubectl(...args: readonly string[]): Promise<string> {
    const { environment: env, tools } = this.#findings;
    const options = { env, maxBuffer: 2 ** 26, timeout: waitMs };
    return (await promisify(execFile)(tools.kubectl, args, options)).stdout;
  }

  /** And shows that a pod runs in it and reaches this machine. */
  async createNamespace(): Promise<void> {
    await createRunNamespace(this.admin, this.#run);
    const { pullConfig } = this.#findings.settings;
    if (pullConfig !== null)
      await this.admin.create(`/api/v1/namespaces/${this.namespace}/secrets`, {
        metadata: { name: pullSecret },
        type: 'kubernetes.io/dockerconfigjson',
        stringData: { '.dockerconfigjson': fs.readFileSync(pullConfig, 'utf8') },
      });
    await probe(this.admin, this);
  }

  reachPod({ name }: { readonly name: string }, port: number): Asking {
    return this.#through(`pods/${name}:${port}`);
  }

  async reachService(name: string, port: number): Promise<Asking | null> {
    const service = await this.admin.get(`/api/v1/namespaces/${this.namespace}/services/${name}`);
    return service === null ? null : this.#through(`services/${name}:${port}`);
  }

  #through(what: string): Asking {
    const proxy = `/api/v1/namespaces/${this.namespace}/${what}/proxy`;
    return (where, timeoutMs) => this.admin.askThrough(`${proxy}${where}`, timeoutMs);
  }

  async nextImage(): Promise<string> {
    const { nextImage, image } = this.#findings.settings;
    if (nextImage === null)
      console.log('E2E_NEXT_IMAGE is not set: pods are replaced by such of the same image');
    return nextImage ?? image;
  }

  /** What its nodes do is not for us to wait for. */
  async isWhole(): Promise<boolean> {
    return true;
  }

  until(what: string, check: () => Promise<boolean>, limitMs = waitMs): Promise<void> {
    return untilHolds(what, check, limitMs, () => this.#describePods());
  }

  /** The namespace will be gone when somebody reads this. */
  async #describePods(): Promise<string> {
    const pods = await this.admin.list(`/api/v1/namespaces/${this.namespace}/pods`);
    return `pods in ${this.namespace}: ${pods.map(describePod).join(', ') || 'none'}`;
  }

  /** Removes what was made. @throws {Error} when something of it is left */
  async close(): Promise<void> {
    this.helm.close();
    await this.admin.close();
    await this.#guarding.cleanUp();
  }
}

function describePod({ metadata, status }: KubeObject): string {
  const { phase, conditions = [] } = (status ?? {}) as {
    readonly phase?: string;
    readonly conditions?: readonly { readonly status: string; readonly message?: string }[];
  };
  const wrong = conditions.find((one) => one.status !== 'True' && one.message !== undefined);
  return `${metadata.name} ${phase}${wrong === undefined ? '' : ` (${wrong.message})`}`;
}
