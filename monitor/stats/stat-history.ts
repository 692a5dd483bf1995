import type { CacheName } from '../../common/ids.ts';
import type { MonitoringConfig } from '../../common/traffic-ops/monitoring.ts';
import type { Sample } from '../parse/sample.ts';
import { CacheHistory } from './cache-history.ts';
import type { StatInfo } from './stat-info.ts';
import { StatLayouts } from './stat-layout.ts';

/** Longer histories would take more memory than a monitor has; at a poll every six seconds this is 100 minutes. */
const LONGEST_HISTORY = 1000;

/** Caches → how many values of each statistic are kept: `history.count` of the profile, at least 1. Reference 6.3. */
export function historyLimits(config: MonitoringConfig): ReadonlyMap<CacheName, number> {
  const limits = new Map<CacheName, number>();
  for (const { name, profile } of config.caches.values()) {
    const count = Math.trunc(config.profiles.get(profile)?.historyCount ?? 1);
    limits.set(name, Math.min(Math.max(1, count), LONGEST_HISTORY));
  }
  return limits;
}

interface Past {
  limit: number;
  /** null: no good sample yet. */
  stats: CacheHistory | null;
  /** Newest first. */
  infos: StatInfo[];
}

/** The past of all caches: what their payloads said, and what was found of each stat poll. Reference 6.3. */
export class StatHistory {
  readonly #pasts = new Map<CacheName, Past>();
  readonly #layouts = new StatLayouts();

  /** Takes over a new config: caches that are gone are forgotten (D39), histories are cut to their new length (D32). */
  apply(limits: ReadonlyMap<CacheName, number>): void {
    for (const name of this.#pasts.keys()) if (!limits.has(name)) this.#pasts.delete(name);
    for (const [name, limit] of limits) {
      const past = this.#pasts.get(name);
      if (past === undefined) this.#pasts.set(name, { limit, stats: null, infos: [] });
      else {
        past.limit = limit;
        past.stats?.setLimit(limit);
        if (past.infos.length > limit) past.infos.length = limit;
      }
    }
  }

  /**
   * Takes in a good stat poll. Failed ones add to the infos only.
   *
   * @returns the cache's history, with the sample in it; null if the cache is not configured
   */
  take(cache: CacheName, sample: Sample, timeMs: number): CacheHistory | null {
    const past = this.#pasts.get(cache);
    if (past === undefined) return null;
    past.stats ??= new CacheHistory(past.limit, this.#layouts);
    past.stats.take(sample, timeMs);
    return past.stats;
  }

  /** Takes in what was found of a stat poll, good or failed. */
  addInfo(cache: CacheName, info: StatInfo): void {
    const past = this.#pasts.get(cache);
    if (past === undefined) return;
    past.infos.unshift(info);
    if (past.infos.length > past.limit) past.infos.length = past.limit;
  }

  /** Whether any stat poll of the cache has ended here. */
  knows(cache: CacheName): boolean {
    return this.infos(cache).length > 0;
  }

  /** null: no good sample yet, or no such cache. */
  of(cache: CacheName): CacheHistory | null {
    return this.#pasts.get(cache)?.stats ?? null;
  }

  /** Newest first. */
  infos(cache: CacheName): readonly StatInfo[] {
    return this.#pasts.get(cache)?.infos ?? [];
  }
}
