import { cachegroupName, cdnName } from '../../../../common/ids.ts';
import { routerServiceName } from '../../../../operator/resources/names.ts';
import type { KubeObject } from '../../../api/rest.ts';
import type { Values } from '../../../chart/helm.ts';
import { imageValues } from '../../image-name.ts';
import type { Asking } from '../../proving-cluster.ts';
import { CdnGround, isReady, type Pod } from '../cdn-ground.ts';
import { inventory } from '../inventory.ts';

export const size = { edges: 300, cachegroups: 30 };
const settleLimitMs = 180_000;
const routerPort = 80;
const operatorName = 'tm-traffic-monitor-operator';

/** Where a group stands: cities of the simulated CDN. */
const locations: Readonly<Record<string, string>> = {
  amer: 'new-york',
  apac: 'tokyo',
  emea: 'london',
  south: 'sao-paulo',
};

/** How a release of the chart stands now, as far as the faults change it. */
export interface ReleaseState {
  /** Group → monitors. */
  readonly groups: Readonly<Record<string, number>>;
  /** null: the one that the cluster was opened with. */
  readonly image: string | null;
  readonly podAnnotations: Readonly<Record<string, string>>;
  readonly operatorLogLevel: 'info' | 'debug';
}

const firstState: ReleaseState = {
  groups: { amer: 2, apac: 2, emea: 2 },
  image: null,
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
    const pods = `/api/v1/namespaces/${this.ground.namespace}/pods`;
    await this.until(
      'all pods to end',
      async () => (await this.ground.cluster.admin.list(pods)).length === 0,
    );
  }

  /** What is in the cluster that was not there before: kinds and names. */
  async leftovers(): Promise<readonly string[]> {
    const before = new Set(this.ground.inventoryBefore);
    return (await inventory(this.ground.cluster)).filter((one) => !before.has(one));
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

  /** The Service that routers use; null: there is none yet. */
  routerService(): Promise<Asking | null> {
    const { cluster, cdn } = this.ground;
    return cluster.reachService(routerServiceName(cdnName(cdn.world.cdn)), routerPort);
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
      if (!(await this.ground.cluster.isWhole())) return false;
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

function valuesOf({ groups, image, podAnnotations, operatorLogLevel }: ReleaseState): Values {
  const specs = Object.entries(groups).map(([name, replicas]) => [
    name,
    { location: cachegroupName(locations[name] ?? ''), replicas },
  ]);
  return {
    ...(image === null ? {} : { image: imageValues(image) }),
    operator: { logLevel: operatorLogLevel },
    groupDefaults: {
      failbackAfterSeconds: 5,
      // Left out and not empty: what was a list before the API server would take for null, and refuse.
      ...(Object.keys(podAnnotations).length === 0
        ? {}
        : { podTemplate: { metadata: { annotations: podAnnotations } } }),
    },
    groups: Object.fromEntries(specs),
  };
}
