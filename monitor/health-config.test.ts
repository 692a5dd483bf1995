import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { profileName } from '../common/ids.ts';
import type { MonitoringConfig } from '../common/traffic-ops/monitoring.ts';
import { networkInterface, profileOf, serverOf, serviceIds } from './health/testing/builders.ts';
import { monitoringOf, snapshotOf } from './health/testing/monitoring.ts';
import { healthConfigOf } from './health-config.ts';

const warningsOf = (monitoring: MonitoringConfig): readonly string[] =>
  healthConfigOf(snapshotOf(monitoring), { cachePollingProtocol: 'both', statPolling: false }).warnings;

describe('the config of health', () => {
  it('has every cache with its delivery services, polled or not', () => {
    const caches = [
      serverOf({ name: 'a', deliveryServices: serviceIds('x') }),
      serverOf({ name: 'b', status: 'OFFLINE' }),
      serverOf({ name: 'c', status: 'ONLINE' }),
    ];
    const applied = healthConfigOf(snapshotOf(monitoringOf({ caches, services: { x: {}, y: {} } })), {
      cachePollingProtocol: 'ipv4only',
      statPolling: false,
    });
    const { subjects, deliveryServices, protocol, unpollable } = applied.health;
    assert.deepEqual(
      subjects.map((subject) => [subject.name, subject.status, subject.deliveryServices]),
      [
        ['a', 'REPORTED', ['x']],
        ['b', 'OFFLINE', []],
        ['c', 'ONLINE', []],
      ],
    );
    assert.deepEqual(deliveryServices, ['x', 'y']);
    assert.equal(protocol, 'ipv4only');
    assert.equal(unpollable.size, 0);
    assert.deepEqual(applied.warnings, []);
  });

  it('asks the snapshot for delivery services without a type', () => {
    const contentServers = { 'edge-1': { deliveryServices: { x: [] } } };
    for (const [type, services] of [
      ['', ['x']],
      ['HTTP', []],
    ] as const) {
      const monitoring = monitoringOf({ caches: [serverOf()], services: { x: { type } } });
      const { health } = healthConfigOf(snapshotOf(monitoring, { contentServers }), {
        cachePollingProtocol: 'both',
        statPolling: false,
      });
      assert.deepEqual(health.subjects[0]?.deliveryServices, services);
    }
  });
});

describe('a warning', () => {
  const down = 'it is unavailable until Traffic Ops is corrected';

  it('names each cache that cannot be polled, and why', () => {
    const caches = [
      serverOf({ name: 'lost', profile: profileName('GONE') }),
      serverOf({ name: 'mute', profile: profileName('MUTE') }),
      serverOf({ name: 'bare', status: 'ADMIN_DOWN', interfaces: [networkInterface({ addresses: [] })] }),
      serverOf({ name: 'on', status: 'ONLINE', profile: profileName('GONE') }),
    ];
    const profiles = [profileOf(), profileOf({ name: profileName('MUTE'), pollingUrl: '' })];
    assert.deepEqual(warningsOf(monitoringOf({ caches, profiles })), [
      `cache lost cannot be polled: its profile "GONE" is missing in the Traffic Ops monitoring config; ${down}`,
      `cache mute cannot be polled: its profile "MUTE" has no health.polling.url; ${down}`,
      `cache bare cannot be polled: no interface has a service address; ${down}`,
    ]);
  });

  it('names each threshold that is not checked, and why', () => {
    const threshold = (stat: string) => ({ stat, comparator: '<', value: 1 }) as const;
    const stats = ['loadavg', 'isHealthy', 'queryTime', 'proxy.node.uptime'];
    const profiles = [profileOf({ thresholds: stats.map(threshold) })];
    assert.deepEqual(warningsOf(monitoringOf({ profiles })), [
      'profile "EDGE1": health.threshold.isHealthy is not checked: it is no number',
      'profile "EDGE1": health.threshold.proxy.node.uptime is not checked: it is a statistic of the payload, and stat_polling is false',
    ]);
  });

  it('names only thresholds on what is no number where statistics are polled', () => {
    const threshold = (stat: string) => ({ stat, comparator: '<', value: 1 }) as const;
    const profiles = [profileOf({ thresholds: ['isHealthy', 'proxy.node.uptime'].map(threshold) })];
    const settings = { cachePollingProtocol: 'both', statPolling: true } as const;
    const { warnings, health } = healthConfigOf(snapshotOf(monitoringOf({ profiles })), settings);
    assert.deepEqual(warnings, [
      'profile "EDGE1": health.threshold.isHealthy is not checked: it is no number',
    ]);
    assert.equal(health.gatedBy, 'stat');
  });

  it('names a profile with an unknown way to poll', () => {
    const profiles = [profileOf({ pollingType: 'carrier-pigeon' })];
    const [warning, ...others] = warningsOf(monitoringOf({ profiles }));
    assert.match(warning ?? '', /^profile "EDGE1" .*"carrier-pigeon"/);
    assert.deepEqual(others, []);
  });
});
