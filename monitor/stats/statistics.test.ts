import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CacheName, cacheName, deliveryServiceId, monitorName } from '../../common/ids.ts';
import type { MonitoringConfig } from '../../common/traffic-ops/monitoring.ts';
import { formatNamed } from '../parse/formats.ts';
import { Statistics, type StatPoll } from './statistics.ts';
import { polledOf, sampleOf, subjectWith } from './testing/samples.ts';

const edge1 = cacheName('edge-1');
const web = deliveryServiceId('web');

/** A CDN of `names`, all serving `web`. */
function statisticsOf(...names: string[]): Statistics {
  const statistics = new Statistics(monitorName('tm-1'), () => {});
  configure(statistics, ...names);
  return statistics;
}

function configure(statistics: Statistics, ...names: string[]): void {
  const config = {
    caches: new Map(names.map((name) => [name, { name, profile: 'P' }])),
    profiles: new Map([['P', { historyCount: 2 }]]),
    deliveryServices: new Map([[web, { xmlId: web, type: 'HTTP', hostRegexes: ['.*\\.web\\..*'] }]]),
  } as unknown as MonitoringConfig;
  const subjects = names.map((name) => subjectWith({ name, services: ['web'] }));
  const input = {
    config,
    subjects,
    polled: polledOf(subjects),
    polledElsewhere: new Set<CacheName>(),
    document: null,
  };
  assert.deepEqual(statistics.configure(input, 0), []);
  statistics.services.apply([web], subjects, 0);
}

function good(
  second: number,
  parts: { notAvailable?: boolean; bytes?: number; timestampMs?: number } = {},
): StatPoll {
  const bytes = parts.bytes ?? second * 1000;
  const stats = { 'plugin.remap_stats.e.web.test.x.out_bytes': bytes };
  const sample = {
    ...sampleOf(stats, { eth0: { speedMbps: 10, bytesIn: 0n, bytesOut: BigInt(bytes) } }),
    notAvailable: parts.notAvailable ?? false,
    timestampMs: parts.timestampMs ?? null,
  };
  const outcome = { kind: 'sample', sample } as const;
  return { cache: edge1, format: 'astats', outcome, vitals: null, endMs: second * 1000, durationMs: 5 };
}

const bad = (second: number): StatPoll => ({
  ...good(second),
  outcome: { kind: 'error', reason: 'no answer' },
});

describe('stat polls', () => {
  it('reach histories, traffic and delivery services', () => {
    const statistics = statisticsOf('edge-1');
    assert.equal(statistics.record(good(1)), false);
    assert.equal(statistics.record(good(2)), true);
    assert.notEqual(statistics.history.of(edge1), null);
    assert.equal(statistics.history.infos(edge1).length, 2);
    assert.equal(statistics.traffic.totalKbps, 8);
    assert.equal(statistics.traffic.totalCapacityKbps, 10_000);
    assert.equal(statistics.services.get(web)?.total.sums.kbps, 8);
    assert.equal(statistics.services.get(web)?.total.sums.count(0), 2000n);
  });

  it('suffice for the gate if they fail, or the cache asks not to be used', () => {
    assert.equal(statisticsOf('edge-1').record(bad(1)), true);
    assert.equal(statisticsOf('edge-1').record(good(1, { notAvailable: true })), true);
    assert.equal(statisticsOf('edge-1').record(good(1, { bytes: 0 })), true);
  });

  it('leave histories alone if they fail', () => {
    const statistics = statisticsOf('edge-1');
    statistics.record(good(1));
    statistics.record(bad(2));
    assert.equal(statistics.history.infos(edge1)[0]?.error, 'no answer');
    assert.equal(statistics.history.of(edge1)?.layout.names.length, 1);
    assert.equal(statistics.services.get(web)?.reportingCaches, 0);
  });

  it('count by the time that the payload gives', () => {
    const statistics = statisticsOf('edge-1');
    statistics.record(good(1, { bytes: 1000, timestampMs: 500_000 }));
    statistics.record(good(2, { bytes: 2000, timestampMs: 510_000 }));
    assert.equal(statistics.traffic.totalKbps, 0.8);
  });

  it('of a cache that is not configured any more change nothing', () => {
    const statistics = statisticsOf('edge-1');
    statistics.record(good(1));
    statistics.record(good(2));
    configure(statistics, 'edge-2');
    assert.equal(statistics.record(good(3)), true);
    assert.equal(statistics.record(bad(4)), true);
    assert.equal(statistics.history.of(edge1), null);
    assert.deepEqual([statistics.traffic.totalKbps, statistics.traffic.totalCapacityKbps], [0, 0]);
    assert.equal(statistics.services.get(web)?.total.sums.count(0), 0n);
  });

  for (const format of ['astats', 'stats_over_http', 'vstats', 'noop']) {
    it(`are taken in whatever ${format} makes of an answer`, () => {
      const statistics = statisticsOf('edge-1');
      for (const body of ['', '{}', 'null', '{"ats":{"__proto__":1},"global":{"toString":"1"}}']) {
        const outcome = formatNamed(format)?.parse({
          cache: edge1,
          body: Buffer.from(body),
          contentType: '',
        });
        assert.ok(outcome);
        statistics.record({ ...good(1), format, outcome });
      }
    });
  }
});
