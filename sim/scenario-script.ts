import type { CachegroupName, CacheName } from '../common/ids.ts';
import { healthy } from './behaviours.ts';
import { integerBetween, oneOf, type Random, seededRandom } from './seeded-random.ts';
import type { CacheState } from './simulated-cache.ts';
import type { TrafficOpsMode } from './traffic-ops.ts';
import type { World } from './world.ts';
import type { WorldCache } from './world-parts.ts';

/** What is done to the CDN in one step. */
export type ScenarioAction =
  | {
      readonly kind: 'caches';
      readonly caches: readonly CacheName[];
      readonly state: Partial<CacheState>;
      /** What a monitor should say of them from now on. */
      readonly available: boolean;
    }
  | { readonly kind: 'traffic-ops'; readonly mode: TrafficOpsMode }
  | { readonly kind: 'add-edge'; readonly cachegroup: CachegroupName };

export interface ScenarioStep {
  /** Since the start of the scenario. */
  readonly atMs: number;
  /** For a person: what happens, in a sentence without its full stop. */
  readonly text: string;
  readonly action: ScenarioAction;
}

export interface ScenarioOptions {
  readonly seed: number;
  readonly seconds: number;
  /** Traffic of a cache that is well, in kbps. */
  readonly usualKbps?: number;
}

/** One thing that goes wrong, and its end. */
interface Incident {
  readonly caches: readonly WorldCache[];
  readonly what: string;
  readonly state: Partial<CacheState>;
  readonly cure: Partial<CacheState>;
  readonly cured: string;
}

type IncidentMaker = (pick: Pick, options: ScenarioOptions, random: Random) => Incident | null;

/** Caches that nothing else is happening to. */
interface Pick {
  edge(): WorldCache | undefined;
  cachegroup(): readonly WorldCache[];
}

const overload: IncidentMaker = (pick, _options, random) => {
  const load = integerBetween(random, 32, 60);
  return single(
    pick.edge(),
    `is overloaded: load average ${load}`,
    { loadAverage: load },
    'is at rest again',
    {
      loadAverage: 0.22,
    },
  );
};

const crash: IncidentMaker = (pick) =>
  single(pick.edge(), 'crashes: nobody listens', { behaviour: { kind: 'refused' } }, 'is started again', {
    behaviour: healthy,
  });

const bandwidth: IncidentMaker = (pick, { usualKbps = 800_000 }) =>
  single(pick.edge(), 'fills its line: 19.6 of 20 Gbps', { kbps: 19_600_000 }, 'has room on its line again', {
    kbps: usualKbps,
  });

const garbage: IncidentMaker = (pick) =>
  single(pick.edge(), 'answers with garbage', { behaviour: { kind: 'garbage-body' } }, 'makes sense again', {
    behaviour: healthy,
  });

const hang: IncidentMaker = (pick) =>
  single(pick.edge(), 'takes requests and never answers', { behaviour: { kind: 'hang' } }, 'answers again', {
    behaviour: healthy,
  });

const notAvailable: IncidentMaker = (pick) =>
  single(pick.edge(), 'asks not to be used', { notAvailable: true }, 'wants traffic again', {
    notAvailable: false,
  });

const cachegroupDown: IncidentMaker = (pick) => {
  const caches = pick.cachegroup();
  const name = caches[0]?.cachegroup ?? '';
  return {
    caches,
    what: `cachegroup ${name} goes dark: all of its ${caches.length} caches are down`,
    state: { behaviour: { kind: 'refused' } },
    cure: { behaviour: healthy },
    cured: `cachegroup ${name} is back`,
  };
};

/** Each once in this order, then by chance. `null`: something that concerns no cache, see `planScenario`. */
const incidents: readonly (IncidentMaker | 'outage' | 'snapshot')[] = [
  overload,
  crash,
  'outage',
  bandwidth,
  cachegroupDown,
  'snapshot',
  notAvailable,
  hang,
  garbage,
];

const mostNewEdges = 3;

/** Everything that will happen, in order of time. Pure: same world and seed, same story. */
export function planScenario(world: World, options: ScenarioOptions): ScenarioStep[] {
  const random = seededRandom(options.seed);
  const busyUntil = new Map<CacheName, number>();
  const steps: ScenarioStep[] = [];
  let newEdges = 0;
  let outageUntil = 0;
  let atMs = 500;
  for (let round = 0; atMs < options.seconds * 1000; round++) {
    const incident = incidents[round] ?? oneOf(random, incidents) ?? overload;
    const endMs = atMs + integerBetween(random, 5000, 9000);
    if (incident === 'outage') {
      if (atMs >= outageUntil) steps.push(...outage(atMs, endMs));
      outageUntil = Math.max(outageUntil, endMs);
    } else if (incident === 'snapshot') {
      const group = oneOf(
        random,
        world.cachegroups.filter((candidate) => candidate.tier === 'EDGE'),
      );
      // A new cache needs Traffic Ops to be there.
      if (group !== undefined && newEdges < mostNewEdges && atMs >= outageUntil) {
        newEdges++;
        steps.push({
          atMs,
          text: `Traffic Ops has a new snapshot: one more edge in ${group.cachegroup}`,
          action: { kind: 'add-edge', cachegroup: group.cachegroup },
        });
      }
    } else {
      const made = incident(pickerAt(world, busyUntil, atMs, random), options, random);
      for (const cache of made?.caches ?? []) busyUntil.set(cache.name, endMs + 4000);
      if (made !== null && made.caches.length > 0) steps.push(...bothEnds(made, atMs, endMs));
    }
    atMs += integerBetween(random, 2000, 4000);
  }
  return steps.sort((one, other) => one.atMs - other.atMs);
}

function single(
  cache: WorldCache | undefined,
  what: string,
  state: Partial<CacheState>,
  cured: string,
  cure: Partial<CacheState>,
): Incident | null {
  if (cache === undefined) return null;
  return { caches: [cache], what: `${cache.name} ${what}`, state, cured: `${cache.name} ${cured}`, cure };
}

function bothEnds(incident: Incident, atMs: number, endMs: number): ScenarioStep[] {
  const caches = incident.caches.map((cache) => cache.name);
  return [
    {
      atMs,
      text: incident.what,
      action: { kind: 'caches', caches, state: incident.state, available: false },
    },
    {
      atMs: endMs,
      text: incident.cured,
      action: { kind: 'caches', caches, state: incident.cure, available: true },
    },
  ];
}

function outage(atMs: number, endMs: number): ScenarioStep[] {
  return [
    {
      atMs,
      text: 'Traffic Ops is gone; the monitor should go on with what it knows',
      action: { kind: 'traffic-ops', mode: 'refuse' },
    },
    { atMs: endMs, text: 'Traffic Ops is back', action: { kind: 'traffic-ops', mode: 'up' } },
  ];
}

function pickerAt(
  world: World,
  busyUntil: ReadonlyMap<CacheName, number>,
  atMs: number,
  random: Random,
): Pick {
  const idle = (cache: WorldCache) => (busyUntil.get(cache.name) ?? 0) <= atMs && cache.status === 'REPORTED';
  const edges = world.caches.filter((cache) => cache.type === 'EDGE');
  return {
    edge: () => oneOf(random, edges.filter(idle)),
    cachegroup: () => {
      const groups = [...Map.groupBy(edges, (cache) => cache.cachegroup).values()];
      return (
        oneOf(
          random,
          groups.filter((caches) => caches.every(idle)),
        ) ?? []
      );
    },
  };
}
