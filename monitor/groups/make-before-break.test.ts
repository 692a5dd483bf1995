import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { AssignmentDocument, Redundancy } from '../../common/assignment/document.ts';
import { cachegroupName, cdnName, groupName, monitorName } from '../../common/ids.ts';
import {
  cachesIn,
  PEER_MS,
  POLL_MS,
  type SimulatedCacheTruth,
  SimulatedMonitor,
  TIMEOUT_MS,
} from './testing/simulated-monitor.ts';

const STEP_MS = 50;
const GROUPS = ['amer', 'apac', 'emea'];
const CACHEGROUPS = ['lima', 'lyon', 'oslo', 'rome', 'seoul', 'tokyo'];

/** A failed cache must be down everywhere after this: noticed here, told to a mate, told to another group. */
const DETECTED_MS = POLL_MS + TIMEOUT_MS + 2 * PEER_MS + 2 * STEP_MS;

/** Owner of each cachegroup → the document. */
const documentOf = (owners: readonly number[], redundancy: Redundancy): AssignmentDocument => ({
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

class Simulation {
  readonly caches: readonly SimulatedCacheTruth[] = cachesIn(CACHEGROUPS, 2);
  readonly monitors = GROUPS.flatMap((group) =>
    [0, 1].map((ordinal) => new SimulatedMonitor(`${group}-${ordinal}`, group, this.caches)),
  );
  #document: AssignmentDocument;
  readonly #changedMs = new Map<SimulatedCacheTruth, number>();
  nowMs = 1_000_000;
  /** Whether each cache has to have a poller that knows it. */
  isCovered = false;
  samples = 0;

  constructor(document: AssignmentDocument) {
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
      monitor.apply(this.#document, this.nowMs);
      this.monitors[number] = monitor;
    }
  }

  assign(document: AssignmentDocument): void {
    this.#document = document;
    for (const monitor of this.monitors) monitor.apply(document, this.nowMs);
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
      if (!monitor.answers) continue;
      for (const cache of this.caches) {
        this.samples++;
        const forMs = this.nowMs - (this.#changedMs.get(cache) ?? 0);
        // Up for as long as it takes to notice: told as up. Down for as long as it may take: told as down.
        if (forMs < DETECTED_MS) continue;
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

const START = [0, 0, 1, 1, 2, 2];

function started(redundancy: Redundancy): Simulation {
  const simulation = new Simulation(documentOf(START, redundancy));
  simulation.run(5000);
  assert.ok(
    simulation.monitors.every(({ answers }) => answers),
    'all gates open',
  );
  simulation.isCovered = true;
  return simulation;
}

type Happening =
  | { readonly kind: 'assign'; readonly owners: readonly number[] }
  | { readonly kind: 'turn'; readonly cache: number }
  | { readonly kind: 'kill'; readonly monitor: number }
  | { readonly kind: 'wait'; readonly steps: number };

const assign = fc.record({
  kind: fc.constant('assign' as const),
  owners: fc.array(fc.nat(2), { minLength: 6, maxLength: 6 }),
});
const turn = fc.record({ kind: fc.constant('turn' as const), cache: fc.nat(11) });
const wait = fc.record({ kind: fc.constant('wait' as const), steps: fc.integer({ min: 1, max: 60 }) });
const kill = fc.record({ kind: fc.constant('kill' as const), monitor: fc.nat(5) });

function happen(simulation: Simulation, happening: Happening, redundancy: Redundancy): void {
  switch (happening.kind) {
    case 'assign':
      simulation.assign(documentOf(happening.owners, redundancy));
      break;
    case 'wait':
      simulation.run(happening.steps * STEP_MS);
      break;
    case 'turn': {
      const cache = simulation.caches[happening.cache];
      if (cache !== undefined) simulation.turn(cache);
      break;
    }
    case 'kill':
      // One at a time, and not before the last one knows its caches.
      simulation.restart();
      simulation.run(4000);
      simulation.kill(happening.monitor);
  }
}

describe('monitors whose assignment changes at any moment, while caches fail and recover', () => {
  const cases: readonly (readonly [
    redundancy: Redundancy,
    happenings: readonly fc.Arbitrary<Happening>[],
  ])[] = [
    ['All', [assign, turn, wait]],
    ['All', [turn, wait, kill]],
    [1, [assign, turn, wait]],
  ];
  for (const [redundancy, kinds] of cases) {
    const what = kinds.includes(kill) ? 'one monitor dies' : 'assignments change';
    it(`tell no healthy cache as down and no failed one as up for long: redundancy ${redundancy}, ${what}`, () => {
      let samples = 0;
      fc.assert(
        fc.property(fc.array(fc.oneof(...kinds), { maxLength: 25 }), (happenings) => {
          const simulation = started(redundancy);
          for (const happening of happenings) happen(simulation, happening, redundancy);
          simulation.run(4000);
          samples += simulation.samples;
        }),
        { numRuns: 20 },
      );
      assert.ok(samples > 100_000);
    });
  }

  it('end a hand-over: each cache is polled by its new group alone', () => {
    fc.assert(
      fc.property(assign, ({ owners }) => {
        const simulation = started('All');
        simulation.assign(documentOf(owners, 'All'));
        simulation.run(5000);
        for (const cache of simulation.caches) {
          const group = GROUPS[owners[CACHEGROUPS.indexOf(cache.cachegroup)] ?? 0];
          assert.deepEqual(simulation.pollersOf(cache), [`${group}-0`, `${group}-1`]);
        }
      }),
      { numRuns: 10 },
    );
  });
});

describe('when a member of a group that shares its caches dies', () => {
  it('the others take its caches over, and give them back when it has returned', () => {
    const simulation = started(1);
    const [dead, mate] = simulation.monitors;
    assert.ok(dead !== undefined && mate !== undefined);
    const its = simulation.caches.filter((cache) => simulation.pollersOf(cache).includes(dead.name));
    assert.ok(its.length > 0);
    simulation.isCovered = false;
    simulation.kill(0);
    simulation.run(3 * PEER_MS + PEER_MS);
    for (const cache of its) assert.deepEqual(simulation.pollersOf(cache), [mate.name]);
    simulation.run(2 * POLL_MS + 2 * PEER_MS);
    simulation.isCovered = true;
    simulation.restart();
    simulation.run(10_000);
    for (const cache of its) assert.deepEqual(simulation.pollersOf(cache), [dead.name]);
  });
});

describe('when a whole group is out of reach', () => {
  it('its caches keep their last states, are polled by the others after a while, and given back', () => {
    const simulation = started('All');
    const its = simulation.caches.filter(({ cachegroup }) => ['lima', 'lyon'].includes(cachegroup));
    simulation.isCovered = false;
    simulation.kill(0);
    simulation.kill(1);
    simulation.run(14_000);
    for (const cache of its)
      assert.deepEqual(simulation.pollersOf(cache), ['apac-0', 'apac-1', 'emea-0', 'emea-1']);
    const [failing] = its;
    assert.ok(failing !== undefined);
    simulation.turn(failing);
    simulation.run(5000);
    simulation.restart();
    simulation.run(5000);
    for (const cache of its) assert.deepEqual(simulation.pollersOf(cache), ['amer-0', 'amer-1']);
  });

  it("a monitor that starts meanwhile opens when it has polled that group's caches itself", () => {
    const simulation = new Simulation(documentOf(START, 'All'));
    simulation.kill(0);
    simulation.kill(1);
    simulation.run(9000);
    assert.ok(simulation.monitors.every(({ answers }) => !answers));
    simulation.run(5000);
    assert.ok(simulation.monitors.every(({ answers, isAlive }) => answers === isAlive));
  });
});
