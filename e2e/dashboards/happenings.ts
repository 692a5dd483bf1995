import { setTimeout as sleep } from 'node:timers/promises';
import type { CacheName } from '../../common/ids.ts';
import { healthy } from '../../sim/behaviours.ts';
import type { CacheState } from '../../sim/simulated-cache.ts';
import { withoutHalf } from '../../sim/without-half.ts';
import type { WatchedWorld } from './watched-world.ts';

interface Happening {
  readonly atSeconds: number;
  readonly what: string;
  readonly happen: (world: WatchedWorld) => Promise<unknown>;
}

/** How long all of it takes, with a quiet time before. */
export const showSeconds = 285;

const update = (world: WatchedWorld, names: readonly CacheName[], state: Partial<CacheState>) =>
  Promise.all(names.map((name) => world.cdn.farm.update(name, state)));

const cachesOf = ({ cdn }: WatchedWorld, cachegroup: string): CacheName[] =>
  cdn.world.caches.filter((cache) => cache.cachegroup === cachegroup).map(({ name }) => name);

/** What goes wrong while Prometheus looks on; the last of it is still so in the pictures. */
const happenings: readonly Happening[] = [
  {
    atSeconds: 20,
    what: 'two caches in Frankfurt hang',
    happen: (world) =>
      update(world, cachesOf(world, 'frankfurt').slice(0, 2), { behaviour: { kind: 'hang' } }),
  },
  {
    atSeconds: 35,
    what: 'one monitor of emea is killed',
    happen: async ({ pods }) => pods.kill('tm-emea-1'),
  },
  {
    atSeconds: 45,
    what: 'Frankfurt answers again',
    happen: (world) => update(world, cachesOf(world, 'frankfurt'), { behaviour: healthy }),
  },
  {
    atSeconds: 60,
    what: 'the monitor of emea is started again',
    happen: ({ pods }) => pods.start('tm-emea-1'),
  },
  {
    atSeconds: 70,
    what: 'cachegroup Denver goes dark',
    happen: (world) => update(world, cachesOf(world, 'denver'), { behaviour: { kind: 'refused' } }),
  },
  {
    atSeconds: 90,
    what: 'both monitors of apac are killed',
    async happen({ pods }) {
      pods.kill('tm-apac-0');
      pods.kill('tm-apac-1');
    },
  },
  {
    atSeconds: 120,
    what: 'Traffic Ops goes away',
    happen: ({ cdn }) => cdn.trafficOps.setMode('refuse'),
  },
  {
    atSeconds: 145,
    what: 'Traffic Ops is back',
    happen: ({ cdn }) => cdn.trafficOps.setMode('up'),
  },
  {
    atSeconds: 150,
    what: 'Denver is back',
    happen: (world) => update(world, cachesOf(world, 'denver'), { behaviour: healthy }),
  },
  {
    atSeconds: 185,
    what: 'both monitors of apac are started again',
    async happen({ pods }) {
      await pods.start('tm-apac-0');
      await pods.start('tm-apac-1');
    },
  },
  {
    atSeconds: 190,
    what: 'cachegroup Sydney goes dark',
    happen: (world) => update(world, cachesOf(world, 'sydney'), { behaviour: { kind: 'refused' } }),
  },
  {
    atSeconds: 205,
    what: 'the leading operator is killed',
    async happen({ operators }) {
      for (const operator of operators) if (await operator.isLeader()) operator.kill();
    },
  },
  {
    atSeconds: 220,
    what: 'it is started again, and stands by',
    async happen({ operators }) {
      for (const operator of operators) if (!operator.running) operator.restart();
    },
  },
  {
    atSeconds: 235,
    what: 'one cache in Tokyo answers with garbage, three in Madrid are overloaded',
    async happen(world) {
      await update(world, cachesOf(world, 'tokyo').slice(0, 1), { behaviour: { kind: 'garbage-body' } });
      await update(world, cachesOf(world, 'madrid').slice(0, 3), { loadAverage: 60 });
    },
  },
  {
    atSeconds: 260,
    what: 'Traffic Ops loses half of the caches',
    happen: async ({ cdn }) => cdn.trafficOps.replace(withoutHalf(cdn.world)),
  },
];

/** Lets everything happen in its time. */
export async function letHappen(world: WatchedWorld, tell: (line: string) => void): Promise<void> {
  const startedMs = performance.now();
  const until = (seconds: number) => sleep(Math.max(0, startedMs + seconds * 1000 - performance.now()));
  for (const { atSeconds, what, happen } of happenings) {
    await until(atSeconds);
    tell(`${String(atSeconds).padStart(4)} s  ${what}`);
    await happen(world);
  }
  await until(showSeconds);
}
