import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { AssignmentDocument, Redundancy } from '../../common/assignment/document.ts';
import {
  type CacheName,
  cachegroupName,
  cacheName,
  cdnName,
  type GroupName,
  groupName,
  type MonitorName,
  monitorName,
} from '../../common/ids.ts';
import { Responsibility } from './responsibility.ts';

const member = (name: string) => ({ name: monitorName(name), host: name, port: 80 });

/** Two members a group; emea has paris, apac has tokyo, and both have berlin. */
const assignment = (redundancy: Redundancy = 'All'): AssignmentDocument => ({
  version: 1,
  revision: 1,
  cdn: cdnName('cdn-1'),
  group: groupName('emea'),
  redundancy,
  groups: [
    {
      name: groupName('apac'),
      cachegroups: [cachegroupName('berlin'), cachegroupName('tokyo')],
      members: [member('apac-0'), member('apac-1')],
    },
    {
      name: groupName('emea'),
      cachegroups: [cachegroupName('berlin'), cachegroupName('paris')],
      members: [member('emea-0'), member('emea-1'), member('emea-2')],
    },
  ],
  handovers: [],
  failovers: [],
});

const all = ['emea-0', 'emea-1', 'emea-2'];
const paris = cachegroupName('paris');
const tokyo = cachegroupName('tokyo');
const caches = Array.from({ length: 300 }, (_, index) => cacheName(`edge-${index}`));

const of = (
  self: string,
  {
    redundancy = 'All' as Redundancy,
    live = all,
    silent = [] as string[],
    document = assignment(redundancy),
  } = {},
): Responsibility =>
  new Responsibility(document, monitorName(self), {
    liveMembers: new Set(live.map(monitorName)),
    silentGroups: new Set<GroupName>(silent.map(groupName)),
  });

const shareOf = (self: string, changes: Parameters<typeof of>[1]): Set<CacheName> =>
  new Set(caches.filter((cache) => of(self, changes).isMine(cache, paris)));

describe('who polls a cache', () => {
  it('is the group that has its cachegroup; in a hand-over both', () => {
    const emea0 = of('emea-0');
    assert.deepEqual(emea0.groupsOf(paris), ['emea']);
    assert.deepEqual(emea0.groupsOf(tokyo), ['apac']);
    assert.deepEqual([...emea0.groupsOf(cachegroupName('berlin'))].sort(), ['apac', 'emea']);
    assert.equal(emea0.isMine(cacheName('edge-1'), paris), true);
    assert.equal(emea0.isMine(cacheName('edge-1'), tokyo), false);
  });

  it('is one group that all agree on, where the assignment has none', () => {
    for (const name of ['lima', 'oslo', 'rome', 'cairo']) {
      const fromEmea = of('emea-0').groupsOf(cachegroupName(name));
      const fromApac = of('apac-0', { document: { ...assignment(), group: groupName('apac') } }).groupsOf(
        cachegroupName(name),
      );
      assert.equal(fromEmea.length, 1);
      assert.deepEqual(fromEmea, fromApac);
      assert.equal(of('emea-0').isClaimed(cachegroupName(name)), false);
    }
  });

  it('is this group too while all groups of the cachegroup are silent', () => {
    const emea0 = of('emea-0', { silent: ['apac'] });
    assert.equal(emea0.isPolledHere(tokyo), true);
    // It stays the other's: what is said to other groups is of own cachegroups only.
    assert.equal(emea0.isOwn(tokyo), false);
    assert.equal(of('emea-0').isPolledHere(tokyo), false);
  });

  it('is every member with redundancy All', () => {
    for (const self of all) assert.equal(shareOf(self, {}).size, caches.length);
  });

  it('is as many live members as the redundancy says, whoever dies', () => {
    fc.assert(
      fc.property(fc.subarray(all, { minLength: 1 }), fc.constantFrom(1, 2, 3), (live, redundancy) => {
        const shares = live.map((self) => shareOf(self, { redundancy, live }));
        for (const cache of caches) {
          const pollers = shares.filter((share) => share.has(cache)).length;
          assert.equal(pollers, Math.min(redundancy, live.length));
        }
      }),
      { numRuns: 12 },
    );
  });

  it('changes for the caches of a dead member only', () => {
    const before = shareOf('emea-0', { redundancy: 1 });
    const after = shareOf('emea-0', { redundancy: 1, live: ['emea-0', 'emea-2'] });
    assert.ok([...before].every((cache) => after.has(cache)));
    assert.ok(after.size > before.size);
  });

  it('is also a member that its own document does not name yet', () => {
    const names = new Set<MonitorName>();
    for (const cache of caches)
      if (of('emea-9', { redundancy: 1 }).isMine(cache, paris)) names.add(monitorName(cache));
    assert.ok(names.size > 0 && names.size < caches.length);
  });
});
