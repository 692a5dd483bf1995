import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cacheName } from '../../common/ids.ts';
import { DsStatistics } from '../stats/ds-statistics.ts';
import { figuresOf, polledOf, serviceWith, subjectWith } from '../stats/testing/samples.ts';
import { dsStats } from './ds-stats.ts';
import { parseQuery } from './query.ts';
import { textOf } from './testing/reply-text.ts';

const NOW_MS = Date.UTC(2026, 4, 7, 4, 5, 6);

const statistics = new DsStatistics(() => {});
const subjects = [
  subjectWith({ name: 'edge-1', group: 'cg-a', services: ['web', 'names'] }),
  subjectWith({ name: 'mid-1', group: 'cg-b', type: 'MID', services: ['web'] }),
];
const services = [
  serviceWith('web'),
  serviceWith('names', { type: 'DNS' }),
  serviceWith('idle'),
  serviceWith('guest'),
];
statistics.configure({ subjects, polled: polledOf(subjects), services });
statistics.apply(
  services.map(({ xmlId }) => xmlId),
  subjects.filter(({ type }) => type === 'EDGE'),
  0,
);
statistics.take(cacheName('edge-1'), figuresOf({ web: { out_bytes: 2n ** 53n }, names: {} }), 1000, 1000);
const later = {
  web: { out_bytes: 2n ** 53n + 1000n, status_2xx: 3n, status_4xx: 1n },
  guest: { in_bytes: 2n ** 53n + 1n },
};
statistics.take(cacheName('edge-1'), figuresOf(later), 3000, 3005);

type Lists = Readonly<Record<string, readonly { time: number; value: unknown }[]>>;
type Body = { deliveryService: Readonly<Record<string, Lists>>; pp: string; date: string };

function get(query: string, argument = ''): Body {
  const reply = dsStats(parseQuery(query), argument, statistics, NOW_MS);
  assert.equal(reply.status, 200);
  return JSON.parse(textOf(reply));
}

const valuesOf = (lists: Lists | undefined) =>
  Object.fromEntries(Object.entries(lists ?? {}).map(([name, [first]]) => [name, first?.value]));

describe('/publish/DsStats', () => {
  it('tells of delivery services that have caches or traffic', () => {
    const body = get('');
    assert.deepEqual(Object.keys(body), ['deliveryService', 'pp', 'date']);
    assert.deepEqual(Object.keys(body.deliveryService), ['guest', 'names', 'web']);
  });

  it('tells all figures, in the order of their names, all with the time of the computation', () => {
    const lists = get('').deliveryService['web'];
    assert.deepEqual(Object.keys(lists ?? {}), Object.keys(lists ?? {}).toSorted());
    assert.ok(Object.values(lists ?? {}).every((list) => list.length === 1 && list[0]?.time === 3005));
    const figures = {
      in_bytes: '0',
      kbps: '4',
      out_bytes: '9007199254741992',
      status_2xx: '3',
      status_3xx: '0',
      status_4xx: '1',
      status_5xx: '0',
      tps_2xx: '1.500000',
      tps_3xx: '0.000000',
      tps_4xx: '0.500000',
      tps_5xx: '0.000000',
      tps_total: '2.000000',
    };
    const parts = ['total.', 'location.cg-a.', 'type.EDGE.'].flatMap((prefix) => [
      ...Object.entries(figures).map(([name, value]) => [prefix + name, value]),
      ...['error-string', 'isAvailable'].map((name) => [
        `location.${prefix}${name}`,
        name === 'isAvailable' ? 'true' : '',
      ]),
    ]);
    assert.deepEqual(valuesOf(lists), {
      'caches-available': '1',
      'caches-configured': '2',
      'caches-reporting': '1',
      disabledLocations: [],
      'error-string': '',
      isAvailable: 'true',
      isHealthy: 'true',
      status: '',
      ...Object.fromEntries(parts),
    });
  });

  it('prints exactly what came exactly', () => {
    assert.equal(valuesOf(get('').deliveryService['guest'])['total.in_bytes'], '9007199254740993');
  });

  const filters: readonly [query: string, argument: string, names: readonly string[]][] = [
    ['type=http', '', ['guest', 'web']],
    ['type=DNS', '', ['names']],
    ['deliveryservices=names,none', 'web', ['names', 'web']],
    ['', 'absent', []],
    ['stats=', '', []],
    ['hc=5', '', ['guest', 'names', 'web']],
  ];
  for (const [query, argument, names] of filters) {
    it(`?${query} /${argument} is about ${names.join() || 'nothing'}`, () => {
      assert.deepEqual(Object.keys(get(query, argument).deliveryService), names);
    });
  }

  const stats: readonly [query: string, found: readonly string[]][] = [
    ['stats=kbps', ['location.cg-a.kbps', 'total.kbps', 'type.EDGE.kbps']],
    ['stats=total.kbps', []],
    ['stats=caches&wildcard=1', ['caches-available', 'caches-configured', 'caches-reporting']],
    ['stats=tps_t&wildcard=true', ['location.cg-a.tps_total', 'total.tps_total', 'type.EDGE.tps_total']],
    [
      'stats=isAvailable',
      [
        'isAvailable',
        'location.location.cg-a.isAvailable',
        'location.total.isAvailable',
        'location.type.EDGE.isAvailable',
      ],
    ],
  ];
  for (const [query, found] of stats) {
    it(`?${query} finds ${found.join() || 'nothing'}`, () => {
      assert.deepEqual(Object.keys(get(query).deliveryService['web'] ?? {}), found);
    });
  }

  it('answers 400 to bad filters', () => {
    const reply = dsStats(parseQuery('web'), '', statistics, NOW_MS);
    assert.deepEqual([reply.status, reply.body], [400, "invalid query parameter 'web'"]);
  });
});
