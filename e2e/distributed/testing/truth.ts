import type { CacheName } from '../../../common/ids.ts';
import type { CacheState } from '../../../sim/simulated-cache.ts';
import type { SimulatedCdn } from '../../../sim/simulated-cdn.ts';

/** The ways in which caches fail here: each is noticed by the next poll. */
const faults: readonly Partial<CacheState>[] = [
  { httpStatus: 500 },
  { notAvailable: true },
  { loadAverage: 60 },
  { behaviour: { kind: 'close' } },
  { behaviour: { kind: 'hang' } },
  { behaviour: { kind: 'garbage-body' } },
];

const sound: Partial<CacheState> = {
  httpStatus: 200,
  notAvailable: false,
  loadAverage: 0.2,
  behaviour: { kind: 'healthy' },
};

/** Which caches of a simulated CDN work, and since when. Steady ms. */
export class Truth {
  readonly #cdn: SimulatedCdn;
  readonly #broken = new Map<CacheName, number>();
  readonly #mended = new Map<CacheName, number>();
  changes = 0;

  constructor(cdn: SimulatedCdn) {
    this.#cdn = cdn;
  }

  /** Breaks a cache that works, in one way after the other, or mends one that is broken. */
  async turn(cache: CacheName): Promise<void> {
    this.changes++;
    if (this.#broken.has(cache)) {
      await this.#cdn.farm.update(cache, sound);
      this.#broken.delete(cache);
      this.#mended.set(cache, performance.now());
    } else {
      await this.#cdn.farm.update(cache, faults[this.changes % faults.length] ?? {});
      this.#mended.delete(cache);
      this.#broken.set(cache, performance.now());
    }
  }

  /** For how long it has been broken, in ms; null: it works. */
  brokenForMs(cache: CacheName, nowMs: number): number | null {
    const sinceMs = this.#broken.get(cache);
    return sinceMs === undefined ? null : nowMs - sinceMs;
  }

  /** For how long it has worked, in ms; null: it is broken. */
  workingForMs(cache: CacheName, nowMs: number): number | null {
    if (this.#broken.has(cache)) return null;
    return nowMs - (this.#mended.get(cache) ?? Number.NEGATIVE_INFINITY);
  }

  get broken(): number {
    return this.#broken.size;
  }
}
