import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cachegroupName, cacheName } from '../common/ids.ts';
import { cities } from './cities.ts';
import { buildWorld, loopbackAddress } from './world.ts';

test('same options, same world; nothing is shared between two', () => {
  const options = { cachePort: 80, edges: 30, mids: 3 };
  assert.deepEqual(buildWorld(options), buildWorld(options));
});

test('the cities are real places, each once', () => {
  assert.ok(cities.length >= 12);
  assert.equal(new Set(cities.map((city) => city.name)).size, cities.length);
  for (const { latitude, longitude } of cities) {
    assert.ok(Math.abs(latitude) < 70 && Math.abs(longitude) <= 180);
  }
});

test('every cache has a name and an address of its own', () => {
  const world = buildWorld({ cachePort: 80, edges: 4000, mids: 9, cachegroups: 60 });
  assert.equal(world.caches.length, 4009);
  assert.equal(new Set(world.caches.map((cache) => cache.name)).size, 4009);
  assert.equal(new Set(world.caches.map((cache) => cache.address)).size, 4009);
  assert.equal(world.cachegroups.length, 63);
  assert.equal(new Set(world.cachegroups.map((group) => group.cachegroup)).size, 63);
  assert.equal(world.caches[0]?.address, '127.1.0.1');
  assert.equal(loopbackAddress(254), '127.1.0.255');
  assert.equal(loopbackAddress(255), '127.1.1.0');
});

test('the monitoring document is spelled as Traffic Ops 8 spells it', () => {
  const { monitoring } = buildWorld({ cachePort: 8081, edges: 12, mids: 3, ipv6: true });
  assert.deepEqual(monitoring.trafficServers[0], {
    profile: 'EDGE_ASTATS',
    status: 'REPORTED',
    ip: '127.1.0.1',
    ip6: '::1',
    port: 8081,
    cachegroup: 'new-york',
    hostname: 'edge-new-york-01',
    fqdn: 'edge-new-york-01.demo-cdn.example.net',
    interfaces: [
      {
        name: 'bond0',
        mtu: 1500,
        monitor: true,
        maxBandwidth: null,
        ipAddresses: [
          { address: '127.1.0.1', gateway: null, serviceAddress: true },
          { address: '::1/128', gateway: null, serviceAddress: true },
        ],
      },
    ],
    type: 'EDGE',
    hashid: 'edge-new-york-01',
    deliveryServices: [{ xmlId: 'live' }, { xmlId: 'images' }, { xmlId: 'api' }, { xmlId: 'maps' }],
  });
  const profile = monitoring.profiles.find(({ name }) => name === 'MID_ASTATS');
  assert.equal(profile?.parameters?.['health.threshold.availableBandwidthInKbps'], '>1750000');
  assert.deepEqual(monitoring.deliveryServices[1], {
    xmlId: 'movies',
    totalTpsThreshold: 0,
    status: 'REPORTED',
    totalKbpsThreshold: 0,
    type: 'HTTP',
    topology: 'topology-amer',
    hostRegexes: ['.*\\.movies\\..*'],
  });
  assert.deepEqual(monitoring.topologies['topology-amer'], {
    nodes: ['new-york', 'sao-paulo', 'denver', 'mexico-city'],
  });
  assert.ok(monitoring.deliveryServices.some((service) => service.type === 'DNS'));
});

test('an edge counts for the delivery services of its topologies too, a mid for none', () => {
  const { caches } = buildWorld({ cachePort: 80, edges: 12, mids: 3 });
  const tokyo = caches.find((cache) => cache.name === 'edge-tokyo-01');
  assert.ok(tokyo?.remapHosts.includes('edge-tokyo-01.radio.demo-cdn.example.net'));
  assert.ok(!tokyo?.remapHosts.includes('edge-tokyo-01.movies.demo-cdn.example.net'));
  assert.ok(tokyo?.remapHosts.includes('edge.images.demo-cdn.example.net'));
  assert.deepEqual(caches.at(-1)?.remapHosts, []);
});

test('an extra edge changes nothing for the others', () => {
  const options = { cachePort: 80, edges: 24, mids: 3 };
  const before = buildWorld(options);
  const after = buildWorld({ ...options, extraEdges: [cachegroupName('london')] });
  assert.deepEqual(after.caches.slice(0, -1), before.caches);
  assert.equal(after.caches.at(-1)?.name, 'edge-london-03');
  assert.throws(() => buildWorld({ ...options, extraEdges: [cachegroupName('atlantis')] }), /atlantis/);
});

test('an OFFLINE cache is in the server list alone', () => {
  const name = cacheName('edge-london-01');
  const world = buildWorld({ cachePort: 80, edges: 12, statuses: new Map([[name, 'OFFLINE']]) });
  assert.ok(!world.monitoring.trafficServers.some((server) => server.hostname === name));
  assert.ok(!(name in world.snapshot.contentServers));
  assert.equal(world.servers.find((server) => server.hostName === name)?.status, 'OFFLINE');
});
