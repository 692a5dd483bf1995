import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import type { AssignmentDocument, Redundancy } from '../common/assignment/document.ts';
import {
  type CacheName,
  cacheName,
  cdnName,
  deliveryServiceId,
  groupName,
  monitorName,
} from '../common/ids.ts';
import type { MonitoringConfig } from '../common/traffic-ops/monitoring.ts';
import type { PollingParameters } from './poll/polling-parameters.ts';
import { StatisticsExchange } from './statistics-exchange.ts';
import { reportDocument } from './stats/report-document.ts';
import { Statistics } from './stats/statistics.ts';
import { subjectWith } from './stats/testing/samples.ts';
import { httpServer } from './testing/servers.ts';
import { until } from './testing/waiting.ts';

const CACHES = ['edge-1', 'edge-2'].map(cacheName);
const web = deliveryServiceId('web');
const manner = {
  accept: 'text/json',
  maxBodyBytes: 1 << 20,
  intervalMs: 50,
  timeoutMs: 500,
  keepAlive: true,
};
const parameters = { statIntervalMs: 100 } as PollingParameters;

/** What a monitor tells that has polled `cache`, which sends 1000 bytes a second. */
const told = (cache: CacheName, cdn = 'cdn', nowMs = Date.now()): string =>
  reportDocument({ cdn: cdnName(cdn), monitor: monitorName('tm'), nowMs }, [
    {
      cache,
      from: monitorName('tm'),
      polledMs: nowMs,
      isReporting: true,
      outBytesPerSecond: 1000,
      capacityKbps: 10_000,
      deliveryServices: [web],
      counts: new Uint32Array(12),
      rates: new Float64Array(5),
    },
  ]);

/** An exchange of monitor `tm-0`, alone in group `own`, with groups of one monitor each that answer so. */
async function exchangeWith(
  t: TestContext,
  answers: readonly RequestListener[],
  redundancy: Redundancy = 'All',
) {
  const subjects = CACHES.map((name) => subjectWith({ name, services: ['web'] }));
  const config = { caches: new Map(), profiles: new Map(), deliveryServices: new Map() };
  const statistics = new Statistics(monitorName('tm-0'), () => {});
  const input = { subjects, document: null, polled: new Set<CacheName>(), polledElsewhere: new Set(CACHES) };
  statistics.configure({ ...input, config: config as unknown as MonitoringConfig }, 0);
  statistics.services.apply([web], subjects, 0);
  const ports = await Promise.all(answers.map(async (answer) => (await httpServer(t, answer)).port));
  const other = (port: number, index: number) => ({
    name: monitorName(`tm-${index + 1}`),
    host: '127.0.0.1',
    port,
  });
  const self = { name: monitorName('tm-0'), host: '127.0.0.1', port: 1 };
  const groups =
    redundancy === 'All'
      ? [
          { name: groupName('own'), cachegroups: [], members: [self] },
          ...ports.map((port, i) => ({
            name: groupName(`g-${i}`),
            cachegroups: [],
            members: [other(port, i)],
          })),
        ]
      : [{ name: groupName('own'), cachegroups: [], members: [self, ...ports.map(other)] }];
  const document: AssignmentDocument = {
    version: 1,
    revision: 1,
    cdn: cdnName('cdn'),
    group: groupName('own'),
    redundancy,
    groups,
    handovers: [],
    failovers: [],
  };
  const warnings: string[] = [];
  const exchange = new StatisticsExchange({
    self: monitorName('tm-0'),
    userAgent: 'test',
    statistics,
    log: { debug() {}, info() {}, warning: (text: string) => warnings.push(text), error() {} },
    isGroupsWord: () => true,
    onFault: (error) => assert.fail(String(error)),
  });
  t.after(() => exchange.stop());
  exchange.ask(document, manner, parameters);
  return { exchange, statistics, warnings, ports };
}

describe('the exchange of statistics', () => {
  it('takes in what one member of each other group tells of its group', async (t) => {
    const urls: (string | undefined)[] = [];
    const { exchange, statistics } = await exchangeWith(
      t,
      CACHES.map((cache) => (request, response) => {
        urls.push(request.url);
        response.end(told(cache));
      }),
    );
    assert.match(exchange.unasked() ?? '', /statistics not asked for yet: g-0, g-1/);
    await until('all are heard', () => statistics.traffic.totalKbps === 16);
    assert.equal(exchange.unasked(), null);
    assert.equal(statistics.traffic.totalCapacityKbps, 20_000);
    assert.ok(urls.every((url) => url === '/api/group-statistics?local'));
  });

  it('asks members of the own group for what they poll, if they share the caches out', async (t) => {
    const urls: (string | undefined)[] = [];
    const { statistics } = await exchangeWith(
      t,
      CACHES.map((cache) => (request, response) => {
        urls.push(request.url);
        response.end(told(cache));
      }),
      1,
    );
    await until('both are heard', () => statistics.traffic.totalKbps === 16);
    assert.ok(urls.every((url) => url === '/api/group-statistics'));
  });

  const useless: readonly [what: string, answer: RequestListener, warning: RegExp][] = [
    [
      'of another CDN',
      (_request, response) => response.end(told(cacheName('edge-1'), 'other')),
      /monitor tm-1: .*not used: they are of CDN "other", this monitor is in CDN "cdn"/,
    ],
    [
      'of another version',
      (_request, response) => response.end(told(cacheName('edge-1')).replace('"version":1', '"version":9')),
      /version 9, this monitor reads version 1/,
    ],
    [
      'that cannot be read',
      (_request, response) => response.end(told(cacheName('edge-1')).replace('"edge-1",', '')),
      /not used: .*report/,
    ],
    ['that is none', (_request, response) => response.writeHead(503).end(), /cannot be had from .*503/],
  ];
  for (const [what, answer, warning] of useless) {
    it(`tells once of an answer ${what}, and uses the others`, async (t) => {
      let asked = 0;
      const { exchange, statistics, warnings } = await exchangeWith(t, [
        (request, response) => {
          asked++;
          answer(request, response);
        },
        (_request, response) => response.end(told(cacheName('edge-2'))),
      ]);
      await until('it was asked again', () => asked > 3);
      await until('the other is heard', () => statistics.traffic.totalKbps === 8);
      assert.equal(exchange.unasked(), null);
      assert.equal(warnings.length, 1, warnings.join('\n'));
      assert.match(warnings[0] ?? '', warning);
    });
  }

  it('does not count rates of caches that nobody tells of any more', async (t) => {
    let isGone = false;
    const { statistics } = await exchangeWith(t, [
      (_request, response) => {
        if (isGone) response.writeHead(503).end();
        else response.end(told(cacheName('edge-1')));
      },
    ]);
    await until('it is heard', () => statistics.traffic.totalKbps === 8);
    isGone = true;
    await until('its rate counts no more', () => statistics.traffic.totalKbps === 0);
    assert.equal(statistics.traffic.totalCapacityKbps, 10_000);
  });

  it('knows where a monitor answers, while it is a member', async (t) => {
    const { exchange, ports } = await exchangeWith(t, [(_request, response) => response.end()]);
    assert.equal(exchange.urlOf(monitorName('tm-1')), `http://127.0.0.1:${ports[0]}`);
    assert.equal(exchange.urlOf(monitorName('stranger')), null);
  });
});
