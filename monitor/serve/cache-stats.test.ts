import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cacheName } from '../../common/ids.ts';
import type { CacheServer } from '../../common/traffic-ops/monitoring.ts';
import { StatHistory } from '../stats/stat-history.ts';
import { statInfoOf } from '../stats/stat-info.ts';
import { sampleOf, stateWith, subjectWith } from '../stats/testing/samples.ts';
import {
  type CacheDocument,
  type CacheQuestion,
  cacheDocument,
  type ServedCache,
  servedCache,
} from './cache-document.ts';
import { cacheStats } from './cache-stats.ts';
import { cacheStatsNew } from './cache-stats-new.ts';
import { parseQuery } from './query.ts';
import type { Reply } from './reply.ts';
import { statSummary } from './stat-summary.ts';
import { textOf } from './testing/reply-text.ts';

const NOW_MS = Date.UTC(2026, 4, 7, 4, 5, 6);
const context = { stateUrl: 'http://${hostname}/', status: 'REPORTED', isAvailable: true, isHealthy: true };
const served = (name: string, parts: Partial<ServedCache> = {}): ServedCache => ({
  name: cacheName(name),
  type: 'EDGE',
  serviceInterface: 'eth0',
  context,
  ...parts,
});
const caches: readonly ServedCache[] = [
  served('edge-1'),
  served('edge-2', { serviceInterface: 'bond0' }),
  served('edge-3'),
  served('edge-4', { serviceInterface: null }),
  served('mid-1', { type: 'MID', context: { ...context, isAvailable: false } }),
];
const FULL = 2n ** 64n - 1n;
const vitals = {
  timeMs: 0,
  countersMs: 0,
  loadAverage: 0.5,
  kbpsOut: 1_500_000,
  maxKbps: 2_000_999,
  interfaces: [],
};

/** edge-1 has all, edge-2 another interface than its own, mid-1 failed, the others no data. */
function pastOf(): StatHistory {
  const history = new StatHistory();
  history.apply(new Map(caches.map(({ name }) => [name, 3])));
  const [edge1, edge2, mid1] = [cacheName('edge-1'), cacheName('edge-2'), cacheName('mid-1')];
  for (const poll of [1, 2, 3]) {
    const stats = {
      requests: 1000 * poll,
      still: 1_234_567,
      text: '9.2.0',
      digits: '1234567',
      flag: true,
      'odd "name"': 1,
    };
    const interfaces = {
      eth0: { speedMbps: 10, bytesIn: BigInt(poll), bytesOut: FULL },
      lo: { speedMbps: -1, bytesIn: 0n, bytesOut: 0n },
    };
    history.take(edge1, sampleOf(stats, interfaces), poll * 1000);
    history.addInfo(edge1, statInfoOf(poll * 1000, 12.7, vitals, null));
  }
  history.take(edge2, sampleOf({}, { eth0: { speedMbps: 1, bytesIn: 1n, bytesOut: 1n } }), 1000);
  history.addInfo(mid1, statInfoOf(2000, 1, null, 'no answer'));
  return history;
}

const past = pastOf();

interface Element {
  readonly value: string;
  readonly time: number;
  readonly span: number;
}
type Lists = Readonly<Record<string, readonly Element[]>>;

function bodyOf<T>(reply: Reply): { pp: string; date: string; caches: Readonly<Record<string, T>> } {
  assert.equal(reply.status, 200);
  assert.equal(reply.contentType, 'application/json');
  return JSON.parse(textOf(reply));
}

function ask(document: CacheDocument, query: string, parts: Partial<CacheQuestion> = {}): Reply {
  const question = { argument: '', caches, history: past, nowMs: NOW_MS, others: () => [], ...parts };
  return cacheDocument(document, { query: parseQuery(query), ...question });
}

const stats = (query: string, argument = '') => bodyOf<Lists>(ask(cacheStats, query, { argument }));
const statsNew = (query: string, argument = '') =>
  bodyOf<{ interfaces: Readonly<Record<string, Lists>>; stats: Lists }>(
    ask(cacheStatsNew, query, { argument }),
  );
const summary = (query: string, argument = '') =>
  bodyOf<{
    interfaceStats: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    stats: Readonly<Record<string, unknown>>;
  }>(ask(statSummary, query, { argument }));

describe('/publish/CacheStatsNew', () => {
  it('tells of every cache, with data or without', () => {
    const body = statsNew('');
    assert.equal(body.date, 'Thu May 07 04:05:06 UTC 2026');
    assert.deepEqual(Object.keys(body), ['pp', 'date', 'caches']);
    assert.deepEqual(Object.keys(body.caches), ['edge-1', 'edge-2', 'edge-3', 'edge-4', 'mid-1']);
    assert.deepEqual(body.caches['edge-3'], { interfaces: {}, stats: {} });
  });

  it('shows values as Go prints them, in the order of names', () => {
    const { interfaces, stats: lists } = statsNew('').caches['edge-1'] ?? { interfaces: {}, stats: {} };
    assert.deepEqual(interfaces, {
      eth0: {
        inBytes: [{ value: '3', time: 3000, span: 1 }],
        outBytes: [{ value: '18446744073709551615', time: 3000, span: 3 }],
        speed: [{ value: '10', time: 3000, span: 3 }],
      },
      lo: {
        inBytes: [{ value: '0', time: 3000, span: 3 }],
        outBytes: [{ value: '0', time: 3000, span: 3 }],
        speed: [{ value: '-1', time: 3000, span: 3 }],
      },
    });
    const values = Object.fromEntries(Object.entries(lists).map(([name, [first]]) => [name, first?.value]));
    assert.deepEqual(values, {
      'ats.digits': '1234567',
      'ats.flag': 'true',
      'ats.odd "name"': '1',
      'ats.requests': '3000',
      'ats.still': '1.234567e+06',
      'ats.text': '9.2.0',
      availableBandwidthInKbps: '500999',
      availableBandwidthInMbps: '500',
      bandwidth: '1500000',
      'error-string': 'false',
      gbps: '1.5',
      isAvailable: 'true',
      isHealthy: 'true',
      kbps: '1500000',
      loadavg: '0.5',
      maxKbps: '2000999',
      queryTime: '12',
      stateUrl: 'http://${hostname}/',
      status: 'REPORTED',
      'system.astatsLoad': '0',
      'system.configReloadRequests': '0',
      'system.configReloads': '0',
      'system.inf.name': '',
      'system.inf.speed': '0',
      'system.lastReload': '0',
      'system.lastReloadRequest': '',
      'system.notAvailable': '',
      'system.proc.loadavg': '0',
      'system.proc.net.dev': '0',
    });
    assert.deepEqual(Object.keys(lists), Object.keys(lists).toSorted());
  });

  it('shows the error of a failed poll, and no load', () => {
    const lists = statsNew('stats=error-string,kbps,isAvailable').caches['mid-1']?.stats;
    assert.deepEqual(lists?.['error-string'], [{ value: 'no answer', time: 2000, span: 1 }]);
    assert.deepEqual([lists?.['kbps']?.[0]?.value, lists?.['isAvailable']?.[0]?.value], ['0', 'false']);
  });

  it('filters interface statistics (D54)', () => {
    const { interfaces } = statsNew('interfaceStats=speed,none&stats=x').caches['edge-1'] ?? {};
    assert.deepEqual(Object.keys(interfaces?.['eth0'] ?? {}), ['speed']);
  });

  const filters: readonly [query: string, argument: string, caches: readonly string[]][] = [
    ['type=mid', '', ['mid-1']],
    ['hosts=edge-2,mid-1&cache=edge-1', '', ['edge-1', 'edge-2', 'mid-1']],
    ['', 'edge-3', ['edge-3']],
    ['stats=status', 'absent', []],
    ['stats=', '', ['edge-1', 'edge-2', 'edge-3', 'edge-4', 'mid-1']],
  ];
  for (const [query, argument, names] of filters) {
    it(`?${query} /${argument} is about ${names.join() || 'nothing'}`, () => {
      assert.deepEqual(Object.keys(statsNew(query, argument).caches), names);
    });
  }
});

describe('/publish/CacheStats', () => {
  it('puts the service interface among the others', () => {
    const { caches: all, pp } = stats('stats=kbps,ats.requests&hc=2');
    assert.equal(pp, 'stats=[kbps,ats.requests], hc=[2]');
    assert.deepEqual(Object.keys(all['edge-1'] ?? {}), [
      'ats.requests',
      'inBytes',
      'kbps',
      'outBytes',
      'speed',
    ]);
    assert.deepEqual(all['edge-1']?.['ats.requests'], [
      { value: '3000', time: 3000, span: 1 },
      { value: '2000', time: 2000, span: 1 },
    ]);
    assert.deepEqual(
      all['edge-1']?.['kbps']?.map(({ time }) => time),
      [3000, 2000],
    );
  });

  it('leaves out who has no service address, or polled interfaces without it', () => {
    const { caches: all } = stats('');
    assert.deepEqual(Object.keys(all), ['edge-1', 'edge-3', 'mid-1']);
    assert.deepEqual(all['edge-3'], {});
  });

  const counts: readonly [query: string, requests: number, outBytes: number][] = [
    ['', 1, 1],
    ['hc=3', 3, 1],
    ['hc=0', 3, 1],
    ['hc=word', 1, 1],
  ];
  for (const [query, requests, outBytes] of counts) {
    it(`?${query} has ${requests} values of what changes`, () => {
      const lists = stats(query).caches['edge-1'];
      assert.deepEqual([lists?.['ats.requests']?.length, lists?.['outBytes']?.length], [requests, outBytes]);
    });
  }

  const names: readonly [query: string, found: readonly string[]][] = [
    ['stats=no.such.stat', []],
    ['stats=requests', []],
    ['stats=ats.r&wildcard=true', ['ats.requests']],
    ['stats=ats.r&wildcard=maybe', []],
    ['stats=s.s,Bandwidth&wildcard=1', ['ats.still', 'availableBandwidthInKbps', 'availableBandwidthInMbps']],
    ['stats=flag&wildcard=T', ['ats.flag']],
  ];
  for (const [query, found] of names) {
    it(`?${query} finds ${found.join() || 'the interface only'}`, () => {
      const listed = Object.keys(stats(query).caches['edge-1'] ?? {});
      assert.deepEqual(listed, [...found, 'inBytes', 'outBytes', 'speed']);
    });
  }
});

describe('/publish/StatSummary', () => {
  it('sums up the numbers of those that have data', () => {
    const { caches: all } = summary('');
    assert.deepEqual(Object.keys(all), ['edge-1', 'edge-2']);
    assert.deepEqual(Object.keys(all['edge-1']?.stats ?? {}), [
      'ats.digits',
      'ats.odd "name"',
      'ats.requests',
      'ats.still',
    ]);
    assert.deepEqual(all['edge-1']?.stats['ats.requests'], {
      average: 2000,
      dpCount: 3,
      end: 3000,
      endTime: 3000,
      high: 3000,
      low: 1000,
      start: 1000,
      startTime: 1000,
    });
    assert.deepEqual(all['edge-1']?.interfaceStats['eth0']?.['ats.outBytes'], {
      average: 2 ** 64,
      dpCount: 3,
      end: 2 ** 64,
      endTime: 3000,
      high: 2 ** 64,
      low: 2 ** 64,
      start: 2 ** 64,
      startTime: 3000,
    });
  });

  it('takes names without ats., for the payload’s statistics only', () => {
    const { caches: all } = summary('stats=requests');
    assert.deepEqual(Object.keys(all['edge-1']?.stats ?? {}), ['ats.requests']);
    assert.equal(Object.keys(all['edge-1']?.interfaceStats['eth0'] ?? {}).length, 3);
    assert.deepEqual(summary('stats=ats.requests').caches['edge-1']?.stats, {});
    assert.deepEqual(Object.keys(summary('stats=ti&wildcard=1').caches['edge-1']?.stats ?? {}), [
      'ats.still',
    ]);
  });

  it('passes over what JSON cannot say', () => {
    const history = new StatHistory();
    const name = cacheName('edge-1');
    history.apply(new Map([[name, 3]]));
    for (const value of [Number.NaN, 1])
      history.take(name, sampleOf({ value, infinite: Number.POSITIVE_INFINITY }), 1);
    const reply = ask(statSummary, '', { history });
    assert.deepEqual(bodyOf<{ stats: unknown }>(reply).caches['edge-1']?.stats, {});
  });
});

it('bad filters get 400 from all three', () => {
  for (const document of [cacheStats, cacheStatsNew, statSummary]) {
    const reply = ask(document, 'colour=red');
    assert.deepEqual([reply.status, reply.body], [400, "invalid query parameter 'colour'"]);
  }
});

it('a cache is shown as it is configured; ADMIN_DOWN is healthy', () => {
  const subject = subjectWith({ name: 'edge-1', status: 'ADMIN_DOWN' });
  const interfaces = [
    { name: 'eth7', addresses: [{ address: '192.0.2.1', gateway: null, serviceAddress: true }] },
  ];
  const server = { ...subject.server, interfaces } as unknown as CacheServer;
  assert.deepEqual(servedCache(stateWith({ ...subject, server }, false), false), {
    name: 'edge-1',
    type: 'EDGE',
    serviceInterface: 'eth7',
    context: { stateUrl: 'http://${hostname}/', status: 'ADMIN_DOWN', isAvailable: false, isHealthy: true },
  });
  assert.equal(servedCache(stateWith(subject, true), true).serviceInterface, null);
});
