import type { CacheName, MonitorName } from '../../common/ids.ts';
import type { MonitoringConfig } from '../../common/traffic-ops/monitoring.ts';
import { resultTimeMs } from '../health/cache-state.ts';
import type { AvailabilityEvent } from '../health/events.ts';
import type { Subject } from '../health/subject.ts';
import type { Vitals } from '../health/vitals.ts';
import type { ParseOutcome } from '../parse/sample.ts';
import type { CacheReport } from './cache-report.ts';
import { CacheTraffic } from './cache-traffic.ts';
import { DeliveryServiceLookup } from './delivery-service-lookup.ts';
import { DsStatistics } from './ds-statistics.ts';
import { ReceivedReports } from './received-reports.ts';
import { frozen } from './reporting-cache.ts';
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

/** What the statistics follow from. */
export interface StatisticsInput {
  readonly config: MonitoringConfig;
  readonly subjects: readonly Subject[];
  /** Of the subjects, those that this monitor polls, */
  readonly polled: ReadonlySet<CacheName>;
  /** and those that other monitors poll and tell of. */
  readonly polledElsewhere: ReadonlySet<CacheName>;
  /** The parsed CDN snapshot, null if no delivery service lacks a type. */
  readonly document: unknown;
}

/** All that is kept of stat polls: reference 6.2. A poll touches its own cache and the sums that it is part of. */
export class Statistics {
  readonly history = new StatHistory();
  readonly traffic = new CacheTraffic();
  /** Statistics and availability of delivery services. */
  readonly services: DsStatistics;
  readonly #self: MonitorName;
  readonly #reader = new TrafficReader();
  readonly #received = new ReceivedReports();
  readonly #reports = new Map<CacheName, CacheReport>();
  #lookup = new DeliveryServiceLookup([]);

  /** @param self name of this monitor */
  constructor(self: MonitorName, onEvent: (event: AvailabilityEvent) => void) {
    this.#self = self;
    this.services = new DsStatistics(onEvent);
  }

  /**
   * Takes over a new config, or that others poll other caches than before. To be called before the delivery services
   * are applied. Caches that nobody polls (any more) are forgotten; of those that others poll from now on the figures
   * stand until the others are heard.
   *
   * @returns what in the config cannot be used, for people
   */
  configure(
    { config, subjects, polled, polledElsewhere, document }: StatisticsInput,
    nowMs: number,
  ): readonly string[] {
    this.#share(polled, polledElsewhere, nowMs);
    const hosts = deliveryServiceHosts(config, document);
    this.#lookup = new DeliveryServiceLookup(hosts);
    const limits = new Map(historyLimits(config));
    for (const name of limits.keys()) if (!polled.has(name)) limits.delete(name);
    this.history.apply(limits);
    const watched = new Set([...polled, ...polledElsewhere]);
    this.traffic.apply(watched);
    this.services.configure({ subjects, polled: watched, services: serviceConfigs(config, hosts) });
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
      this.#polled(cache, false, endMs);
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
    this.#polled(cache, true, endMs);
    return sample.notAvailable || this.traffic.isEnough(cache, timeMs);
  }

  /** Takes in what another monitor tells of a cache. It counts unless own polls, or newer ones of others, know better. */
  receive(report: CacheReport, nowMs: number): void {
    const { cache } = report;
    if (this.services.contributionOf(cache) === undefined || !this.#received.offer(report)) return;
    this.#count(this.#received.held(cache) ?? report, nowMs);
  }

  /** Of caches whose last poll that is known was before `beforeMs`, the rates do not count any more (D39). */
  expire(beforeMs: number, nowMs: number): void {
    for (const old of this.#received.expire(beforeMs)) this.#count(old, nowMs);
  }

  /** What counts for a cache: by own polls, or as another monitor told it; null: nothing does. The same while it lasts. */
  report(cache: CacheName): CacheReport | null {
    const held = this.#received.held(cache);
    if (held !== undefined) return held;
    const known = this.#reports.get(cache);
    if (known !== undefined) return known;
    const contribution = this.services.contributionOf(cache);
    const polledMs = this.#received.ownPolledMs(cache);
    if (contribution === undefined || polledMs === null || !this.#received.knows(cache)) return null;
    const { outBytesPerSecond, capacityKbps } = this.traffic.of(cache);
    const own = { from: this.#self, polledMs, outBytesPerSecond, capacityKbps };
    const report: CacheReport = { ...frozen(contribution), cache, ...own };
    this.#reports.set(cache, report);
    return report;
  }

  #polled(cache: CacheName, isGood: boolean, nowMs: number): void {
    this.#reports.delete(cache);
    if (!this.#received.polled(cache, isGood, nowMs)) return;
    this.services.receive(cache, null, nowMs);
    this.traffic.receive(cache, null);
  }

  #count(report: CacheReport, nowMs: number): void {
    this.services.receive(report.cache, report, nowMs);
    this.traffic.receive(report.cache, report);
  }

  #share(polled: ReadonlySet<CacheName>, polledElsewhere: ReadonlySet<CacheName>, nowMs: number): void {
    for (const cache of this.#received.caches) {
      if (polled.has(cache)) continue;
      const last = this.report(cache);
      this.#reports.delete(cache);
      if (!polledElsewhere.has(cache)) {
        this.#received.forget(cache);
        continue;
      }
      this.#received.giveUp(cache, last);
      if (last !== null) this.#count(last, nowMs);
      this.services.forgetOwn(cache, nowMs);
      this.traffic.forgetOwn(cache);
    }
  }
}
