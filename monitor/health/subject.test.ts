import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { profileName } from '../../common/ids.ts';
import type { CacheServer } from '../../common/traffic-ops/monitoring.ts';
import { subjectOf } from './subject.ts';
import { bothFamilies, networkInterface, profileOf, serverOf, serviceIds } from './testing/builders.ts';
import { monitoringOf } from './testing/monitoring.ts';

const load = { stat: 'loadavg', comparator: '<', value: 25 } as const;
const ofPayload = { stat: 'proxy.node.uptime', comparator: '>', value: 0 } as const;
const textual = { stat: 'status', comparator: '=', value: 0 } as const;
const slow = { stat: 'queryTime', comparator: '<', value: 500 } as const;
const config = monitoringOf({ profiles: [profileOf({ thresholds: [slow, ofPayload, textual, load] })] });

const subjectFrom = (changes: Partial<Omit<CacheServer, 'name'>>) => subjectOf(serverOf(changes), config, []);

describe('what the config says of a cache', () => {
  it('has thresholds on computed figures alone, in their order', () => {
    assert.deepEqual(subjectFrom({}).computedThresholds, [slow, load]);
  });

  it('lacks URL and thresholds without the profile', () => {
    const { pollingUrl, computedThresholds } = subjectFrom({ profile: profileName('GONE') });
    assert.deepEqual({ pollingUrl, computedThresholds }, { pollingUrl: null, computedThresholds: [] });
  });

  it('has monitored interfaces alone, in their order', () => {
    const interfaces = [
      networkInterface({ name: 'lo', monitor: false }),
      networkInterface({ name: 'b' }),
      bothFamilies,
    ];
    assert.deepEqual(
      subjectFrom({ interfaces }).monitoredInterfaces.map(({ name }) => name),
      ['b', 'eth0'],
    );
  });

  it('has the families of its service addresses, monitored or not', () => {
    const [ipv4] = bothFamilies.addresses;
    assert.ok(ipv4 !== undefined);
    const interfaces = [networkInterface({ monitor: false, addresses: [ipv4] })];
    const { hasIpv4, hasIpv6 } = subjectFrom({ interfaces });
    assert.deepEqual({ hasIpv4, hasIpv6 }, { hasIpv4: true, hasIpv6: false });
    const none = subjectFrom({ interfaces: [] });
    assert.deepEqual([none.hasIpv4, none.hasIpv6], [false, false]);
  });

  it('has status and type by their meaning, and the services given', () => {
    const { status, type } = subjectFrom({ status: 'admindown', type: 'mid_02' });
    assert.deepEqual({ status, type }, { status: 'ADMIN_DOWN', type: 'MID' });
    const odd = subjectFrom({ status: 'PRE_PROD', type: 'ORG' });
    assert.deepEqual([odd.status, odd.type], ['invalid', 'invalid']);
    assert.deepEqual(subjectOf(serverOf(), config, serviceIds('x')).deliveryServices, ['x']);
  });
});
