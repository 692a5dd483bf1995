import type { CacheName } from '../../common/ids.ts';
import type { MonitoringConfig } from '../../common/traffic-ops/monitoring.ts';
import { resultTimeMs } from '../health/cache-state.ts';
import type { AvailabilityEvent } from '../health/events.ts';
import type { Subject } from '../health/subject.ts';
import type { Vitals } from '../health/vitals.ts';
import type { ParseOutcome } from '../parse/sample.ts';
import { CacheTraffic } from './cache-traffic.ts';
import { DeliveryServiceLookup } from './delivery-service-lookup.ts';
import { DsStatistics } from './ds-statistics.ts';
import { serviceConfigs } from './service-statistics.ts';
import { deliveryServiceHosts } from './snapshot-regexes.ts';
import { historyLimits, StatHistory } from './stat-history.ts';
import { statInfoOf } from './stat-info.ts';
import { TrafficReader } from './traffic-figures.ts';

/** A stat poll that ended, its answer parsed. */
export interface StatPoll {
  readonly cache: CacheName;
  /** `health.polling.format` of its profile. */
  readonly format: string;
  readonly outcome: ParseOutcome;
  /** Of a good answer, since the good stat poll before it; null: the poll failed. */
  readonly vitals: Vitals | null;
  /** When the answer was complete, or the poll had failed: ms since the epoch. */
  readonly endMs: number;
  readonly durationMs: number;
}

/** All that is kept of stat polls: reference 6.2. A poll touches its own cache and the sums that it is part of. */
export class Statistics {
  readonly history = new StatHistory();
  readonly traffic = new CacheTraffic();
  /** Statistics and availability of delivery services. */
  readonly services: DsStatistics;
  readonly #reader = new TrafficReader();
  #lookup = new DeliveryServiceLookup([]);

  constructor(onEvent: (event: AvailabilityEvent) => void) {
    this.services = new DsStatistics(onEvent);
  }

  /**
   * Takes over a new config; to be called before the `apply` of the cache states, which calls that of `services`.
   * Caches that are not polled (any more) are forgotten.
   *
   * @param polled of the subjects
   * @param document the parsed CDN snapshot, null if no delivery service lacks a type
   * @returns what in the config cannot be used, for people
   */
  configure(
    config: MonitoringConfig,
    subjects: readonly Subject[],
    polled: ReadonlySet<CacheName>,
    document: unknown,
  ): readonly string[] {
    const hosts = deliveryServiceHosts(config, document);
    this.#lookup = new DeliveryServiceLookup(hosts);
    const limits = new Map(historyLimits(config));
    for (const name of limits.keys()) if (!polled.has(name)) limits.delete(name);
    this.history.apply(limits);
    this.traffic.apply(polled);
    this.services.configure({ subjects, polled, services: serviceConfigs(config, hosts) });
    return this.#lookup.warnings;
  }

  /**
   * Takes in a stat poll.
   *
   * @returns whether the cache is known well enough for the gate of reference 6.4
   */
  record({ cache, format, outcome, vitals, endMs, durationMs }: StatPoll): boolean {
    if (outcome.kind === 'error') {
      this.history.addInfo(cache, statInfoOf(endMs, durationMs, null, outcome.reason));
      this.traffic.fail(cache);
      this.services.fail(cache, endMs);
      return true;
    }
    const { sample } = outcome;
    const timeMs = resultTimeMs(sample, endMs);
    const history = this.history.take(cache, sample, timeMs);
    // Not configured any more: the poll was under way when that changed.
    if (history === null) return true;
    this.history.addInfo(cache, statInfoOf(timeMs, durationMs, vitals, null));
    const figures = this.#reader.read(format, sample, history, this.#lookup);
    this.traffic.take(cache, figures, timeMs);
    this.services.take(cache, figures, timeMs, endMs);
    return sample.notAvailable || this.traffic.isEnough(cache, timeMs);
  }
}
