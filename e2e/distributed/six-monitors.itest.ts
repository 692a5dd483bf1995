import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CachegroupName, cachegroupName, type GroupName, groupName } from '../../common/ids.ts';
import { sleep, until } from '../../monitor/testing/waiting.ts';
import { SimulatedCdn } from '../../sim/simulated-cdn.ts';
import { Fleet, type Owners } from './testing/fleet.ts';
import { Sampler } from './testing/sampler.ts';
import { Truth } from './testing/truth.ts';

const POLL_MS = 2000;
const PEER_MS = 1000;

/** `npm run test:hand-over` takes five minutes. */
const DURATION_MS = Number(process.env['HAND_OVER_SECONDS'] ?? 60) * 1000;

/** A failed cache may be told as available for so long. */
const BOUND_MS = 2 * POLL_MS + PEER_MS;

const GROUPS = ['amer', 'apac', 'emea'];
const EDGES = 24;

const world = {
  edges: EDGES,
  cachegroups: 6,
  intervals: { health: POLL_MS, peers: PEER_MS, trafficOps: 5000 },
  profile: { connectionTimeoutMs: 300, thresholds: { loadavg: '25.0' } },
};

/** Two of six cachegroups each; then one moves from group to group. */
function ownersOf(cachegroups: readonly CachegroupName[], moves: number): Map<GroupName, CachegroupName[]> {
  const owners = new Map(GROUPS.map((group) => [groupName(group), [] as CachegroupName[]]));
  for (const [index, cachegroup] of cachegroups.entries()) {
    const home = Math.floor(index / 2);
    const group = GROUPS[index === 0 ? moves % GROUPS.length : home];
    if (group !== undefined) owners.get(groupName(group))?.push(cachegroup);
  }
  return owners;
}

describe('six monitors of three groups, while caches fail and recover', () => {
  it(`are right about every cache for ${DURATION_MS / 1000} s of kills and hand-overs`, async (t) => {
    const cdn = await SimulatedCdn.start({ world });
    t.after(() => cdn.close());
    const cachegroups = [...new Set(cdn.world.caches.map(({ cachegroup }) => cachegroup))].map(
      cachegroupName,
    );
    const caches = cdn.world.caches.map(({ name }) => name);
    const options = { groups: GROUPS, membersEach: 2, redundancy: 'All' } as const;
    const fleet = await Fleet.start(t, cdn, options, ownersOf(cachegroups, 0));
    await fleet.untilOpen();

    const truth = new Truth(cdn);
    const monitors = fleet.monitors.map(({ name, folder }) => ({
      name,
      read: () => folder.get('/publish/CrStates'),
    }));
    const sampler = new Sampler({ monitors, truth, caches, recoveredAfterMs: BOUND_MS });
    sampler.start();
    const startMs = performance.now();
    const elapsedMs = (): number => performance.now() - startMs;
    const isOver = (): boolean => elapsedMs() >= DURATION_MS;
    let assignments = 0;

    const breakAndMend = async (): Promise<void> => {
      for (let step = 0; !isOver(); step++) {
        // Every cache has its turn; at most a third is broken.
        const cache = caches[(step * 7) % caches.length];
        const isBroken = cache !== undefined && truth.brokenForMs(cache, performance.now()) !== null;
        if (cache !== undefined && (isBroken || truth.broken < EDGES / 3)) await truth.turn(cache);
        await sleep(700);
      }
    };
    const reassign = async (): Promise<void> => {
      for (let moves = 1; !isOver(); moves++) {
        await sleep(Math.min(15_000, DURATION_MS / 4));
        if (isOver()) return;
        await move(fleet, cachegroups, moves);
        assignments++;
        await sleep(15_000);
      }
    };
    const killOne = async (): Promise<void> => {
      const victim = fleet.monitors[3];
      assert.ok(victim !== undefined);
      await sleep(DURATION_MS / 3);
      await fleet.kill(victim);
      await sleep(Math.min(20_000, DURATION_MS / 4));
      fleet.restart(victim);
    };
    await Promise.all([breakAndMend(), reassign(), killOne()]);
    await sampler.stop();

    const { verdicts, answers, wrongs, longestMs, longestWhere, heldUpMs, refusals } = sampler;
    t.diagnostic(
      `${verdicts} verdicts in ${answers} answers; ${truth.changes} faults and recoveries; ${assignments} assignments`,
    );
    t.diagnostic(
      `a failed cache was told as available for ${longestMs.toFixed(0)} ms at the longest (${longestWhere}); bound ${BOUND_MS} ms; the test itself was held up for ${heldUpMs.toFixed(0)} ms at most`,
    );
    t.diagnostic(
      `not answered with 200: ${[...refusals].map(([what, count]) => `${what} ${count}×`).join(', ')}`,
    );
    assert.deepEqual(wrongs, [], 'healthy caches that were told as unavailable');
    assert.ok(longestMs <= BOUND_MS + heldUpMs, `${longestMs} ms`);
    const victim = fleet.monitors[3]?.name ?? '';
    assert.deepEqual(
      [...refusals.keys()].filter((what) => !what.startsWith(`${victim}:`)),
      [],
      'only the killed monitor may refuse',
    );
    assert.ok(assignments >= 2);
    await assertSettled(cdn, fleet, cachegroups, assignments);
  });
});

/** One cachegroup moves to the next group: in one step, or with both named for a while, by turns. */
async function move(fleet: Fleet, cachegroups: readonly CachegroupName[], moves: number): Promise<void> {
  const [moving] = cachegroups;
  if (moving === undefined) return;
  const owners = ownersOf(cachegroups, moves);
  if (moves % 2 === 0) {
    const from = groupName(GROUPS[(moves - 1) % GROUPS.length] ?? '');
    const to = groupName(GROUPS[moves % GROUPS.length] ?? '');
    const both: Owners = new Map([...owners, [from, [...(owners.get(from) ?? []), moving]]]);
    fleet.assign(both, [{ cachegroup: moving, from, to }]);
    await sleep(2 * POLL_MS);
  }
  fleet.assign(owners);
}

/** After a while each cache is polled by the members of its group and by nobody else. */
async function assertSettled(
  cdn: SimulatedCdn,
  fleet: Fleet,
  cachegroups: readonly CachegroupName[],
  moves: number,
): Promise<void> {
  const owners = ownersOf(cachegroups, moves);
  await until(
    'hand-overs end',
    async () => {
      for (const { folder, group } of fleet.monitors) {
        const { text } = await folder.get('/api/monitor-groups');
        const { caches, revision } = JSON.parse(text) as {
          revision: number;
          caches: Record<string, { cachegroup: CachegroupName; direct: boolean }>;
        };
        if (revision !== fleet.revision) return false;
        const mine = owners.get(group) ?? [];
        const isSettled = Object.values(caches).every(
          (cache) => cache.direct === mine.includes(cache.cachegroup),
        );
        if (!isSettled || Object.keys(caches).length !== cdn.world.caches.length) return false;
      }
      return true;
    },
    20_000,
  );
}
