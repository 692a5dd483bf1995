import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cachegroupName, deliveryServiceId, monitorName, profileName } from '../../common/ids.ts';
import type { MonitoringConfig } from '../../common/traffic-ops/monitoring.ts';
import { EventRing } from '../health/events.ts';
import { PEERS, PeerStates } from '../peers/peer-states.ts';
import { answered, answerOf, failed } from '../peers/testing/answers.ts';
import {
  cacheServer,
  monitoringConfig,
  networkInterface,
  profile,
  recordError,
  recordGood,
  settings,
  statesOf,
} from '../testing/configs.ts';
import { cacheStatuses } from './cache-statuses.ts';
import { configDoc } from './config-doc.ts';
import { availableCount, bandwidthKbps, cacheCount, capacityKbps, downCount } from './counts.ts';
import { eventLog } from './event-log.ts';
import { type Identity, userAgentOf, versionText } from './identity.ts';
import { commonDate, htmlSafeString, rfc3339 } from './json-text.ts';
import { monitorConfig } from './monitor-config.ts';
import { processStats } from './process-stats.ts';

const T = Date.UTC(2026, 4, 7, 4, 5, 6, 789);

const identity: Identity = {
  version: '1.2.3',
  gitRevision: '0123456789',
  buildTimestamp: 'today',
  program: 'traffic_monitor',
  directory: '/opt',
  startedMs: T - 61_000,
};

/** One cache that is up and sends 8,000 kbps, one that failed after that, one ONLINE, one ADMIN_DOWN, one unpolled. */
function fiveCaches() {
  const states = statesOf({
    caches: [
      cacheServer('edge-1'),
      cacheServer('edge-2'),
      cacheServer('edge-3', { status: 'ONLINE' }),
      cacheServer('edge-4', { status: 'ADMIN_DOWN', type: 'MID' }),
      cacheServer('edge-5'),
    ],
  });
  for (const name of ['edge-1', 'edge-2', 'edge-4']) {
    recordGood(states, name, T);
    recordGood(states, name, T + 2000, 2_000_000n);
  }
  recordError(states, 'edge-2', T + 4000, 'gone');
  return states.sorted;
}

describe('the counts', () => {
  const rows: readonly [name: string, count: typeof cacheCount, value: string][] = [
    ['caches', cacheCount, '5'],
    ['available: polled and up, or ONLINE', availableCount, '2'],
    ['down: REPORTED, but not available', downCount, '2'],
    ['kbps, with six decimals', bandwidthKbps, '24000.000000'],
    ['capacity of the polled ones', capacityKbps, '30000000'],
  ];
  for (const [name, count, value] of rows) {
    it(name, () => assert.equal(count(fiveCaches()), value));
  }

  it('of no caches are zero', () => {
    assert.deepEqual(
      [cacheCount, availableCount, downCount, bandwidthKbps, capacityKbps].map((count) => count([])),
      ['0', '0', '0', '0.000000', '0'],
    );
  });
});

describe('cache-statuses', () => {
  const written = JSON.parse(cacheStatuses(fiveCaches(), ({ capacityKbps }) => capacityKbps));

  it('has all fields of a cache that is up, in this order', () => {
    assert.equal(
      JSON.stringify(written['edge-1']),
      '{"type":"EDGE","load_average":0.3,"query_time_ms":2000,"health_time_ms":5,"stat_time_ms":0,"stat_span_ms":0,' +
        '"health_span_ms":2000,"status":"REPORTED - available","status_poller":"health","bandwidth_kbps":8000,' +
        '"bandwidth_capacity_kbps":10000000,"connection_count":0,"ipv4_available":true,"ipv6_available":false,' +
        '"combined_available":true,"interfaces":{"bond0":{"status":"available","status_poller":"health",' +
        '"bandwidth_kbps":8000,"available":true}}}',
    );
  });

  it('tells the error of a cache that failed, at its interfaces too', () => {
    const { status, bandwidth_kbps, load_average, combined_available, interfaces } = written['edge-2'];
    assert.match(status, /^REPORTED - gone/);
    assert.deepEqual([bandwidth_kbps, load_average, combined_available], [0, 0, false]);
    assert.deepEqual(interfaces.bond0, {
      status: 'not found in health polling data; gone',
      status_poller: 'health',
      bandwidth_kbps: 0,
      available: false,
    });
  });

  it('tells of an ONLINE cache as configured', () => {
    const { status, status_poller, combined_available, interfaces } = written['edge-3'];
    assert.deepEqual([status, status_poller, combined_available], ['ONLINE - available', 'unknown', true]);
    assert.deepEqual(interfaces.bond0, {
      status: 'available - server ONLINE',
      status_poller: 'unknown',
      bandwidth_kbps: 0,
      available: true,
    });
  });

  it('tells of a cache that is not polled yet', () => {
    const { status, status_poller, query_time_ms, interfaces } = written['edge-5'];
    assert.deepEqual([status, status_poller, query_time_ms], ['', 'unknown', 0]);
    assert.equal(interfaces.bond0.status, 'unavailable - interface not found');
  });

  it('tells of interfaces that are over their limit or not monitored (D70)', () => {
    const interfaces = [
      networkInterface(['192.0.2.1'], { maxBandwidth: 5000 }),
      networkInterface([], { name: 'eth1', monitor: false }),
      networkInterface([], { name: 'eth2' }),
    ];
    const states = statesOf({ caches: [cacheServer('edge-1', { interfaces, type: 'WHAT' })] });
    recordGood(states, 'edge-1', T);
    recordGood(states, 'edge-1', T + 2000, 2_000_000n);
    const { type, interfaces: told } = JSON.parse(
      cacheStatuses(states.sorted, ({ capacityKbps }) => capacityKbps),
    )['edge-1'];
    assert.equal(type, '');
    assert.deepEqual(
      Object.entries<{ status: string; available: boolean }>(told).map(([name, { status, available }]) => [
        name,
        status,
        available,
      ]),
      [
        ['bond0', 'maximum bandwidth exceeded', false],
        ['eth1', 'not monitored', false],
        ['eth2', 'not found in health polling data', false],
      ],
    );
  });
});

describe('the event log', () => {
  it('has the newest first, its time in whole seconds', () => {
    const ring = new EventRing(10);
    const event = { name: 'edge-1', type: 'EDGE', ipv4Available: true, ipv6Available: false } as const;
    ring.add({ ...event, timeMs: T, description: 'down', isAvailable: false });
    ring.add({ ...event, timeMs: T + 1500, description: 'up', isAvailable: true });
    assert.equal(
      eventLog(ring.newestFirst),
      '{"events":[{"time":1778126708,"index":1,"description":"up","name":"edge-1","hostname":"edge-1","type":"EDGE",' +
        '"isAvailable":true,"ipv4Available":true,"ipv6Available":false},' +
        '{"time":1778126706,"index":0,"description":"down","name":"edge-1","hostname":"edge-1","type":"EDGE",' +
        '"isAvailable":false,"ipv4Available":true,"ipv6Available":false}]}',
    );
  });

  it('without events is an empty list', () => assert.equal(eventLog([]), '{"events":[]}'));
});

describe('ConfigDoc', () => {
  const { ops } = settings({
    username: 'tm',
    password: 'secret',
    url: 'https://to.cdn.test',
    insecure: true,
  });

  it('has all keys in order and never the password', () => {
    assert.equal(
      configDoc(ops, 'cdn1', true),
      '{"cdnName":"cdn1","certFile":"","httpListener":":80","httpsListener":"","insecure":true,"keyFile":"",' +
        '"password":"*****","url":"https://to.cdn.test","username":"tm","usingDummyTO":true}',
    );
  });

  it('has an empty password if there is none', () => {
    assert.match(configDoc({ ...ops, password: '' }, 'cdn1', false), /"password":""/);
  });
});

describe('monitor-config', () => {
  it('is the config in force in the shape of the Go monitor', () => {
    const base = monitoringConfig({
      caches: [cacheServer('edge-1', { deliveryServices: [deliveryServiceId('demo')], httpsPort: 443 })],
      profiles: [
        profile({
          thresholds: [
            { stat: 'loadavg', comparator: '<', value: 25 },
            { stat: 'availableBandwidthInKbps', comparator: '>', value: 1_750_000.5 },
          ],
        }),
      ],
      deliveryServices: ['demo'],
      parameters: { 'health.polling.interval': 6000 },
    });
    const config: MonitoringConfig = {
      ...base,
      cachegroups: new Map([[cachegroupName('cg-1'), { latitude: 38.897663, longitude: -77.03 }]]),
      topologies: new Map([['topo1', [cachegroupName('cg-1')]]]),
      monitors: new Map([
        [
          monitorName('tm1'),
          {
            name: monitorName('tm1'),
            fqdn: 'tm1.cdn.test',
            port: 80,
            ip: '192.0.2.9',
            ip6: '',
            profile: profileName('RASCAL1'),
            cachegroup: cachegroupName('cg-1'),
            status: 'ONLINE',
          },
        ],
      ]),
    };
    assert.deepEqual(JSON.parse(monitorConfig(config)), {
      TrafficServer: {
        'edge-1': {
          cachegroup: 'cg-1',
          deliveryServices: [{ xmlId: 'demo' }],
          fqdn: 'edge-1.cdn.test',
          hashId: 'edge-1',
          hostName: 'edge-1',
          httpsPort: 443,
          interfaces: [
            {
              ipAddresses: [{ address: '192.0.2.1/24', gateway: null, serviceAddress: true }],
              maxBandwidth: null,
              monitor: true,
              mtu: 1500,
              name: 'bond0',
            },
          ],
          port: 80,
          profile: 'EDGE1',
          status: 'REPORTED',
          type: 'EDGE',
        },
      },
      CacheGroup: { 'cg-1': { name: 'cg-1', coordinates: { latitude: 38.897663, longitude: -77.03 } } },
      Config: { 'health.polling.interval': 6000 },
      TrafficMonitor: {
        tm1: {
          port: 80,
          ip6: '',
          ip: '192.0.2.9',
          hostName: 'tm1',
          fqdn: 'tm1.cdn.test',
          profile: 'RASCAL1',
          cachegroup: 'cg-1',
          status: 'ONLINE',
        },
      },
      DeliveryService: {
        demo: {
          xmlId: 'demo',
          TotalTpsThreshold: 0,
          status: 'REPORTED',
          TotalKbpsThreshold: 0,
          topology: '',
          type: 'HTTP',
          hostRegexes: ['.*\\.demo\\..*'],
        },
      },
      Profile: {
        EDGE1: {
          parameters: {
            'health.connection.timeout': 2000,
            'health.polling.url': 'http://${hostname}/_astats?application=&inf.name=${interface_name}',
            'health.polling.format': '',
            'health.polling.type': '',
            'history.count': 30,
            MinFreeKbps: 1_750_000,
            health_threshold: {
              loadavg: { Val: 25, Comparator: '<' },
              availableBandwidthInKbps: { Val: 1_750_000.5, Comparator: '>' },
            },
          },
          name: 'EDGE1',
          type: 'ATS_PROFILE',
        },
      },
      Topology: { topo1: { nodes: ['cg-1'] } },
    });
  });

  it('leaves out what is empty', () => {
    const text = monitorConfig(monitoringConfig({ caches: [cacheServer('edge-1')] }));
    for (const key of ['httpsPort', 'deliveryServices', 'health_threshold'])
      assert.ok(!text.includes(`"${key}"`), key);
    assert.equal(JSON.parse(text).Topology, null);
  });
});

describe('Stats', () => {
  const figures = {
    collectedMs: T,
    collectingShare: 0.01,
    nowMs: T + 7000,
    uptimeSeconds: 61.9,
    heapUsedBytes: 2 * 2 ** 20,
    heapTotalBytes: 3 * 2 ** 20,
    residentBytes: 4.9 * 2 ** 20,
    freeMemoryBytes: 5 * 2 ** 20,
    errors: 7,
    polls: 8,
    targetIntervalMs: 1940,
    activeResources: 9,
  };

  it('has keys, order and types of the Go monitor', () => {
    assert.equal(
      processStats(identity, figures, fiveCaches(), []),
      '{"stats":{"Max Memory (MB)":"4","git-revision":"0123456789","Error Count":"7","uptime":"61",' +
        '"Free Memory (MB)":"5","Total Memory (MB)":"2","version":"1.2.3","deploy-dir":"/opt","Fetch Count":"8",' +
        '"Query Interval Delta":"60","Iteration Count":"0","name":"traffic_monitor","buildTimestamp":"today",' +
        '"Query Interval Target":"1940","Query Interval Actual":"2000","Slowest Cache":"edge-4",' +
        '"Last Query Interval":"2000","Goroutines":9,"Last Garbage Collection":"2026-05-07 04:05:06.789 +0000 UTC",' +
        '"Memory Bytes Allocated":2097152,"Total Bytes Allocated":3145728,"System Bytes Allocated":5138022.4,' +
        '"Oldest Polled Peer":"","Oldest Polled Peer Time (ms)":9223372036854,' +
        '"Query Interval 95th Percentile (ms)":2000,"gc-cpu-fraction":0.01}}',
    );
  });

  it('before any cache was polled twice has a percentile of 0 (D3)', () => {
    const { stats } = JSON.parse(processStats(identity, figures, [], []));
    assert.equal(stats['Query Interval 95th Percentile (ms)'], 0);
    assert.equal(stats['Slowest Cache'], '');
    assert.equal(stats['Query Interval Actual'], '0');
  });

  it('names the peer whose last result is the oldest, good or bad', () => {
    const peers = new PeerStates<string>(PEERS, () => {});
    peers.apply(['tm-b', 'tm-c', 'tm-d'], 10_000);
    peers.record(answered('tm-b', answerOf({}), T + 5000));
    peers.record(failed('tm-c', T + 4000));
    const { stats } = JSON.parse(processStats(identity, figures, [], peers.sorted));
    assert.deepEqual([stats['Oldest Polled Peer'], stats['Oldest Polled Peer Time (ms)']], ['tm-c', 3000]);
  });

  it('has the element of the sorted durations that 95 % are below', () => {
    const names = Array.from({ length: 20 }, (_, i) => `edge-${i}`);
    const states = statesOf({ caches: names.map((name) => cacheServer(name)) });
    for (const [i, name] of names.entries()) {
      recordGood(states, name, T);
      recordGood(states, name, T + 100 * (i + 1));
    }
    const { stats } = JSON.parse(processStats(identity, figures, states.sorted, []));
    assert.equal(stats['Query Interval 95th Percentile (ms)'], 2000);
    assert.equal(stats['Slowest Cache'], 'edge-19');
  });
});

describe('how the monitor calls itself', () => {
  it('with the first six of its revision, or all of a short one', () => {
    assert.equal(versionText(identity), 'traffic_monitor-1.2.3.012345');
    assert.equal(versionText({ ...identity, gitRevision: 'abc' }), 'traffic_monitor-1.2.3.abc');
    assert.equal(userAgentOf(identity), 'traffic_monitor/1.2.3');
  });
});

describe('JSON text', () => {
  const strings: readonly [text: string, json: string][] = [
    ['plain', '"plain"'],
    ['<a href="x">&</a>', '"\\u003ca href=\\"x\\"\\u003e\\u0026\\u003c/a\\u003e"'],
    ['\u2028\u2029', '"\\u2028\\u2029"'],
    ['a\nb\\', '"a\\nb\\\\"'],
    ['é😀', '"é😀"'],
    ["'", '"\'"'],
  ];
  for (const [text, json] of strings) {
    it(`${JSON.stringify(text)} is ${json}`, () => {
      // Twice: a pattern that remembers where it was would fail every other time.
      assert.equal(htmlSafeString(text), json);
      assert.equal(htmlSafeString(text), json);
    });
  }

  it('has times in UTC, and that of nothing', () => {
    assert.equal(rfc3339(T), '2026-05-07T04:05:06.789Z');
    assert.equal(rfc3339(0), '1970-01-01T00:00:00.000Z');
    assert.equal(rfc3339(null), '0001-01-01T00:00:00Z');
    assert.equal(commonDate(T), 'Thu May 07 04:05:06 UTC 2026');
  });
});
