import assert from 'node:assert/strict';
import type { AssignmentDocument, Redundancy } from '../../../common/assignment/document.ts';
import { cachegroupName, cdnName, groupName, monitorName } from '../../../common/ids.ts';
import {
  cachesIn,
  PEER_MS,
  POLL_MS,
  type SimulatedCacheTruth,
  SimulatedMonitor,
  TIMEOUT_MS,
} from './simulated-monitor.ts';

export const STEP_MS = 50;
export const GROUPS = ['amer', 'apac', 'emea'];
export const CACHEGROUPS = ['lima', 'lyon', 'oslo', 'rome', 'seoul', 'tokyo'];

/** A failed cache must be down everywhere after this: noticed here, told to a mate, told to another group. */
const DETECTED_MS = POLL_MS + TIMEOUT_MS + 2 * PEER_MS + 2 * STEP_MS;

/** Owner of each cachegroup → the document. */
export const documentOf = (owners: readonly number[], redundancy: Redundancy): AssignmentDocument => ({
  version: 1,
  revision: 1,
  cdn: cdnName('cdn-1'),
  group: groupName('amer'),
  redundancy,
  groups: GROUPS.map((name, group) => ({
    name: groupName(name),
    cachegroups: CACHEGROUPS.filter((_, index) => owners[index] === group).map(cachegroupName),
    members: [0, 1].map((ordinal) => ({ name: monitorName(`${name}-${ordinal}`), host: name, port: 80 })),
  })),
  handovers: [],
  failovers: [],
});

/** Three groups of two monitors each, and what routers are told meanwhile. */
export class Simulation {
  readonly caches: readonly SimulatedCacheTruth[];
  readonly monitors: SimulatedMonitor[];
  #document: AssignmentDocument;
  readonly #changedMs = new Map<SimulatedCacheTruth, number>();
  nowMs = 1_000_000;
  /** Whether each cache has to have a poller that knows it. */
  isCovered = false;
  /** What failed caches may be told up for beyond the usual, in ms. */
  patienceMs = 0;
  samples = 0;

  constructor(document: AssignmentDocument, cachesEach = 2) {
    this.caches = cachesIn(CACHEGROUPS, cachesEach);
    this.monitors = GROUPS.flatMap((group) =>
      [0, 1].map((ordinal) => new SimulatedMonitor(`${group}-${ordinal}`, group, this.caches)),
    );
    this.#document = document;
    this.assign(document);
  }

  kill(number: number): void {
    const monitor = this.monitors[number];
    if (monitor !== undefined) monitor.isAlive = false;
  }

  /** Starts those that are dead anew: they know nothing. */
  restart(): void {
    for (const [number, { isAlive, name, group }] of this.monitors.entries()) {
      if (isAlive) continue;
      const monitor = new SimulatedMonitor(name, group, this.caches);
      monitor.island = this.monitors[number]?.island ?? 0;
      monitor.apply(this.#document, this.nowMs);
      this.monitors[number] = monitor;
    }
  }

  assign(document: AssignmentDocument): void {
    this.#document = document;
    for (const monitor of this.monitors) monitor.apply(document, this.nowMs);
  }

  /** @param island 0: where the caches are */
  move(number: number, island: number): void {
    const monitor = this.monitors[number];
    if (monitor !== undefined) monitor.island = island;
  }

  turn(cache: SimulatedCacheTruth): void {
    cache.isHealthy = !cache.isHealthy;
    this.#changedMs.set(cache, this.nowMs);
  }

  run(ms: number): void {
    for (const endMs = this.nowMs + ms; this.nowMs < endMs; this.nowMs += STEP_MS) {
      for (const monitor of this.monitors) {
        if (!monitor.isAlive) continue;
        monitor.pollCaches(this.nowMs, STEP_MS);
        monitor.askOthers(this.monitors, this.nowMs, STEP_MS);
        if (this.nowMs % 1000 === 0) monitor.pass(this.nowMs);
      }
      this.#sample();
      this.#checkKnown();
    }
  }

  /** Once known, a cache is never without a poller that knows it. */
  #checkKnown(): void {
    if (!this.isCovered) return;
    for (const { name } of this.caches) {
      assert.ok(
        this.monitors.some((monitor) => monitor.knows(name)),
        `nobody knows ${name} at ${this.nowMs}`,
      );
    }
  }

  #sample(): void {
    for (const monitor of this.monitors) {
      // Routers are where the caches are.
      if (!monitor.answers || monitor.island !== 0) continue;
      for (const cache of this.caches) {
        this.samples++;
        const forMs = this.nowMs - (this.#changedMs.get(cache) ?? 0);
        // Up for as long as it takes to notice: told as up. Down for as long as it may take: told as down.
        if (forMs < DETECTED_MS + this.patienceMs) continue;
        const told = monitor.isAvailable(cache.name) ? 'up' : 'down';
        const truth = cache.isHealthy ? 'up' : 'down';
        assert.equal(
          told,
          truth,
          `${monitor.name} tells ${cache.name} at ${this.nowMs}, ${forMs} ms after it turned`,
        );
      }
    }
  }

  pollersOf({ name }: SimulatedCacheTruth): string[] {
    return this.monitors.filter((monitor) => monitor.polls(name)).map((monitor) => monitor.name);
  }
}

export const START = [0, 0, 1, 1, 2, 2];

/** All gates are open. */
export function started(redundancy: Redundancy, cachesEach = 2): Simulation {
  const simulation = new Simulation(documentOf(START, redundancy), cachesEach);
  simulation.run(5000);
  assert.ok(
    simulation.monitors.every(({ answers }) => answers),
    'all gates open',
  );
  simulation.isCovered = true;
  return simulation;
}
