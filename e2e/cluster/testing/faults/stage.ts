import { cachegroupName, cdnName } from '../../../../common/ids.ts';
import { routerServiceName } from '../../../../operator/resources/names.ts';
import type { KubeObject } from '../../../api/rest.ts';
import type { Values } from '../../../chart/helm.ts';
import { programImage } from '../../program-image.ts';
import { CdnGround, isReady, type Pod } from '../cdn-ground.ts';

export const size = { edges: 300, cachegroups: 30 };
const settleLimitMs = 180_000;
const operatorName = 'tm-traffic-monitor-operator';

/** Where a group stands: cities of the simulated CDN. */
const locations: Readonly<Record<string, string>> = {
  amer: 'new-york',
  apac: 'tokyo',
  emea: 'london',
  south: 'sao-paulo',
};

/** Kinds of objects in the namespace that chart, hooks and operator make. */
const leavable = [
  ['Pod', '/api/v1', 'pods'],
  ['Service', '/api/v1', 'services'],
  ['ConfigMap', '/api/v1', 'configmaps'],
  ['Secret', '/api/v1', 'secrets'],
  ['ServiceAccount', '/api/v1', 'serviceaccounts'],
  ['Deployment', '/apis/apps/v1', 'deployments'],
  ['StatefulSet', '/apis/apps/v1', 'statefulsets'],
  ['ControllerRevision', '/apis/apps/v1', 'controllerrevisions'],
  ['Job', '/apis/batch/v1', 'jobs'],
  ['Lease', '/apis/coordination.k8s.io/v1', 'leases'],
  ['Role', '/apis/rbac.authorization.k8s.io/v1', 'roles'],
  ['RoleBinding', '/apis/rbac.authorization.k8s.io/v1', 'rolebindings'],
  ['PodDisruptionBudget', '/apis/policy/v1', 'poddisruptionbudgets'],
  ['NetworkPolicy', '/apis/networking.k8s.io/v1', 'networkpolicies'],
  ['TrafficMonitorGroup', '/apis/trafficcontrol.cdn/v1alpha1', 'trafficmonitorgroups'],
] as const;

/** What Kubernetes itself puts into every namespace. */
const everywhere: ReadonlySet<string> = new Set(['ConfigMap kube-root-ca.crt', 'ServiceAccount default']);

/** How a release of the chart stands now, as far as the faults change it. */
export interface ReleaseState {
  /** Group → monitors. */
  readonly groups: Readonly<Record<string, number>>;
  readonly imageTag: string;
  readonly podAnnotations: Readonly<Record<string, string>>;
  readonly operatorLogLevel: 'info' | 'debug';
}

const firstState: ReleaseState = {
  groups: { amer: 2, apac: 2, emea: 2 },
  imageTag: programImage.split(':').at(-1) ?? '',
  podAnnotations: {},
  operatorLogLevel: 'info',
};

/** What the faults are done to: a CDN with its release of the chart, as a user would have installed it. */
export class Stage {
  readonly ground: CdnGround;
  #state: ReleaseState = firstState;

  private constructor(ground: CdnGround) {
    this.ground = ground;
  }

  static async open(): Promise<Stage> {
    return new Stage(await CdnGround.open(size, valuesOf(firstState)));
  }

  get state(): ReleaseState {
    return this.#state;
  }

  /** `helm upgrade` with this changed. */
  async upgrade(change: Partial<ReleaseState>): Promise<void> {
    this.#state = { ...this.#state, ...change };
    await this.ground.upgrade(valuesOf(this.#state));
  }

  /** `helm rollback` to the revision before, which was of this state. */
  async rollBack(state: ReleaseState): Promise<void> {
    this.#state = state;
    await this.ground.helm('rollback', '--wait');
  }

  /** `helm uninstall`, and until the pods have ended. */
  async uninstall(): Promise<void> {
    this.#state = { ...this.#state, groups: {} };
    await this.ground.helm('uninstall', '--wait');
    await this.until('all pods to end', async () => (await this.#namesOf('/api/v1', 'pods')).length === 0);
  }

  /** What is in the cluster that was not there before: kinds and names. */
  async leftovers(): Promise<readonly string[]> {
    const found: string[] = [];
    const definitions = await this.ground.cluster.admin.list(
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    );
    for (const { metadata } of definitions) found.push(`CustomResourceDefinition ${metadata.name}`);
    for (const [kind, path, plural] of leavable) {
      for (const name of await this.#namesOf(path, plural)) {
        if (!everywhere.has(`${kind} ${name}`)) found.push(`${kind} ${name}`);
      }
    }
    return found;
  }

  async #namesOf(path: string, plural: string): Promise<readonly string[]> {
    const all = await this.ground.cluster.admin.list(`${path}/namespaces/${this.ground.namespace}/${plural}`);
    return all.map(({ metadata }) => metadata.name);
  }

  async scaleOperator(replicas: number): Promise<void> {
    const path = `/apis/apps/v1/namespaces/${this.ground.namespace}/deployments/${operatorName}`;
    await this.ground.cluster.admin.mergePatch(path, { spec: { replicas } });
    await this.until(`${replicas} operators`, async () => {
      const selector = 'labelSelector=app.kubernetes.io%2Fcomponent%3Doperator';
      const pods = await this.ground.cluster.admin.list(
        `/api/v1/namespaces/${this.ground.namespace}/pods?${selector}`,
      );
      return pods.length === replicas;
    });
  }

  /** Address of the Service that routers use; null: there is none yet. */
  async routerService(): Promise<string | null> {
    const name = routerServiceName(cdnName(this.ground.cdn.world.cdn));
    const path = `/api/v1/namespaces/${this.ground.namespace}/services/${name}`;
    const service = await this.ground.cluster.admin.get(path);
    return (service?.['spec'] as { readonly clusterIP?: string } | undefined)?.clusterIP ?? null;
  }

  readyPods(): readonly Pod[] {
    return this.ground.pods.filter(isReady);
  }

  /** Which share of the questions goes to the ready monitors on this node. */
  shareOf(node: string): number {
    const ready = this.readyPods();
    return ready.filter(({ spec }) => spec.nodeName === node).length / ready.length;
  }

  /** Waits until this holds for all monitors. */
  untilAllPods(what: string, holds: (pod: Pod) => boolean): Promise<void> {
    return this.until(`all monitors to ${what}`, async () => this.ground.pods.every(holds));
  }

  until(what: string, check: () => Promise<boolean>, limitMs = settleLimitMs): Promise<void> {
    return this.ground.cluster.until(what, check, limitMs);
  }

  /** Waits until nodes, operators and groups are as the release wants them, and nothing changes hands. */
  settle(): Promise<void> {
    return this.until('everything to settle', async () => {
      const { cluster } = this.ground;
      if ((await cluster.readyNodes()).length < cluster.nodes.length) return false;
      const wanted = Object.values(this.#state.groups).reduce((sum, replicas) => sum + replicas, 0);
      if (this.ground.pods.length !== wanted || this.readyPods().length !== wanted) return false;
      for (const [name, replicas] of Object.entries(this.#state.groups)) {
        if (!isSettled(await this.ground.group(name), replicas)) return false;
      }
      return true;
    });
  }
}

function isSettled(group: KubeObject | null, replicas: number): boolean {
  const status = group?.['status'] as
    | { readonly appliedMembers?: string; readonly handovers?: unknown[]; readonly failovers?: unknown[] }
    | undefined;
  return (
    status?.appliedMembers === `${replicas}/${replicas}` &&
    status.handovers?.length === 0 &&
    status.failovers?.length === 0
  );
}

function valuesOf({ groups, imageTag, podAnnotations, operatorLogLevel }: ReleaseState): Values {
  const specs = Object.entries(groups).map(([name, replicas]) => [
    name,
    { location: cachegroupName(locations[name] ?? ''), replicas },
  ]);
  return {
    image: { tag: imageTag },
    operator: { logLevel: operatorLogLevel },
    groupDefaults: {
      failbackAfterSeconds: 5,
      podTemplate: { metadata: { annotations: podAnnotations } },
    },
    groups: Object.fromEntries(specs),
  };
}
