import { assign } from '../common/assignment/assign.ts';
import { type GroupProgress, planHandover } from '../common/assignment/handover.ts';
import type { AssignableGroup, Strategy } from '../common/assignment/plan.ts';
import { cachegroupName, type GroupName, groupName } from '../common/ids.ts';

export interface AssignmentTime {
  readonly what: string;
  readonly ms: number;
}

/** How long it takes to plan who polls what in a CDN of that size: the shortest of some runs each. */
export function measureAssignment(groups: number, cachegroups: number): AssignmentTime[] {
  const places = Array.from({ length: cachegroups }, (_, i) => ({
    name: cachegroupName(`cg-${i}`),
    coordinates: coordinatesOf(i),
  }));
  const times: AssignmentTime[] = [];
  const size = `${cachegroups} cachegroups, ${groups} groups`;
  for (const strategy of ['closest', 'buckets'] as const) {
    const all = Array.from({ length: groups }, (_, i) => groupOf(i, strategy));
    const anew = timed(() => assign({ groups: all, cachegroups: places, previous: null }));
    times.push({ what: `${size}, ${strategy}, anew`, ms: anew.ms });
    const added = [...all, groupOf(groups, strategy)];
    const again = timed(() => assign({ groups: added, cachegroups: places, previous: anew.result }));
    times.push({ what: `${size}, ${strategy}, one group added`, ms: again.ms });
    const tenDown = all.map((group, i) => ({ ...group, onDuty: i % 20 !== 0 }));
    const down = timed(() => assign({ groups: tenDown, cachegroups: places, previous: anew.result }));
    times.push({ what: `${size}, ${strategy}, every 20th group down`, ms: down.ms });
    if (strategy === 'buckets') continue;
    const progress = new Map<GroupName, GroupProgress>(
      added.map(({ name }) => [name, { live: true, polledRevision: 1, handoverTimeoutMs: 30_000 }]),
    );
    const owners = new Map([...anew.result.owners].map(([name, owner]) => [name, [owner]]));
    const step = timed(() =>
      planHandover({
        current: { revision: 1, owners, pending: [] },
        desired: again.result.owners,
        progress,
        nowMs: 0,
      }),
    );
    times.push({ what: `${size}, one step of hand-overs`, ms: step.ms });
  }
  return times;
}

function groupOf(index: number, strategy: Strategy): AssignableGroup {
  const name = groupName(`group-${index}`);
  return { name, coordinates: coordinatesOf(index * 7), strategy, claims: [], excludes: [], onDuty: true };
}

/** Degrees, spread over the world. */
const coordinatesOf = (index: number) => ({
  latitude: ((index * 37.3) % 140) - 70,
  longitude: ((index * 101.7) % 360) - 180,
});

function timed<Result>(run: () => Result): { result: Result; ms: number } {
  let ms = Number.POSITIVE_INFINITY;
  let result = run();
  for (let i = 0; i < 3; i++) {
    const started = performance.now();
    result = run();
    ms = Math.min(ms, performance.now() - started);
  }
  return { result, ms };
}
