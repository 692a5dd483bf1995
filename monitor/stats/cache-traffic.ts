import type { CacheName } from '../../common/ids.ts';
import { PerSecondMemory } from './per-second.ts';
import type { TrafficFigures } from './traffic-figures.ts';

interface Traffic {
  readonly memory: PerSecondMemory;
  outBytes: bigint;
  capacityKbps: number;
  /** Whether the last stat poll was good: the rate of a cache that fails is not known. */
  isReporting: boolean;
  /** Time of the first good sample: ms since the epoch. */
  firstMs: number;
}

/** A cache that does not send anything is known well enough after this long: reference 6.4. */
const STILL_MS = 10_000;

/** What each cache sends altogether, for `/api/bandwidth-*` and the gate. */
export class CacheTraffic {
  readonly #caches = new Map<CacheName, Traffic>();

  /** Forgets caches that are not configured any more (D39). */
  apply(caches: Iterable<CacheName>): void {
    const present = new Set(caches);
    for (const name of this.#caches.keys()) if (!present.has(name)) this.#caches.delete(name);
  }

  /** A good stat poll. 0 bytes mean that the payload does not say: what was known stays (reference 6.2). */
  take(cache: CacheName, { outBytes, capacityKbps }: TrafficFigures, timeMs: number): void {
    let traffic = this.#caches.get(cache);
    if (traffic === undefined) {
      const memory = new PerSecondMemory(1);
      traffic = { memory, outBytes: 0n, capacityKbps: 0, isReporting: true, firstMs: timeMs };
      this.#caches.set(cache, traffic);
    }
    traffic.isReporting = true;
    traffic.capacityKbps = capacityKbps;
    if (outBytes !== 0n) traffic.outBytes = outBytes;
    if (traffic.outBytes !== 0n) traffic.memory.update(0, Number(traffic.outBytes), timeMs);
  }

  /** A stat poll that failed. */
  fail(cache: CacheName): void {
    const traffic = this.#caches.get(cache);
    if (traffic !== undefined) traffic.isReporting = false;
  }

  /** Bytes a second. */
  outBytesPerSecond(cache: CacheName): number {
    return this.#caches.get(cache)?.memory.rates[0] ?? 0;
  }

  /** kbps of the fastest interface; 0: not known. */
  capacityKbps(cache: CacheName): number {
    return this.#caches.get(cache)?.capacityKbps ?? 0;
  }

  /** All caches that report together: `/api/bandwidth-kbps`. */
  get totalKbps(): number {
    let total = 0;
    for (const { memory, isReporting } of this.#caches.values())
      if (isReporting) total += memory.rates[0] ?? 0;
    return total / 125;
  }

  /** All caches that are configured, by their last good polls: `/api/bandwidth-capacity-kbps`. */
  get totalCapacityKbps(): number {
    let total = 0;
    for (const { capacityKbps } of this.#caches.values()) total += capacityKbps;
    return total;
  }

  /**
   * Whether a good stat poll that was just taken in is enough for the gate of reference 6.4: the cache has a rate, or
   * sends nothing that could be seen, or has been watched for ten seconds. Failed polls, and caches that ask not to be
   * used, are always enough.
   */
  isEnough(cache: CacheName, timeMs: number): boolean {
    const traffic = this.#caches.get(cache);
    if (traffic === undefined) return false;
    return (
      traffic.outBytes === 0n ||
      (traffic.memory.rates[0] ?? 0) > 0 ||
      Math.abs(timeMs - traffic.firstMs) > STILL_MS
    );
  }
}
