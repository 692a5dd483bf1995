import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Redundancy } from '../../common/assignment/document.ts';
import { PEER_MS, POLL_MS } from './testing/simulated-monitor.ts';
import { type Simulation, started } from './testing/simulation.ts';

/** So many of each cachegroup that the silence of all that a monitor polls is no chance. */
function startedLarge(redundancy: Redundancy): Simulation {
  const simulation = started(redundancy, redundancy === 'All' ? 20 : 40);
  simulation.isCovered = false;
  return simulation;
}

describe('monitors that are cut off from the network and joined again tell no healthy cache down', () => {
  // Within a poll, between polls, as the gate shuts, until other groups' caches are taken over.
  const cutsMs = [250, 1500, 2600, 12_000];
  const cases: readonly (readonly [what: string, cutOff: readonly number[], redundancy: Redundancy])[] = [
    ['one monitor', [0], 'All'],
    ['one monitor of each of two groups, on one node, that hear each other', [0, 2], 'All'],
    ['the same, where each cache has one poller', [0, 2], 1],
    ['a whole group', [0, 1], 'All'],
  ];
  for (const [what, cutOff, redundancy] of cases) {
    it(what, () => {
      for (const cutMs of cutsMs) {
        const simulation = startedLarge(redundancy);
        for (const number of cutOff) simulation.move(number, 1);
        simulation.run(cutMs);
        for (const number of cutOff) simulation.move(number, 0);
        simulation.run(2 * POLL_MS);
      }
    });
  }
});

describe('a monitor that starts while it is cut off, with a backup', () => {
  it('does not open with what it cannot know', () => {
    const simulation = startedLarge('All');
    simulation.kill(0);
    simulation.move(0, 1);
    simulation.restart();
    simulation.run(10 * POLL_MS);
    simulation.move(0, 0);
    simulation.run(6 * POLL_MS);
    for (const { answers, name } of simulation.monitors) assert.equal(answers, true, name);
  });
});

describe('a group that loses all its caches at once', () => {
  it('believes it a poll later than of a single one, since others have news', () => {
    const simulation = startedLarge('All');
    simulation.patienceMs = POLL_MS + PEER_MS;
    for (const cache of simulation.caches)
      if (['lima', 'lyon'].includes(cache.cachegroup)) simulation.turn(cache);
    simulation.run(10 * POLL_MS);
    for (const cache of simulation.caches) if (!cache.isHealthy) simulation.turn(cache);
    simulation.run(5 * POLL_MS);
  });
});

describe('when all caches of the CDN fall silent at once', () => {
  it('no monitor believes what only its own network can have done: they say that they are cut off', () => {
    const simulation = startedLarge('All');
    for (const [number] of simulation.monitors.entries()) simulation.move(number, 1);
    simulation.run(6 * POLL_MS);
    for (const { answers, name } of simulation.monitors) assert.equal(answers, false, name);
    for (const [number] of simulation.monitors.entries()) simulation.move(number, 0);
    simulation.run(4 * POLL_MS);
    for (const { answers, name } of simulation.monitors) assert.equal(answers, true, name);
  });
});
