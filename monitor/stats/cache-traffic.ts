import type { CacheName } from '../../common/ids.ts';
import { PerSecondMemory } from './per-second.ts';
import type { TrafficFigures } from './traffic-figures.ts';

/** What a cache sends, and could. */
export interface CacheBandwidth {
  /** Bytes a second. */
  readonly outBytesPerSecond: number;
  /** kbps of the fastest interface; 0: not known. */
  readonly capacityKbps: number;
  /** Whether the last stat poll was good: the rate of a cache that fails is not known. */
  readonly isReporting: boolean;
}

const UNKNOWN: CacheBandwidth = { outBytesPerSecond: 0, capacityKbps: 0, isReporting: false };

/** What own polls have found. */
class OwnTraffic implements CacheBandwidth {
  readonly memory = new PerSecondMemory(1);
  outBytes = 0n;
  capacityKbps = 0;
  isReporting = true;
  /** Time of the first good sample: ms since the epoch. */
  readonly firstMs: number;

  constructor(firstMs: number) {
    this.firstMs = firstMs;
  }

  get outBytesPerSecond(): number {
    return this.memory.rates[0] ?? 0;
  }
}

/** A cache that does not send anything is known well enough after this long: reference 6.4. */
const STILL_MS = 10_000;

/** What each cache sends altogether, for `/api/bandwidth-*` and the gate. */
export class CacheTraffic {
  readonly #own = new Map<CacheName, OwnTraffic>();
  /** What other monitors have found, and counts in place of the own. */
  readonly #received = new Map<CacheName, CacheBandwidth>();

  /** Forgets caches that are not configured any more (D39). */
  apply(caches: ReadonlySet<CacheName>): void {
    for (const known of [this.#own, this.#received]) {
      for (const name of known.keys()) if (!caches.has(name)) known.delete(name);
    }
  }

  /** A good stat poll. 0 bytes mean that the payload does not say: what was known stays (reference 6.2). */
  take(cache: CacheName, { outBytes, capacityKbps }: TrafficFigures, timeMs: number): void {
    let own = this.#own.get(cache);
    if (own === undefined) {
      own = new OwnTraffic(timeMs);
      this.#own.set(cache, own);
    }
    own.isReporting = true;
    own.capacityKbps = capacityKbps;
    if (outBytes !== 0n) own.outBytes = outBytes;
    if (own.outBytes !== 0n) own.memory.update(0, Number(own.outBytes), timeMs);
  }

  /** A stat poll that failed. */
  fail(cache: CacheName): void {
    const own = this.#own.get(cache);
    if (own !== undefined) own.isReporting = false;
  }

  /** What another monitor has found counts from now on in place of what own polls have; null: those count again. */
  receive(cache: CacheName, bandwidth: CacheBandwidth | null): void {
    if (bandwidth === null) this.#received.delete(cache);
    else this.#received.set(cache, bandwidth);
  }

  /** Forgets what own polls of a cache have found. */
  forgetOwn(cache: CacheName): void {
    this.#own.delete(cache);
  }

  /** What counts now. */
  of(cache: CacheName): CacheBandwidth {
    return this.#received.get(cache) ?? this.#own.get(cache) ?? UNKNOWN;
  }

  /** Bytes a second. */
  outBytesPerSecond(cache: CacheName): number {
    return this.of(cache).outBytesPerSecond;
  }

  /** kbps of the fastest interface; 0: not known. */
  capacityKbps(cache: CacheName): number {
    return this.of(cache).capacityKbps;
  }

  /** All caches that report together: `/api/bandwidth-kbps`. */
  get totalKbps(): number {
    let total = 0;
    for (const { outBytesPerSecond, isReporting } of this.#all()) if (isReporting) total += outBytesPerSecond;
    return total / 125;
  }

  /** All caches that are configured, by their last good polls: `/api/bandwidth-capacity-kbps`. */
  get totalCapacityKbps(): number {
    let total = 0;
    for (const { capacityKbps } of this.#all()) total += capacityKbps;
    return total;
  }

  /**
   * Whether a good stat poll that was just taken in is enough for the gate of reference 6.4: the cache has a rate, or
   * sends nothing that could be seen, or has been watched for ten seconds. Failed polls, and caches that ask not to be
   * used, are always enough.
   */
  isEnough(cache: CacheName, timeMs: number): boolean {
    const own = this.#own.get(cache);
    if (own === undefined) return false;
    return own.outBytes === 0n || own.outBytesPerSecond > 0 || Math.abs(timeMs - own.firstMs) > STILL_MS;
  }

  *#all(): Generator<CacheBandwidth> {
    yield* this.#received.values();
    for (const [cache, own] of this.#own) if (!this.#received.has(cache)) yield own;
  }
}
