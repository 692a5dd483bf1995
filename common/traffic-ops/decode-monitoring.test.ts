import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cachegroupName, cacheName, deliveryServiceId, monitorName, profileName } from '../ids.ts';
import { decodeMonitoring, decodeMonitoringBytes, MonitoringError } from './decode-monitoring.ts';
import { goMonitoringBackup, monitoringDocument } from './testing/fixtures.ts';

const EDGE1 = profileName('EDGE1');

function refused(changes: Record<string, unknown>, message: string | RegExp) {
  const matcher = typeof message === 'string' ? { name: 'MonitoringError', message } : message;
  assert.throws(() => decodeMonitoring(monitoringDocument(changes)), matcher);
}

function withParameters(parameters: unknown) {
  return { profiles: [{ name: 'EDGE1', type: 'ATS_PROFILE', parameters }] };
}

test('a document of Traffic Ops is decoded, whatever the case of its keys', () => {
  const config = decodeMonitoring(monitoringDocument());
  assert.deepEqual(config.caches.get(cacheName('edge-1')), {
    name: 'edge-1',
    fqdn: 'edge-1.cdn.test',
    status: 'REPORTED',
    cachegroup: 'cg-1',
    profile: 'EDGE1',
    port: 80,
    httpsPort: 0,
    type: 'EDGE',
    hashId: 'edge-1',
    deliveryServices: ['demo'],
    interfaces: [
      {
        name: 'eth0',
        monitor: true,
        maxBandwidth: null,
        mtu: 1500,
        addresses: [{ address: '192.0.2.1/24', gateway: null, serviceAddress: true }],
      },
    ],
  });
  assert.equal(config.monitors.get(monitorName('tm-1'))?.ip, '192.0.2.9');
  assert.deepEqual(config.cachegroups.get(cachegroupName('cg-1')), { latitude: 38.9, longitude: -77.03 });
  assert.deepEqual(config.topologies.get('topo-1'), ['cg-1']);
  assert.equal(config.parameters.get('peers.polling.interval'), 3000);
  assert.deepEqual(config.deliveryServices.get(deliveryServiceId('demo'))?.hostRegexes, ['.*\\.demo\\..*']);
  assert.deepEqual(config.profiles.get(profileName('RASCAL1')), {
    name: 'RASCAL1',
    type: 'TM_PROFILE',
    pollingUrl: '',
    pollingFormat: '',
    pollingType: '',
    connectionTimeoutMs: 0,
    historyCount: 0,
    thresholds: [],
  });
});

test('thresholds are the same from Traffic Ops and from a backup of the Go Traffic Monitor', () => {
  const thresholds = [
    { stat: 'loadavg', comparator: '<', value: 25 },
    { stat: 'availableBandwidthInKbps', comparator: '>', value: 1750000 },
  ];
  for (const document of [monitoringDocument(), goMonitoringBackup()]) {
    const config = decodeMonitoringBytes(Buffer.from(JSON.stringify(document)));
    assert.deepEqual(config.profiles.get(EDGE1)?.thresholds, thresholds);
    assert.equal(config.caches.get(cacheName('edge-1'))?.hashId, 'edge-1');
  }
});

test('a health.threshold parameter wins over health_threshold', () => {
  const parameters = {
    'health.threshold.loadavg': '<=3',
    health_threshold: { loadavg: { val: 25, COMPARATOR: '<' } },
  };
  const config = decodeMonitoring(monitoringDocument(withParameters(parameters)));
  assert.deepEqual(config.profiles.get(EDGE1)?.thresholds, [{ stat: 'loadavg', comparator: '<=', value: 3 }]);
});

test('null is the zero value', () => {
  const document = monitoringDocument({ topologies: null });
  const caches = [
    { hostName: 'edge-1', status: null, port: null, interfaces: null, deliveryServices: [null] },
  ];
  const cache = decodeMonitoring({ ...document, trafficServers: caches }).caches.get(cacheName('edge-1'));
  assert.equal(cache?.status, '');
  assert.equal(cache?.port, 0);
  assert.deepEqual(cache?.interfaces, []);
  assert.deepEqual(cache?.deliveryServices, ['']);
});

test('of two servers with one name the last wins', () => {
  const servers = [
    { hostName: 'edge-1', port: 1 },
    { hostName: 'edge-1', port: 2 },
  ];
  const config = decodeMonitoring(monitoringDocument({ trafficServers: servers }));
  assert.deepEqual(
    [...config.caches.values()].map(({ port }) => port),
    [2],
  );
});

test('an error names the parameter, its value and the consequence', () => {
  const end = 'the whole monitoring config is refused';
  const profiles = [
    { name: 'A' },
    { name: 'B' },
    null,
    { name: 'EDGE1', parameters: { 'history.count': 'ten' } },
  ];
  refused({ profiles }, `profiles[3] "EDGE1" parameters["history.count"] is "ten": must be a number; ${end}`);
  refused(
    withParameters({ 'health.polling.url': 7 }),
    /parameters\["health.polling.url"\] is 7: must be a string/,
  );
  refused(withParameters({ 'health.connection.timeout': null }), /timeout"\] is null: must be a number/);
  refused(
    withParameters({ 'health.threshold.loadavg': '>= 25' }),
    /health.threshold.loadavg"\] is ">= 25": must be/,
  );
  refused(
    withParameters({ health_threshold: { x: { Val: 1, Comparator: '!' } } }),
    /\["x"\] Comparator is "!": must/,
  );
  refused(withParameters({ health_threshold: [] }), /health_threshold"\] is an array: must be an object/);
  refused(withParameters([]), /profiles\[0\] "EDGE1" parameters is an array: must be an object/);
});

test('an error names the server, the interface, the delivery service', () => {
  refused(
    { trafficServers: [{ hostName: 'e', interfaces: [{ name: 'eth0', monitor: 'true' }] }] },
    /^MonitoringError: trafficServers\[0\] "e" interfaces\[0\] "eth0" monitor is "true": must be true or false/,
  );
  refused(
    { trafficServers: [{ hostName: 'e', port: '80' }] },
    /trafficServers\[0\] "e" port is "80": must be an integer/,
  );
  refused(
    { trafficServers: [{ hostName: 'e', interfaces: [{ maxBandwidth: -1 }] }] },
    /maxBandwidth is -1: must be/,
  );
  refused(
    { deliveryServices: [{ xmlId: 'd', TotalTpsThreshold: 0.5 }] },
    /"d" totalTpsThreshold is 0.5: must be an int/,
  );
  refused({ trafficServers: [3] }, /trafficServers\[0\] is 3: must be an object/);
  refused({ trafficServers: {} }, /trafficServers is an object: must be an array/);
  refused({ topologies: { t: { nodes: [1] } } }, /topologies\["t"\] nodes\[0\] is 1: must be a string/);
});

test('numbers that JSON can write but that are none are refused', () => {
  const text = JSON.stringify(monitoringDocument());
  const infinite = text.replace('"latitude":38.9', '"latitude":1e999');
  assert.throws(
    () => decodeMonitoringBytes(Buffer.from(infinite)),
    /"cg-1" coordinates latitude is Infinity/,
  );
  const interval = text.replace('"tm.polling.interval":20', '"tm.polling.interval":1e999');
  assert.throws(
    () => decodeMonitoringBytes(Buffer.from(interval)),
    /config\["tm.polling.interval"\] is Infinity/,
  );
});

test('the rules of validity, in their order and words', () => {
  const all = {
    trafficServers: [],
    cacheGroups: [],
    trafficMonitors: [],
    deliveryServices: [],
    profiles: [],
  };
  const rules = {
    trafficServers: 'MonitorConfig.TrafficServer empty (is the monitoring.json an empty object?)',
    cacheGroups: 'MonitorConfig.CacheGroup empty',
    trafficMonitors: 'MonitorConfig.TrafficMonitor empty',
    deliveryServices: 'MonitorConfig.DeliveryService empty',
    profiles: 'MonitorConfig.Profile empty',
  };
  let broken: Record<string, unknown> = all;
  for (const [key, message] of Object.entries(rules)) {
    refused(broken, message);
    const { [key]: _repaired, ...rest } = broken;
    broken = rest;
  }
  for (const nothing of [null, {}])
    assert.throws(() => decodeMonitoring(nothing), { message: rules.trafficServers });
});

test('the two mandatory intervals must be numbers above zero; others are kept as they are', () => {
  const config = { 'peers.polling.interval': 1, 'health.polling.interval': 1 };
  refused({ config: {} }, /Config\["peers.polling.interval"\] missing/);
  refused(
    { config: { ...config, 'health.polling.interval': '1' } },
    /\["health.polling.interval"\] is "1": must be a num/,
  );
  for (const interval of [0, -5, 0.9]) {
    refused({ config: { ...config, 'peers.polling.interval': interval } }, /must be at least 1/);
  }
  const odd = {
    ...config,
    'heartbeat.polling.interval': -3,
    'tm.polling.interval': 'x',
    a: null,
    b: [],
    c: true,
  };
  const { parameters } = decodeMonitoring(monitoringDocument({ config: odd }));
  assert.deepEqual(Object.fromEntries(parameters), {
    ...config,
    'heartbeat.polling.interval': -3,
    'tm.polling.interval': 'x',
    c: true,
  });
});

test('keys that mean something to JavaScript mean nothing here', () => {
  const text = JSON.stringify(monitoringDocument()).replace(
    '"topologies":{',
    '"__proto__":{"trafficServers":[]},"constructor":3,"topologies":{"__proto__":{"nodes":["a"]},',
  );
  const config = decodeMonitoringBytes(Buffer.from(text));
  assert.deepEqual(config.topologies.get('__proto__'), ['a']);
  assert.equal(config.caches.size, 1);
  assert.equal('trafficServers' in {}, false);
});

test('any JSON is decoded or refused with a MonitoringError', () => {
  const paths = [
    'trafficServers',
    'trafficMonitors',
    'cacheGroups',
    'profiles',
    'deliveryServices',
    'topologies',
  ];
  const anything = fc.jsonValue({ maxDepth: 3 });
  const item = fc.dictionary(
    fc.constantFrom('hostName', 'interfaces', 'port', 'parameters', 'coordinates'),
    anything,
  );
  const value = fc.oneof(anything, fc.array(item));
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...paths, 'config'), value), anything, (changes, other) => {
      for (const document of [other, changes, monitoringDocument(changes)]) {
        try {
          assert.ok(decodeMonitoring(document).caches.size > 0);
        } catch (error) {
          assert.ok(error instanceof MonitoringError, String(error));
        }
      }
    }),
    { numRuns: 200 },
  );
});
