import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import type { SimulatedCache } from '../sim/simulated-cache.ts';
import { SimulatedCdn } from '../sim/simulated-cdn.ts';
import { MonitorUnderTest } from './monitor-under-test.ts';

export interface VerdictLatency {
  readonly caches: number;
  readonly samples: number;
  /** ms from the answer that decides to the CrStates body that says so. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** A change that was scripted, and whether the cache has told of it yet. */
interface Change {
  readonly healthy: boolean;
  answeredMs: number | null;
}

const READ_EVERY_MS = 5;
/** Under way at a time, among the caches that are changed in turn. */
const CHANGES = 20;
const CHANGED_CACHES = 100;

/**
 * Overloads caches and relieves them, and measures how long after the answer that says so a reader of CrStates, asking
 * every 5 ms, sees the other verdict.
 */
export async function measureVerdictLatency(
  caches: number,
  samples: number,
  port: number,
): Promise<VerdictLatency> {
  const cdn = await SimulatedCdn.start({ world: { edges: caches, intervals: { health: 1000 } } });
  const tested = await MonitorUnderTest.start('monitor', port, {
    cachePort: cdn.farm.port,
    edges: caches,
    intervals: { health: 1000 },
  });
  try {
    return summary(caches, await collect(cdn, tested.url, samples));
  } finally {
    await tested.stop();
    await cdn.close();
  }
}

async function collect(cdn: SimulatedCdn, url: string, samples: number): Promise<number[]> {
  const pending = new Map<string, Change>();
  const latencies: number[] = [];
  const names = cdn.world.caches.slice(0, CHANGED_CACHES).map(({ name }) => name);
  for (const name of names) watchAnswers(cdn.farm.cache(name), () => pending.get(name));
  let next = 0;
  let healthy = false;
  while (latencies.length < samples) {
    while (pending.size < CHANGES) {
      const name = names[next % names.length];
      if (name === undefined || pending.has(name)) break;
      void cdn.farm.update(name, { loadAverage: healthy ? 0.2 : 99 });
      pending.set(name, { healthy, answeredMs: null });
      next++;
      if (next % names.length === 0) healthy = !healthy;
    }
    const body = await (await request(`${url}/publish/CrStates`)).body.text();
    const readMs = performance.now();
    for (const [name, change] of pending) {
      if (change.answeredMs === null || !body.includes(`"${name}":{"isAvailable":${change.healthy}`))
        continue;
      latencies.push(readMs - change.answeredMs);
      pending.delete(name);
    }
    await sleep(READ_EVERY_MS);
  }
  return latencies;
}

/** Notes when the cache first answers after a change. */
function watchAnswers(cache: SimulatedCache, changeOf: () => Change | undefined): void {
  const payload = cache.payload.bind(cache);
  cache.payload = (...args) => {
    const change = changeOf();
    if (change !== undefined) change.answeredMs ??= performance.now();
    return payload(...args);
  };
}

function summary(caches: number, latencies: number[]): VerdictLatency {
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { caches, samples: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}
