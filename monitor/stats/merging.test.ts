import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  type CacheName,
  cacheName,
  cdnName,
  deliveryServiceId,
  type MonitorName,
  monitorName,
} from '../../common/ids.ts';
import type { MonitoringConfig } from '../../common/traffic-ops/monitoring.ts';
import type { AvailabilityEvent } from '../health/events.ts';
import type { CacheReport } from './cache-report.ts';
import { counters } from './delivery-service-lookup.ts';
import { readReportDocument, reportDocument } from './report-document.ts';
import { readReportLine } from './report-lines.ts';
import { Statistics } from './statistics.ts';
import { sampleOf, stateWith, subjectWith } from './testing/samples.ts';

const SERVICES = ['web', 'live'].map(deliveryServiceId);
const CACHES = Array.from({ length: 8 }, (_, i) => cacheName(`edge-${i}`));
const LIMIT_KBPS = 300;

const subjects = CACHES.map((name, i) =>
  subjectWith({ name, group: `cg-${i % 3}`, type: i % 4 === 0 ? 'MID' : 'EDGE', services: ['web', 'live'] }),
);
const config = {
  caches: new Map(CACHES.map((name) => [name, { name, profile: 'P' }])),
  profiles: new Map([['P', { historyCount: 2 }]]),
  deliveryServices: new Map(
    SERVICES.map((xmlId) => [
      xmlId,
      {
        xmlId,
        type: 'HTTP',
        hostRegexes: [`.*\\.${xmlId}\\..*`],
        totalTpsThreshold: 0,
        totalKbpsThreshold: LIMIT_KBPS,
      },
    ]),
  ),
} as unknown as MonitoringConfig;

/** A monitor with its statistics; its clock is ahead of the others' by `aheadMs`. */
class Monitor {
  readonly name: MonitorName;
  readonly events: AvailabilityEvent[] = [];
  readonly statistics: Statistics;
  readonly #aheadMs: number;
  #polled: ReadonlySet<CacheName> = new Set();

  constructor(name: string, polled: Iterable<CacheName>, aheadMs = 0) {
    this.name = monitorName(name);
    this.#aheadMs = aheadMs;
    this.statistics = new Statistics(this.name, (event) => this.events.push(event));
    this.share(polled);
    const { services } = this.statistics;
    const available = subjects.map((subject) => stateWith(subject, true).subject);
    services.apply(SERVICES, available, 0);
  }

  share(polled: Iterable<CacheName>, nowMs = 0): void {
    this.#polled = new Set(polled);
    const polledElsewhere = new Set(CACHES.filter((name) => !this.#polled.has(name)));
    const input = { config, subjects, polled: this.#polled, polledElsewhere, document: null };
    this.statistics.configure(input, nowMs + this.#aheadMs);
  }

  /** Polls what it has to poll; a cache's counters grow by its number times 1000 a second. */
  poll(nowMs: number, failing: ReadonlySet<CacheName> = new Set()): void {
    for (const cache of this.#polled) {
      const bytes = Number(cache.slice(5)) * nowMs;
      const stats = Object.fromEntries(
        SERVICES.flatMap((id, service) => [
          [`plugin.remap_stats.e.${id}.test.x.out_bytes`, bytes * (service + 1)],
          [`plugin.remap_stats.e.${id}.test.x.status_2xx`, bytes / 1000],
        ]),
      );
      const sample = sampleOf(stats, {
        eth0: { speedMbps: 10, bytesIn: 0n, bytesOut: BigInt(bytes * 3) },
      });
      const outcome = failing.has(cache)
        ? ({ kind: 'error', reason: 'no answer' } as const)
        : ({ kind: 'sample', sample } as const);
      const endMs = nowMs + this.#aheadMs;
      this.statistics.record({ cache, format: 'astats', outcome, vitals: null, endMs, durationMs: 5 });
    }
  }

  tell(nowMs: number): string {
    const reports = CACHES.map((cache) => this.statistics.report(cache));
    const head = { cdn: cdnName('cdn'), monitor: this.name, nowMs: nowMs + this.#aheadMs };
    return reportDocument(
      head,
      reports.filter((report): report is CacheReport => report !== null),
    );
  }

  hear(document: string, nowMs: number): void {
    const { head, lines } = readReportDocument(document);
    const now = nowMs + this.#aheadMs;
    for (const line of lines) this.statistics.receive(readReportLine(line, now - head.nowMs), now);
  }

  expire(beforeMs: number): void {
    this.statistics.expire(beforeMs + this.#aheadMs, beforeMs + this.#aheadMs);
  }

  /** All figures that are published of delivery services, and of the CDN. */
  get figures(): Record<string, unknown> {
    const { services, traffic } = this.statistics;
    const figures: Record<string, unknown> = {
      kbps: Math.round(traffic.totalKbps * 1000),
      capacity: traffic.totalCapacityKbps,
    };
    for (const id of SERVICES) {
      const service = services.get(id);
      assert.ok(service !== undefined);
      const parts = [...service.groups.sorted, ...service.types.sorted, ['total', service.total] as const];
      figures[id] = [service.reportingCaches, service.isAvailable, service.error];
      for (const [name, { sums }] of parts) {
        const counts = counters.map((_, index) => sums.count(index));
        figures[`${id} ${name}`] = [counts, Math.round(sums.kbps * 1000), Math.round(sums.tpsTotal * 1000)];
      }
    }
    return figures;
  }
}

/** Monitors poll twice, each then hears all others twice, in the order given. */
function exchanged(
  monitors: readonly Monitor[],
  order: readonly number[],
  failing?: ReadonlySet<CacheName>,
): void {
  for (const nowMs of [10_000, 16_000]) for (const monitor of monitors) monitor.poll(nowMs, failing);
  for (let round = 0; round < 2; round++) {
    for (const index of order) {
      const monitor = monitors[index % monitors.length];
      for (const other of monitors) if (other !== monitor) monitor?.hear(other.tell(17_000), 17_000);
    }
    for (const monitor of monitors)
      for (const other of monitors) if (other !== monitor) monitor.hear(other.tell(17_000), 17_000);
  }
}

const someCaches = fc.subarray([...CACHES], { minLength: 1 });

describe('statistics of several monitors', () => {
  it('are those of one that polls everything, on each of them, however many poll a cache', () => {
    const property = fc.property(
      fc.array(someCaches, { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat(3), { maxLength: 6 }),
      fc.array(fc.integer({ min: -60_000, max: 60_000 }), { minLength: 5, maxLength: 5 }),
      someCaches.map((caches) => new Set(caches.slice(0, 2))),
      (shares, order, aheadMs, failing) => {
        const covered = new Set(shares.flat());
        const rest = CACHES.filter((cache) => !covered.has(cache));
        const monitors = [...shares, rest].map((share, i) => new Monitor(`tm-${i}`, share, aheadMs[i] ?? 0));
        exchanged(monitors, order, failing);
        const alone = new Monitor('alone', CACHES);
        exchanged([alone], [], failing);
        for (const monitor of monitors) assert.deepEqual(monitor.figures, alone.figures, monitor.name);
      },
    );
    fc.assert(property, { numRuns: 60 });
  });

  it('decide over thresholds together: no share exceeds the limit alone', () => {
    const monitors = [0, 1].map(
      (half) =>
        new Monitor(
          `tm-${half}`,
          CACHES.filter((_, i) => i % 2 === half),
        ),
    );
    const live = deliveryServiceId('live');
    const told = () =>
      monitors.map(({ statistics }) => {
        const { isAvailable = null, error = null } = statistics.services.get(live) ?? {};
        return [isAvailable, error, statistics.services.isAvailable(deliveryServiceId('web'))];
      });
    for (const nowMs of [10_000, 16_000]) for (const monitor of monitors) monitor.poll(nowMs);
    assert.deepEqual(told(), Array(2).fill([true, '', true]));
    exchanged(monitors, []);
    assert.deepEqual(told(), Array(2).fill([false, 'total.kbps too high (448.00 > 300)', true]));
    for (const { events } of monitors) {
      assert.match(events.at(-1)?.description ?? '', /^Unavailable err: total\.kbps too high/);
    }
  });

  it('take no account of rates that nobody has confirmed for long; counters stay', () => {
    const [one, other] = [
      new Monitor('tm-0', CACHES.slice(0, 4)),
      new Monitor('tm-1', CACHES.slice(4)),
    ] as const;
    exchanged([one, other], []);
    const web = () => one.statistics.services.get(deliveryServiceId('web'));
    const before = web()?.total.sums.count(0);
    assert.deepEqual([web()?.reportingCaches, web()?.total.sums.kbps], [8, 224]);
    one.expire(15_000);
    assert.equal(web()?.reportingCaches, 8);
    one.expire(16_001);
    assert.deepEqual([web()?.reportingCaches, web()?.total.sums.kbps], [4, 48]);
    assert.equal(web()?.total.sums.count(0), before);
    // What comes back to it says nothing new.
    const old = one.tell(20_000);
    other.hear(old, 20_000);
    one.hear(old, 20_000);
    assert.equal(web()?.reportingCaches, 4);
    other.poll(22_000);
    one.hear(other.tell(22_000), 22_000);
    assert.deepEqual([web()?.reportingCaches, web()?.total.sums.kbps], [8, 224]);
  });

  it('stand when caches change hands: never a gap, never twice', () => {
    const [one, other] = [new Monitor('tm-0', CACHES), new Monitor('tm-1', [])] as const;
    exchanged([one, other], []);
    const whole = one.figures;
    assert.deepEqual(other.figures, whole);
    const given = CACHES.slice(0, 5);
    one.share(CACHES.slice(5), 17_000);
    other.share(given, 17_000);
    assert.deepEqual([one.figures, other.figures], [whole, whole]);
    // The first poll of the new owner makes no rate yet: what the old one said stands.
    other.poll(18_000);
    assert.deepEqual([one.figures, other.figures], [whole, whole]);
    one.poll(24_000);
    other.poll(24_000);
    one.hear(other.tell(24_000), 24_000);
    other.hear(one.tell(24_000), 24_000);
    const alone = new Monitor('alone', CACHES);
    alone.poll(10_000);
    alone.poll(24_000);
    assert.deepEqual(one.figures, alone.figures);
    assert.deepEqual(other.figures, alone.figures);
  });

  it('forget caches that nobody polls any more', () => {
    const [one, other] = [new Monitor('tm-0', CACHES.slice(0, 4)), new Monitor('tm-1', CACHES.slice(4))];
    assert.ok(one !== undefined && other !== undefined);
    exchanged([one, other], []);
    const input = { config, subjects, document: null, polledElsewhere: new Set<CacheName>() };
    one.statistics.configure({ ...input, polled: new Set(CACHES.slice(0, 4)) }, 18_000);
    one.statistics.services.apply(SERVICES, subjects, 18_000);
    assert.equal(one.statistics.traffic.totalCapacityKbps, 40_000);
    assert.equal(one.statistics.services.get(deliveryServiceId('web'))?.reportingCaches, 4);
    assert.equal(one.statistics.report(cacheName('edge-7')), null);
  });
});
