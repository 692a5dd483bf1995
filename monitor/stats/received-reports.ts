import type { CacheName } from '../../common/ids.ts';
import type { CacheReport } from './cache-report.ts';
import { sameNames } from './stat-layout.ts';

/** What own polls say of a cache. */
interface OwnPolls {
  good: number;
  /** Two good polls make a rate; a failed one says that nothing is known now. */
  isKnown: boolean;
  /** End of the last one: ms since the epoch. */
  polledMs: number;
}

/** How much older a report may be than the one held and still be the same: clocks of two monitors run differently. */
const SAME_MS = 100;

/**
 * Whose figures count for each cache, so that each counts once however many monitors poll it: the own ones as soon as
 * own polls know the cache, else those of the newest report.
 */
export class ReceivedReports {
  readonly #own = new Map<CacheName, OwnPolls>();
  readonly #held = new Map<CacheName, CacheReport>();

  /** An own poll has ended. @returns whether a report that was held has lost its place to own polls */
  polled(cache: CacheName, isGood: boolean, nowMs: number): boolean {
    const own = this.#own.get(cache) ?? { good: 0, isKnown: false, polledMs: 0 };
    this.#own.set(cache, own);
    if (isGood) own.good++;
    own.isKnown ||= !isGood || own.good >= 2;
    own.polledMs = nowMs;
    return own.isKnown && this.#held.delete(cache);
  }

  /** Another monitor tells of a cache. @returns whether its figures count now */
  offer(report: CacheReport): boolean {
    if (this.knows(report.cache)) return false;
    const held = this.#held.get(report.cache);
    // The same poll comes over many ways; what comes back to where it was told must not look new.
    if (held !== undefined && report.polledMs - held.polledMs <= SAME_MS) return false;
    // The same array, as long as it says the same: so it is known at a glance.
    const deliveryServices =
      held !== undefined && sameNames(held.deliveryServices, report.deliveryServices)
        ? held.deliveryServices
        : report.deliveryServices;
    this.#held.set(report.cache, { ...report, deliveryServices });
    return true;
  }

  /** Others poll the cache from now on: the own figures stand until they are heard. */
  giveUp(cache: CacheName, last: CacheReport | null): void {
    this.#own.delete(cache);
    if (last !== null) this.#held.set(cache, last);
  }

  /** Nobody polls the cache any more. */
  forget(cache: CacheName): void {
    this.#own.delete(cache);
    this.#held.delete(cache);
  }

  /**
   * Reports of polls before `beforeMs` are no news: what the caches send now nobody knows.
   *
   * @returns those that have just become so
   */
  expire(beforeMs: number): readonly CacheReport[] {
    const expired: CacheReport[] = [];
    for (const [cache, held] of this.#held) {
      if (held.polledMs >= beforeMs || !held.isReporting) continue;
      const old = { ...held, isReporting: false };
      this.#held.set(cache, old);
      expired.push(old);
    }
    return expired;
  }

  /** Whether own polls know the cache. */
  knows(cache: CacheName): boolean {
    return this.#own.get(cache)?.isKnown ?? false;
  }

  /** End of the last own poll: ms since the epoch; null: there was none. */
  ownPolledMs(cache: CacheName): number | null {
    return this.#own.get(cache)?.polledMs ?? null;
  }

  /** The report whose figures count; undefined: none does. */
  held(cache: CacheName): CacheReport | undefined {
    return this.#held.get(cache);
  }

  /** Caches of which anything is known. */
  get caches(): ReadonlySet<CacheName> {
    return new Set([...this.#own.keys(), ...this.#held.keys()]);
  }
}
