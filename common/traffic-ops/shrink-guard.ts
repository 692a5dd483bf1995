import type { CacheName } from '../ids.ts';
import type { MonitoringConfig } from './monitoring.ts';

/** Fewer may go at any time: small CDNs change by large shares. */
const FEW_CACHES = 10;

/** More than this share of the caches does not go at once on purpose, as a rule. */
const MOST_SHARE = 0.25;

/** How long a snapshot without many of the caches is held back unless somebody decides otherwise, in ms. */
export const SHRINK_HOLD_MS = 300_000;

type Caches = Pick<MonitoringConfig, 'caches'>;

/**
 * Holds back a snapshot that has lost many caches at once, until Traffic Ops has said so for a while: it may be a
 * database that was restored by half, or a slip of the hand, and routers would forget healthy caches. Caches that are
 * gone indeed do no harm meanwhile: they are seen to be down.
 */
export class ShrinkGuard {
  #sinceMs: number | null = null;
  #missing = 0;

  /** How many caches the snapshot lacks that is held back; 0: none is. */
  get missing(): number {
    return this.#missing;
  }

  /**
   * Looks at what Traffic Ops says now.
   *
   * @param holdMs for so long the caches have to be missing; 0: nothing is held back
   * @param nowMs any clock, in ms
   * @returns why the snapshot must not come into force yet; undefined: it may
   */
  problem(inForce: Caches | undefined, fresh: Caches, holdMs: number, nowMs: number): string | undefined {
    const missing = inForce === undefined || inForce === fresh ? [] : missingFrom(fresh, inForce);
    const total = inForce?.caches.size ?? 0;
    if (missing.length < FEW_CACHES || missing.length <= MOST_SHARE * total) {
      return this.#letPass();
    }
    this.#sinceMs ??= nowMs;
    const leftMs = this.#sinceMs + holdMs - nowMs;
    if (leftMs <= 0) return this.#letPass();
    this.#missing = missing.length;
    const until = new Date(this.#sinceMs + holdMs).toISOString();
    return `the snapshot lacks ${missing.length} of the ${total} caches in force (${missing.slice(0, 3).join(', ')}, …): held back until ${until}, unless they are back by then; if they are to go at once, set snapshot_shrink_hold_ms (chart: trafficOps.shrinkHoldSeconds) to 0`;
  }

  #letPass(): undefined {
    this.#sinceMs = null;
    this.#missing = 0;
  }
}

function missingFrom(fresh: Caches, inForce: Caches): readonly CacheName[] {
  return [...inForce.caches.keys()].filter((name) => !fresh.caches.has(name));
}
