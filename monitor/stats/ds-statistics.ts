import type { CacheName, DeliveryServiceId } from '../../common/ids.ts';
import type { DeliveryServiceAvailability } from '../health/delivery-service-states.ts';
import type { AvailabilityEvent } from '../health/events.ts';
import type { Subject } from '../health/subject.ts';
import { type Contribution, frozen, ReportingCache, type Target } from './reporting-cache.ts';
import { type ServiceConfig, ServiceStatistics } from './service-statistics.ts';
import { RATES } from './sums.ts';
import { COUNTS_PER_SERVICE, type TrafficFigures } from './traffic-figures.ts';

/** All that the statistics need from an applied config. */
export interface StatisticsConfig {
  /** All caches, those that are not polled too: they count as configured. */
  readonly subjects: readonly Subject[];
  /** Those that are polled, here or by other monitors: nothing of the others is known any more. */
  readonly polled: ReadonlySet<CacheName>;
  readonly services: readonly ServiceConfig[];
}

/**
 * Statistics and availability of delivery services: reference 8. A stat poll takes back what its cache had contributed
 * and adds what it contributes now; what the other caches did is not looked at. Sums are exact, so that they are always
 * what they would be if they were made from scratch.
 *
 * Whose figures count (D39): a cache that is gone, or not polled any more, is forgotten. Of a cache whose stat poll has
 * failed the rates stop counting, and it is not among `caches-reporting`: nobody knows what it sends now, and a rate
 * that stands for ever could keep a delivery service over its threshold. Its counters stay in the sums: they are totals
 * of the past, and consumers that take differences would see a fall and a rise as traffic.
 */
export class DsStatistics implements DeliveryServiceAvailability {
  readonly #onEvent: (event: AvailabilityEvent) => void;
  #config: StatisticsConfig = { subjects: [], polled: new Set(), services: [] };
  #services = new Map<DeliveryServiceId, ServiceStatistics>();
  #caches = new Map<CacheName, ReportingCache>();
  #sorted: readonly DeliveryServiceId[] = [];
  #computedMs = 0;
  #revision = 0;

  constructor(onEvent: (event: AvailabilityEvent) => void) {
    this.#onEvent = onEvent;
  }

  /** The config that the next `apply` is to take over. */
  configure(config: StatisticsConfig): void {
    this.#config = config;
  }

  /** Counts anew, from all caches that are available and what they have reported. */
  apply(ids: readonly DeliveryServiceId[], available: readonly Pick<Subject, 'name'>[], nowMs: number): void {
    const before = { services: this.#services, caches: this.#caches };
    const configs = new Map(this.#config.services.map((config) => [config.xmlId, config]));
    this.#services = new Map(
      ids.map((id) => [id, new ServiceStatistics(configs.get(id) ?? withoutLimits(id))]),
    );
    this.#sorted = [...this.#services.keys()].sort();
    const up = new Set(available.map(({ name }) => name));
    this.#caches = new Map();
    for (const subject of this.#config.subjects) {
      const cache = new ReportingCache(subject, up.has(subject.name));
      const known = before.caches.get(subject.name);
      if (known !== undefined && this.#config.polled.has(subject.name)) cache.inherit(known);
      this.#caches.set(subject.name, cache);
      for (const id of cache.assigned) {
        const service = this.#services.get(id);
        if (service !== undefined) service.configuredCaches++;
      }
      if (cache.isAvailable) this.#countAvailable(cache, 1);
      const { contribution } = cache;
      if (contribution.isReporting) this.#countReporting(cache, 1);
      this.#contribute(cache, contribution, 1);
    }
    for (const [id, service] of this.#services) {
      service.isAvailable = before.services.get(id)?.isAvailable ?? false;
      this.#settle(service, nowMs);
    }
    this.#touch(nowMs);
  }

  /** A cache has become available, or ceased to be; to be called for changes only. */
  cacheChanged({ name }: Pick<Subject, 'name'>, isAvailable: boolean, timeMs: number): void {
    const cache = this.#caches.get(name);
    if (cache === undefined || cache.isAvailable === isAvailable) return;
    cache.isAvailable = isAvailable;
    this.#countAvailable(cache, isAvailable ? 1 : -1);
    for (const id of cache.assigned) this.#settle(this.#services.get(id), timeMs);
    this.#touch(timeMs);
  }

  /**
   * A good stat poll.
   *
   * @param timeMs of the result: what rates are taken by
   * @param nowMs when it was taken in
   */
  take(name: CacheName, figures: TrafficFigures, timeMs: number, nowMs: number): void {
    this.#change(name, nowMs, (cache) => cache.take(figures, timeMs));
  }

  /** A stat poll that failed. */
  fail(name: CacheName, nowMs: number): void {
    this.#change(name, nowMs, (cache) => cache.fail());
  }

  /** What another monitor has found counts from now on in place of what own polls have; null: those count again. */
  receive(name: CacheName, contribution: Contribution | null, nowMs: number): void {
    this.#change(name, nowMs, (cache) => {
      cache.received = contribution;
    });
  }

  /** Forgets what own polls of a cache have found. */
  forgetOwn(name: CacheName, nowMs: number): void {
    this.#change(name, nowMs, (cache) => cache.forgetOwn());
  }

  /** What a cache contributes now; undefined: there is no such cache. A later poll changes the rates in it. */
  contributionOf(name: CacheName): Contribution | undefined {
    return this.#caches.get(name)?.contribution;
  }

  isAvailable(id: DeliveryServiceId): boolean {
    return this.#services.get(id)?.isAvailable ?? false;
  }

  /** Names of all delivery services, in order. */
  get sorted(): readonly DeliveryServiceId[] {
    return this.#sorted;
  }

  get(id: DeliveryServiceId): ServiceStatistics | undefined {
    return this.#services.get(id);
  }

  /** When anything was last computed: ms since the epoch. */
  get computedMs(): number {
    return this.#computedMs;
  }

  /** Changes with everything that is computed. */
  get revision(): number {
    return this.#revision;
  }

  #countAvailable(cache: ReportingCache, by: 1 | -1): void {
    for (const id of cache.assigned) {
      this.#services.get(id)?.change(cache.group, cache.type, (part) => {
        part.availableCaches += by;
      });
    }
  }

  #change(name: CacheName, nowMs: number, change: (cache: ReportingCache) => void): void {
    const cache = this.#caches.get(name);
    if (cache === undefined) return;
    const before = frozen(cache.contribution);
    change(cache);
    const now = cache.contribution;
    const isSameSet = before.deliveryServices === now.deliveryServices;
    if (isSameSet && before.isReporting === now.isReporting) replace(cache.targets, now, before);
    else {
      if (before.isReporting !== now.isReporting) this.#countReporting(cache, now.isReporting ? 1 : -1);
      // The new first: a part that were empty in between would go and come.
      this.#contribute(cache, now, 1);
      this.#contribute(cache, before, -1);
    }
    this.#settleAll(now.deliveryServices, nowMs);
    if (!isSameSet) this.#settleAll(before.deliveryServices, nowMs);
    this.#touch(nowMs);
  }

  /** One more, or less, of the caches that report. */
  #countReporting(cache: ReportingCache, by: 1 | -1): void {
    for (const id of cache.assigned) {
      const service = this.#services.get(id);
      if (service !== undefined) service.reportingCaches += by;
    }
  }

  /** Adds what a cache contributes to all sums, or takes them back; rates only where it is assigned: reference 8.3, 8.4. */
  #contribute(cache: ReportingCache, contribution: Contribution, sign: 1 | -1): void {
    const { deliveryServices, counts, rates, isReporting } = contribution;
    const targets = deliveryServices.map((id, index): Target | null => {
      const service = this.#services.get(id);
      if (service === undefined) return null;
      const hasRates = isReporting && cache.assigned.has(id);
      const parts = service.change(cache.group, cache.type, (part) => {
        part.countedCaches += sign;
        part.sums.addCounts(counts, index * COUNTS_PER_SERVICE, sign);
        if (hasRates) part.sums.addRates(rates, index * RATES, sign);
      });
      return { parts, hasRates };
    });
    if (sign === 1) cache.targets = targets;
  }

  #settleAll(ids: readonly DeliveryServiceId[], timeMs: number): void {
    for (const id of ids) this.#settle(this.#services.get(id), timeMs);
  }

  /** Texts: reference 8.5. */
  #settle(service: ServiceStatistics | undefined, timeMs: number): void {
    if (!service?.settle()) return;
    const { isAvailable, error, config } = service;
    const unavailable = error === '' ? 'Unavailable' : `Unavailable err: ${error}`;
    this.#onEvent({
      timeMs,
      description: isAvailable ? 'Available caches' : unavailable,
      name: config.xmlId,
      type: 'DELIVERYSERVICE',
      isAvailable,
      ipv4Available: false,
      ipv6Available: false,
    });
  }

  #touch(nowMs: number): void {
    this.#computedMs = nowMs;
    this.#revision++;
  }
}

/** Puts what a cache contributes in the place of what it has contributed to the same delivery services. */
function replace(targets: ReportingCache['targets'], now: Contribution, before: Contribution): void {
  for (let index = 0; index < targets.length; index++) {
    const target = targets[index];
    if (target === null || target === undefined) continue;
    for (const { sums } of target.parts) {
      sums.replaceCounts(now.counts, before.counts, index * COUNTS_PER_SERVICE);
      if (target.hasRates) sums.replaceRates(now.rates, before.rates, index * RATES);
    }
  }
}

const withoutLimits = (xmlId: DeliveryServiceId): ServiceConfig => ({
  xmlId,
  type: null,
  totalTpsThreshold: 0,
  totalKbpsThreshold: 0,
});
