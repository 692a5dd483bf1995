import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Redundancy } from '../../common/assignment/document.ts';
import { PEER_MS, POLL_MS } from './testing/simulated-monitor.ts';
import {
  CACHEGROUPS,
  documentOf,
  GROUPS,
  Simulation,
  START,
  STEP_MS,
  started,
} from './testing/simulation.ts';

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
