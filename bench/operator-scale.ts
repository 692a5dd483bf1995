import { setTimeout as sleep } from 'node:timers/promises';
import { ControlPlane } from '../e2e/api/control-plane.ts';
import { FaultProxy } from '../e2e/api/fault-proxy.ts';
import { OperatorGround } from '../e2e/api/operator-ground.ts';
import type { OperatorProcess } from '../e2e/api/operator-process.ts';
import type { KubeObject } from '../e2e/api/rest.ts';
import { cpuSeconds, residentMb } from './process-figures.ts';

const QUIET_MS = 30_000;
/** Events that repeat are written once a minute. */
const SETTLE_MS = 65_000;
const CHANGES = 5;
/** A Lease lasts 10 s; 400 monitors that renew every 2 s would leave the API server of this machine no time. */
const RENEW_EVERY_MS = 6000;
/** As Traffic Ops has it by default. */
const TRAFFIC_OPS_MS = 10_000;
const LIMIT_MS = 300_000;
/** Lists of hundreds are work for the API server, too. */
const LOOK_EVERY_MS = 300;

/** The operator with many groups against a real API server, whose monitors are simulated by their Leases. */
export async function measureOperator(groups: number, cachegroups: number): Promise<void> {
  const plane = await ControlPlane.start();
  let ground: OperatorGround | null = null;
  let proxy: FaultProxy | null = null;
  try {
    const { server, authority } = plane.access('operator');
    proxy = await FaultProxy.start({ server, authority, certificate: plane.servingCertificate });
    ground = await OperatorGround.open(
      plane,
      { cachegroups, edges: cachegroups, deliveryServices: 4, intervals: { trafficOps: TRAFFIC_OPS_MS } },
      { renewEveryMs: RENEW_EVERY_MS, revisionsFrom: 'statuses' },
    );
    const run = new ScaleRun(ground, proxy, groups);
    try {
      await run.run();
    } finally {
      run.end();
    }
  } finally {
    await ground?.close();
    await proxy?.stop();
    await plane.stop();
  }
}

class ScaleRun {
  readonly #ground: OperatorGround;
  readonly #proxy: FaultProxy;
  readonly #names: readonly string[];
  /** Ends what starts the operator again should it end. */
  #endUpkeep = (): void => {};

  constructor(ground: OperatorGround, proxy: FaultProxy, groups: number) {
    this.#ground = ground;
    this.#proxy = proxy;
    this.#names = Array.from({ length: groups }, (_, index) => `g${String(index).padStart(3, '0')}`);
  }

  async run(): Promise<void> {
    const { cachegroups } = this.#ground.world;
    const step = Math.floor(cachegroups.length / this.#names.length);
    for (const [index, name] of this.#names.entries()) {
      await this.#ground.applyGroup(name, { location: cachegroups[index * step]?.cachegroup });
    }
    let operator: OperatorProcess | null = null;
    await this.#timed('from nothing to all objects of all groups', async () => {
      operator = await this.#ground.startOperator('operator-0', this.#proxy.address);
      this.#endUpkeep = operator.keepRunning();
      await this.#untilCount('pods', 2 * this.#names.length);
    });
    if (operator === null) throw new Error('no operator');
    await this.#timed('until all groups are settled', () => this.#untilSettled());
    this.#tellProcess(operator);
    await this.#quietTime();
    await this.#resync(operator);
    this.#tellProcess(operator);
    await this.#changes();
    await this.#failover();
    this.#tellProcess(operator);
  }

  end(): void {
    this.#endUpkeep();
  }

  async #quietTime(): Promise<void> {
    await sleep(SETTLE_MS);
    const earlier = this.#proxy.counts;
    await sleep(QUIET_MS);
    console.log(`steady state:\n${this.#proxy.counts.since(earlier).describe(QUIET_MS)}`);
  }

  async #resync(operator: OperatorProcess): Promise<void> {
    this.#endUpkeep();
    await operator.stop();
    await this.#timed('full resync: start of the operator to every group looked at', async () => {
      operator.restart();
      this.#endUpkeep = operator.keepRunning();
      await this.#until('all groups to be reconciled', async () => {
        const done = await operator.metric('controller_runtime_reconcile_total', 'controller="status"');
        const waiting = await operator.metric('workqueue_depth');
        return done >= this.#names.length && waiting === 0;
      });
    });
  }

  /** Each a scale of one group: its StatefulSet, and the documents of all, which name its members. */
  async #changes(): Promise<void> {
    const [first = ''] = this.#names;
    const own: number[] = [];
    const all: number[] = [];
    const earlier = this.#proxy.counts;
    for (let change = 0; change < CHANGES; change++) {
      const replicas = change % 2 === 0 ? 3 : 2;
      const versions = await this.#versions();
      const startMs = performance.now();
      await this.#ground.patchGroup(first, { replicas });
      await this.#until('the change to be applied', async () => {
        const set = (await this.#ground.object('apps/v1', 'statefulsets', `tm-${first}`)) as SetObject | null;
        return set?.spec?.replicas === replicas;
      });
      own.push(performance.now() - startMs);
      await this.#until('all documents to be told', () => this.#areNewerThan(versions));
      all.push(performance.now() - startMs);
      await this.#untilSettled();
    }
    tell('from a changed resource to its StatefulSet', own);
    tell('from a changed resource to the documents of all groups', all);
    console.log(`requests for ${CHANGES} changes:\n${this.#proxy.counts.since(earlier).describe()}`);
  }

  async #failover(): Promise<void> {
    const [, second = ''] = this.#names;
    const versions = await this.#versions();
    this.#ground.members.die(`tm-${second}`);
    const lastMs = Math.max(...(await this.#renewals(second)));
    const toldMs = new Map<string, number>();
    await this.#until('all to be told', async () => {
      for (const [name, version] of await this.#versions()) {
        if (version !== versions.get(name) && !toldMs.has(name)) toldMs.set(name, Date.now());
      }
      return toldMs.size === versions.size;
    });
    const failovers = (await this.#ground.assignment(second))?.failovers ?? [];
    const standIns = new Set(failovers.map(({ standIn }) => `tm-${standIn}`));
    const seconds = (names: Iterable<string>): string =>
      ((Math.max(...[...names].map((name) => toldMs.get(name) ?? 0)) - lastMs) / 1000).toFixed(1);
    console.log(
      `from the last sign of life of a group to its ${standIns.size} stand-ins being told: ${seconds(standIns)} s, everybody: ${seconds(toldMs.keys())} s; ${failovers.length} cachegroups`,
    );
  }

  /** When the monitors of a group last renewed their Leases: ms since the epoch. */
  async #renewals(group: string): Promise<number[]> {
    const leases = await this.#ground.list('coordination.k8s.io/v1', 'leases');
    return leases
      .filter(({ metadata }) => metadata.name.startsWith(`tm-${group}-`))
      .map(({ spec }) => Date.parse((spec as { renewTime?: string }).renewTime ?? ''));
  }

  /** Of the ConfigMaps that hold the documents, by name. */
  async #versions(): Promise<ReadonlyMap<string, string>> {
    const maps = await this.#ground.admin.listMetadata(
      this.#ground.path('v1', 'configmaps?labelSelector=trafficcontrol.cdn%2Fgroup'),
    );
    return new Map(maps.map(({ metadata }) => [metadata.name, metadata.resourceVersion ?? '']));
  }

  /** Whether every document was written since. */
  async #areNewerThan(earlier: ReadonlyMap<string, string>): Promise<boolean> {
    return [...(await this.#versions())].every(([name, version]) => version !== earlier.get(name));
  }

  async #untilCount(plural: string, count: number): Promise<void> {
    await this.#until(
      `${count} ${plural}`,
      async () => (await this.#ground.admin.listMetadata(this.#ground.path('v1', plural))).length === count,
    );
  }

  async #untilSettled(): Promise<void> {
    await this.#until('all groups to be settled', async () => {
      const groups = await this.#ground.list('trafficcontrol.cdn/v1alpha1', 'trafficmonitorgroups');
      return groups.every(({ status }) =>
        ((status as StatusObject | undefined)?.conditions ?? []).some(({ reason }) => reason === 'Settled'),
      );
    });
  }

  async #timed(what: string, work: () => Promise<void>): Promise<void> {
    const startMs = performance.now();
    const earlier = this.#proxy.counts;
    await work();
    const tookMs = performance.now() - startMs;
    const counts = this.#proxy.counts.since(earlier);
    console.log(
      `${what}: ${(tookMs / 1000).toFixed(1)} s, ${counts.total()} requests, ${counts.writes} writes`,
    );
  }

  #tellProcess(operator: OperatorProcess): void {
    const { pid } = operator;
    console.log(
      `  operator: ${residentMb(pid).toFixed(0)} MB, ${cpuSeconds(pid).toFixed(1)} s of CPU so far`,
    );
  }

  async #until(what: string, check: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + LIMIT_MS;
    while (!(await check())) {
      if (performance.now() > end) {
        const words = this.#ground.operators.map(({ lastWords }) => lastWords).join('\n');
        throw new Error(`waited in vain for ${what}\n${words}`);
      }
      await sleep(LOOK_EVERY_MS);
    }
  }
}

type SetObject = KubeObject & { readonly spec?: { readonly replicas?: number } };
type StatusObject = { readonly conditions?: readonly { readonly reason: string }[] };

function tell(what: string, times: readonly number[]): void {
  const sorted = [...times].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  console.log(`${what}: median ${median.toFixed(0)} ms, longest ${sorted.at(-1)?.toFixed(0)} ms`);
}
