import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { healthOf, homesOf, pageOf, pollersOf } from './page/groups.js';
import type { GroupMember, MonitorGroup, MonitorGroups } from './types.ts';

const member = (name: string, changes: Partial<GroupMember> = {}): GroupMember => ({
  name,
  host: '192.0.2.1',
  port: 80,
  self: false,
  live: true,
  lastSeenMs: 0,
  ...changes,
});

const group = (name: string, changes: Partial<MonitorGroup> = {}): MonitorGroup => ({
  name,
  own: false,
  cachegroups: [],
  members: [member(`${name}-0`), member(`${name}-1`)],
  reachable: true,
  ageMs: 500,
  ...changes,
});

const told = (...groups: MonitorGroup[]): MonitorGroups => ({
  cdn: 'cdn',
  mode: 'distributed',
  group: 'emea',
  revision: 3,
  source: 'file',
  groups,
  refused: null,
  handovers: [],
  failovers: [],
});

describe('who polls a cachegroup', () => {
  it('is its group, and both groups while it is handed over', () => {
    const pollers = pollersOf(
      told(
        group('apac', { cachegroups: ['tokyo', 'paris'] }),
        group('emea', { cachegroups: ['london', 'paris'] }),
      ),
    );
    assert.deepEqual(
      ['tokyo', 'london', 'paris', 'nowhere'].map((name) => pollers.get(name)),
      ['apac', 'emea', 'apac + emea', undefined],
    );
  });

  it('is not told by a monitor without groups', () => assert.equal(pollersOf(null).size, 0));
});

it('a group that stands in for others is told with their names', () => {
  const document = {
    ...told(group('emea', { cachegroups: ['london', 'tokyo'] })),
    failovers: [{ cachegroup: 'tokyo', home: 'apac', standIn: 'emea' }],
  };
  assert.deepEqual([...homesOf(document, 'emea')], [['tokyo', 'apac']]);
  assert.equal(homesOf(document, 'amer').size, 0);
});

describe('a group', () => {
  const rows: readonly [what: string, changes: Partial<MonitorGroup>, health: string][] = [
    ['all of whose members are live', {}, 'live'],
    ['one of whose members is not', { members: [member('a'), member('b', { live: false })] }, 'partly'],
    [
      'one of whose members was not asked yet',
      { members: [member('a'), member('b', { live: false, lastSeenMs: null })] },
      'live',
    ],
    ['none of whose members is', { members: [member('a', { live: false })] }, 'dead'],
    ['that nobody hears of', { reachable: false }, 'dead'],
    [
      'of this monitor, which never hears itself',
      { members: [member('a', { live: false, self: true })] },
      'live',
    ],
  ];
  for (const [what, changes, health] of rows) {
    it(`${what} is ${health}`, () => assert.equal(healthOf(group('emea', changes)), health));
  }
});

describe('the page of a member', () => {
  it('is where it listens', () => assert.equal(pageOf(member('a'), 'http:'), 'http://192.0.2.1:80/'));
  it('is in brackets if its host is an IPv6 address', () =>
    assert.equal(pageOf({ host: '2001:db8::1', port: 443 }, 'https:'), 'https://[2001:db8::1]:443/'));
});
