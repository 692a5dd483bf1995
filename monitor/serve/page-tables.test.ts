import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cachegroupName, cacheName, deliveryServiceId } from '../../common/ids.ts';
import type { CacheState } from '../health/cache-state.ts';
import { RecentPolls } from '../health/recent-polls.ts';
import {
  cacheServer,
  networkInterface,
  profile,
  recordError,
  recordGood,
  settings,
  snapshotOf,
  statesOf,
} from '../testing/configs.ts';
import { cacheDetail, cacheHistory } from './cache-detail.ts';
import { cacheTable } from './cache-table.ts';
import { overview } from './overview.ts';
import { parseQuery } from './query.ts';
import type { Reply } from './reply.ts';
import { serviceTable } from './service-table.ts';

const T = Date.UTC(2026, 4, 7, 4, 5, 6, 789);
const demo = deliveryServiceId('demo');

const parts = {
  caches: [
    cacheServer('edge-1', { deliveryServices: [demo] }),
    cacheServer('edge-2', { deliveryServices: [demo] }),
    cacheServer('edge-3', { status: 'ONLINE' }),
    cacheServer('edge-4', { status: 'ADMIN_DOWN' }),
    cacheServer('edge-5'),
    cacheServer('edge-6', { status: 'OFFLINE' }),
  ],
  profiles: [profile({ thresholds: [{ stat: 'loadavg', comparator: '<', value: 25 }] })],
  deliveryServices: ['demo', 'lonely'],
};

/** edge-1 is up and sends 8,000 kbps, edge-2 has failed, edge-5 was not polled yet. */
function sixCaches() {
  const states = statesOf(parts);
  for (const name of ['edge-1', 'edge-2', 'edge-4']) {
    recordGood(states, name, T);
    recordGood(states, name, T + 2000, 2_000_000n);
  }
  recordError(states, 'edge-2', T + 4000, 'gone');
  return states;
}

const isAvailable = ({ verdict }: CacheState): boolean => verdict?.isAvailable ?? false;
const capacityKbps = (state: CacheState): number => state.capacityKbps;
/** 16 Mbps, of caches that others poll. */
const kbpsElsewhere = (): number | null => 16_000;
const read = ({ body }: Reply) => JSON.parse(String(body));

describe('the table of caches', () => {
  const table = JSON.parse(
    cacheTable({ caches: sixCaches().configured, isAvailable, capacityKbps, kbpsElsewhere }),
  );
  const row = (name: string): Record<string, unknown> => {
    const cells = table.rows.find(([each]: [string]) => each === name);
    return Object.fromEntries(table.fields.map((field: string, index: number) => [field, cells[index]]));
  };

  it('has each cache of the config by name, OFFLINE ones too', () => {
    assert.deepEqual(
      table.rows.map(([name]: [string]) => name),
      ['edge-1', 'edge-2', 'edge-3', 'edge-4', 'edge-5', 'edge-6'],
    );
  });

  it('has all that a row of the page shows', () => {
    assert.deepEqual(row('edge-1'), {
      name: 'edge-1',
      cachegroup: 0,
      type: 'EDGE',
      status: 'REPORTED',
      state: 'available',
      own: true,
      ipv4: true,
      ipv6: null,
      loadAverage: 0.3,
      kbps: 8000,
      capacityKbps: 10_000_000,
      connections: 0,
      healthMs: 5,
      lastPollMs: T + 2000,
      reason: 'REPORTED - available',
    });
    assert.deepEqual(table.cachegroups, ['cg-1']);
  });

  it('says nothing of load and traffic while the newest poll has failed', () => {
    const { state, reason, loadAverage, kbps } = row('edge-2');
    assert.match(String(reason), /^REPORTED - gone/);
    assert.deepEqual([state, loadAverage, kbps], ['down', null, null]);
  });

  it('tells what routers are told beside what this monitor sees itself', () => {
    const told = JSON.parse(
      cacheTable({ caches: sixCaches().configured, isAvailable: () => true, capacityKbps, kbpsElsewhere }),
    );
    const [state, own] = [told.fields.indexOf('state'), told.fields.indexOf('own')];
    const seen = told.rows.map((cells: unknown[]) => [cells[0], cells[state], cells[own]]);
    assert.deepEqual(seen.slice(0, 2), [
      ['edge-1', 'available', true],
      ['edge-2', 'available', false],
    ]);
  });

  const states: readonly [name: string, state: string][] = [
    ['edge-3', 'available'],
    ['edge-4', 'down'],
    ['edge-5', 'unknown'],
    ['edge-6', 'unknown'],
  ];
  for (const [name, state] of states) {
    it(`${name} is ${state}`, () => assert.equal(row(name)['state'], state));
  }
});

describe('the detail of a cache', () => {
  const source = { caches: sixCaches().configured, isAvailable, capacityKbps, kbpsElsewhere };
  const ask = (query: string): Reply => cacheDetail(parseQuery(query), source);

  it('tells who it is, what was found and by which rules it is judged', () => {
    const detail = read(ask('name=edge-1'));
    assert.deepEqual(detail.own, {
      isAvailable: true,
      ipv4Available: true,
      ipv6Available: false,
      reason: 'REPORTED - available',
      poller: 'health',
      timeMs: T + 2000,
      from: null,
      receivedMs: null,
    });
    assert.equal(detail.isPolledHere, true);
    assert.deepEqual(detail.thresholds, [{ stat: 'loadavg', comparator: '<', value: 25 }]);
    assert.deepEqual(detail.deliveryServices, ['demo']);
    assert.deepEqual(detail.health, {
      lastMs: T + 2000,
      error: null,
      spanMs: 2000,
      goodDurationMs: 5,
      goodPolls: 2,
    });
    assert.deepEqual(detail.interfaces, [
      {
        name: 'bond0',
        isMonitored: true,
        status: 'available',
        isAvailable: true,
        kbps: 8000,
        speedKbps: 10_000_000,
        maxBandwidthKbps: null,
        addresses: [{ address: '192.0.2.1/24', isService: true }],
      },
    ]);
  });

  it('tells whose word it is, of a cache that another monitor polls', () => {
    const states = sixCaches();
    states.share(new Set([cacheName('edge-1')]));
    const verdict = {
      isAvailable: true,
      ipv4Available: true,
      ipv6Available: false,
      status: 'REPORTED - available',
    };
    states.receive(cacheName('edge-1'), { verdict, lastPollMs: T, from: 'tm-2', receivedMs: T + 9000 });
    const detail = read(
      cacheDetail(parseQuery('name=edge-1'), {
        caches: states.configured,
        isAvailable,
        capacityKbps,
        kbpsElsewhere,
      }),
    );
    assert.deepEqual(
      [detail.isPolledHere, detail.own.from, detail.own.receivedMs, detail.own.timeMs, detail.kbps],
      [false, 'tm-2', T + 9000, T, 16_000],
    );
  });

  it('has no verdict of one that was not polled yet', () => {
    const { own, isAvailable: served } = read(ask('name=edge-5'));
    assert.deepEqual([own, served], [null, null]);
  });

  it('tells what failed', () => {
    assert.equal(read(ask('name=edge-2')).health.error, 'gone');
  });

  it('tells interfaces that are not monitored', () => {
    const states = statesOf({
      caches: [
        cacheServer('edge-1', {
          interfaces: [
            networkInterface(['192.0.2.1/24']),
            networkInterface([], { name: 'lo', monitor: false }),
          ],
        }),
      ],
    });
    recordGood(states, 'edge-1', T);
    const source = { caches: states.configured, isAvailable, capacityKbps, kbpsElsewhere };
    const [, lo] = read(cacheDetail(parseQuery('name=edge-1'), source)).interfaces;
    assert.deepEqual([lo.isMonitored, lo.status], [false, 'not monitored']);
  });

  const refused: readonly [query: string, status: number, text: RegExp][] = [
    ['', 400, /name the cache/],
    ['name=nobody', 404, /no cache is called "nobody"/],
  ];
  for (const [query, status, text] of refused) {
    it(`is refused with ${status} for "${query}"`, () => {
      const reply = ask(query);
      assert.equal(reply.status, status);
      assert.match(String(reply.body), text);
    });
  }
});

describe('the history of a cache', () => {
  it('has the latest polls of that cache, oldest first', () => {
    const recent = new RecentPolls();
    const poll = { isAvailable: true, isAnswered: true, loadAverage: 0.25, kbpsOut: 8000, durationMs: 5 };
    recent.record(cacheName('edge-1'), { ...poll, timeMs: T });
    recent.record(cacheName('edge-2'), { ...poll, timeMs: T + 1 });
    assert.deepEqual(read(cacheHistory(parseQuery('cache=edge-1'), recent)), {
      cache: 'edge-1',
      polls: [{ ...poll, timeMs: T }],
    });
    assert.deepEqual(read(cacheHistory(parseQuery('cache=nobody'), recent)).polls, []);
  });

  it('is refused without a name', () => {
    assert.equal(cacheHistory(parseQuery(''), new RecentPolls()).status, 400);
  });
});

describe('the table of delivery services', () => {
  it('counts the caches that carry each, and tells cachegroups that have none left', () => {
    const states = statesOf({
      ...parts,
      caches: [
        ...parts.caches,
        cacheServer('edge-7', { deliveryServices: [demo], cachegroup: cachegroupName('cg-2') }),
      ],
    });
    recordGood(states, 'edge-1', T);
    recordError(states, 'edge-7', T, 'gone');
    const { deliveryServices } = JSON.parse(
      serviceTable({
        ids: states.combined.deliveryServices.sorted,
        caches: states.sorted,
        isCacheAvailable: isAvailable,
        isAvailable: (id) => states.combined.deliveryServices.isAvailable(id),
        statistics: () => undefined,
      }),
    );
    assert.deepEqual(deliveryServices, [
      {
        xmlId: 'demo',
        type: null,
        isAvailable: true,
        reason: '',
        caches: 3,
        cachesAvailable: 1,
        kbps: null,
        tps: null,
        cachegroups: 2,
        cachegroupsDown: ['cg-2'],
      },
      {
        xmlId: 'lonely',
        type: null,
        isAvailable: false,
        reason: '',
        caches: 0,
        cachesAvailable: 0,
        kbps: null,
        tps: null,
        cachegroups: 0,
        cachegroupsDown: [],
      },
    ]);
  });
});

describe('the overview', () => {
  const told = (changes: Partial<Parameters<typeof overview>[0]> = {}) =>
    JSON.parse(
      overview({
        identity: {
          version: '1.2.3',
          gitRevision: '0123456789',
          buildTimestamp: 'today',
          program: 'traffic_monitor',
          directory: '/opt',
          startedMs: T - 61_000,
        },
        monitor: 'tm-1',
        settings: settings(),
        snapshot: snapshotOf(parts),
        trafficOps: {
          cdn: undefined,
          usingDummyTo: false,
          lastError: null,
          trafficOpsReachable: true,
          acceptedAt: T - 1000,
          remoteAddress: '',
          heldBackCaches: 0,
        },
        closedBecause: null,
        quorumProblem: null,
        healthIntervalMs: 6000,
        caches: sixCaches().sorted,
        isAvailable,
        bandwidthKbps: 16_000,
        capacityKbps: 20_000_000,
        nowMs: T,
        ...changes,
      }),
    );

  it('counts every cache once: available, down, out of service, or not polled yet', () => {
    assert.deepEqual(told().caches, { all: 5, available: 2, down: 1, outOfService: 1, unpolled: 1 });
  });

  it('names the monitor, its CDN and its snapshot', () => {
    const { monitor, version, cdn, snapshot } = told();
    assert.deepEqual([monitor, version, cdn], ['tm-1', 'traffic_monitor-1.2.3.012345', 'test-cdn']);
    assert.deepEqual(snapshot, { source: 'traffic-ops', dateMs: 1000, acceptedMs: T - 1000 });
  });

  it('before the first snapshot says why nothing is served', () => {
    const { snapshot, closedBecause, caches } = told({
      snapshot: null,
      caches: [],
      closedBecause: 'service still starting, no config from Traffic Ops yet',
    });
    assert.deepEqual([snapshot, caches.all], [null, 0]);
    assert.match(closedBecause, /no config/);
  });
});
