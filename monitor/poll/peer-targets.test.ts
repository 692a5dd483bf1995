import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cachegroupName, monitorName, profileName } from '../../common/ids.ts';
import type { MonitorServer } from '../../common/traffic-ops/monitoring.ts';
import { crStatesUrl, planPeers } from './peer-targets.ts';

const monitor = (name: string, changes: Partial<MonitorServer> = {}): MonitorServer => ({
  name: monitorName(name),
  fqdn: `${name}.cdn.test`,
  port: 8080,
  ip: '',
  ip6: '',
  profile: profileName('TM'),
  cachegroup: cachegroupName('cg-1'),
  status: 'ONLINE',
  ...changes,
});

const plan = (...monitors: MonitorServer[]) =>
  planPeers({ monitors: new Map(monitors.map((each) => [each.name, each])) }, monitorName('tm-a'));

const namesOf = (...monitors: MonitorServer[]): string[] => plan(...monitors).peers.map(({ peer }) => peer);

describe('the peers of a monitor', () => {
  it('are all others of its own status, asked for what they saw themselves', () => {
    assert.deepEqual(plan(monitor('tm-a'), monitor('tm-b'), monitor('tm-c', { status: 'OFFLINE' })), {
      peers: [{ peer: 'tm-b', url: 'http://tm-b.cdn.test:8080/publish/CrStates?raw' }],
      warnings: [],
    });
    const offline = { status: 'OFFLINE' };
    assert.deepEqual(namesOf(monitor('tm-a', offline), monitor('tm-b'), monitor('tm-c', offline)), ['tm-c']);
    assert.deepEqual(namesOf(monitor('tm-a'), monitor('tm-b', { status: 'online' })), []);
  });

  it('may be of any cachegroup', () => {
    assert.deepEqual(namesOf(monitor('tm-a'), monitor('tm-b', { cachegroup: cachegroupName('far') })), [
      'tm-b',
    ]);
  });

  it('are none if Traffic Ops does not name it, and a warning says what to do', () => {
    const { peers, warnings } = plan(monitor('tm-b'));
    assert.deepEqual(peers, []);
    assert.match(String(warnings), /"tm-a", is not among the trafficMonitors.*short_hostname_override/);
    const without = plan(monitor('tm-a', { status: '' }), monitor('tm-b', { status: '' }));
    assert.deepEqual(without.peers, []);
    assert.match(String(without.warnings), /"tm-a", has no status/);
  });

  it('need an address', () => {
    for (const changes of [{ fqdn: '' }, { port: 0 }, { fqdn: 'a b' }, { port: 70_000 }]) {
      const { peers, warnings } = plan(monitor('tm-a'), monitor('tm-b', changes));
      assert.deepEqual(peers, []);
      assert.match(String(warnings), /monitor "tm-b" is no peer: ".*" is no address/);
    }
  });
});

it('an IPv6 address is bracketed', () => {
  assert.equal(crStatesUrl('2001:db8::1', 80, 'local'), 'http://[2001:db8::1]:80/publish/CrStates?local');
});
