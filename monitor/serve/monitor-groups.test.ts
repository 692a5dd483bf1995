import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cdnName, groupName, monitorName } from '../../common/ids.ts';
import type { Assignment } from '../groups/assignment-in-force.ts';
import { groupsView } from '../groups/groups-view.ts';
import { legacyView } from '../groups/legacy-view.ts';
import { PEERS, PeerStates } from '../peers/peer-states.ts';
import { cacheServer, monitoringConfig, recordGood, statesOf } from '../testing/configs.ts';
import { monitorGroups } from './monitor-groups.ts';

const NOW_MS = 1_000_000;

const member = (name: string) => ({ name: monitorName(name), host: `${name}.cdn.test`, port: 8080 });

const assignment: Assignment = {
  source: 'file',
  document: {
    version: 1,
    revision: 7,
    cdn: cdnName('cdn-1'),
    group: groupName('emea'),
    redundancy: 2,
    groups: [
      { name: groupName('apac'), cachegroups: [], members: [member('apac-0')] },
      { name: groupName('emea'), cachegroups: [], members: [member('emea-0'), member('emea-1')] },
    ],
    handovers: [],
    failovers: [],
  },
};

const view = groupsView(
  assignment,
  monitorName('emea-0'),
  {
    isLive: (name) => name === 'apac-0',
    lastSeenMs: () => NOW_MS - 2000,
    isReachable: () => true,
    lastHeardMs: () => NOW_MS - 500,
  },
  { source: 'configmap', reason: 'too old', timeMs: Date.UTC(2026, 0, 2) },
  NOW_MS,
);

const told = (states: ReturnType<typeof statesOf>) =>
  JSON.parse(monitorGroups(view, states.sorted, () => groupName('emea'), 'emea-0', NOW_MS));

describe('/api/monitor-groups', () => {
  it('tells the groups, who of them is there, and how old their word is', () => {
    const { mode, group, revision, source, redundancy, groups } = told(statesOf({}));
    assert.deepEqual([mode, group, revision, source, redundancy], ['distributed', 'emea', 7, 'file', 2]);
    assert.deepEqual(
      groups.map(({ name, own, reachable, ageMs }: Record<string, unknown>) => [name, own, reachable, ageMs]),
      [
        ['apac', false, true, 500],
        ['emea', true, true, 0],
      ],
    );
    assert.deepEqual(
      groups[1].members.map(({ name, self, live }: Record<string, unknown>) => [name, self, live]),
      [
        ['emea-0', true, true],
        ['emea-1', false, false],
      ],
    );
  });

  it('tells the document that was refused last', () => {
    assert.deepEqual(told(statesOf({})).refused, {
      source: 'configmap',
      reason: 'too old',
      time: '2026-01-02T00:00:00.000Z',
    });
  });

  it('tells of each cache whose word is served, and how old it is', () => {
    const states = statesOf({ caches: ['far', 'new', 'own'].map((name) => cacheServer(name)) });
    recordGood(states, 'own', NOW_MS - 100);
    const [far] = states.sorted;
    assert.ok(far !== undefined);
    states.receive(far.subject.name, {
      verdict: { isAvailable: true, ipv4Available: true, ipv6Available: false, status: '' },
      lastPollMs: 5,
      from: 'apac',
      receivedMs: NOW_MS - 300,
    });
    const { caches } = told(states);
    assert.deepEqual(
      Object.entries(caches as Record<string, Record<string, unknown>>).map(([name, { from, ageMs }]) => [
        name,
        from,
        ageMs,
      ]),
      [
        ['far', 'apac', 300],
        ['new', null, null],
        ['own', 'emea-0', 100],
      ],
    );
  });

  it('has one group of this monitor and its peers in legacy mode', () => {
    const peers = new PeerStates<ReturnType<typeof monitorName>>(PEERS, () => {});
    peers.apply([monitorName('tm-2')], 1000);
    const config = monitoringConfig({ caches: [cacheServer('edge-1')] });
    const legacy = legacyView(cdnName('cdn-1'), config, monitorName('tm-1'), peers, NOW_MS);
    assert.equal(legacy.mode, 'legacy');
    assert.deepEqual(
      legacy.groups.map(({ cachegroups, members }) => [
        cachegroups,
        members.map(({ name, live }) => [name, live]),
      ]),
      [
        [
          ['cg-1'],
          [
            ['tm-1', true],
            ['tm-2', false],
          ],
        ],
      ],
    );
  });
});
