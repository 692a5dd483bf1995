import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  cachegroupName,
  cacheName,
  cdnName,
  type GroupName,
  groupName,
  monitorName,
} from '../../common/ids.ts';
import type { HealthProtocol } from '../config/settings.ts';
import { DISTRIBUTED_PEERS, PEERS, PeerStates } from '../peers/peer-states.ts';
import { answerOf } from '../peers/testing/answers.ts';
import { Responsibility } from './responsibility.ts';
import { circlesFor, wordOn } from './whose-word.ts';

const edge = cacheName('edge-1');
const group = (name: string, ...cachegroups: string[]) => ({
  name: groupName(name),
  cachegroups: cachegroups.map(cachegroupName),
  members: [{ name: monitorName(`${name}-0`), host: name, port: 80 }],
});

/** What members of emea and other groups say of edge-1, by name; no flags: they answer, but do not know it. */
interface Said {
  readonly members?: Readonly<Record<string, string | null>>;
  readonly groups?: Readonly<Record<string, string | null>>;
  readonly silent?: readonly string[];
  readonly protocol?: HealthProtocol;
}

/** `paris` is emea's, `tokyo` apac's, `kyiv` of both apac and amer. */
function word(cachegroup: string, { members = {}, groups = {}, silent = [], protocol = 'optimistic' }: Said) {
  const speakers = {
    members: new PeerStates<ReturnType<typeof monitorName>>(PEERS, () => {}),
    groups: new PeerStates<GroupName>(DISTRIBUTED_PEERS, () => {}),
  };
  const answer = (flags: string | null) =>
    ({ kind: 'answer', answer: answerOf(flags === null ? {} : { [edge]: flags }) }) as const;
  speakers.members.apply(Object.keys(members).map(monitorName), 1000);
  speakers.groups.apply(Object.keys(groups).map(groupName), 1000);
  for (const [name, flags] of Object.entries(members))
    speakers.members.record({ peer: monitorName(name), endMs: 0, outcome: answer(flags) });
  for (const [name, flags] of Object.entries(groups))
    speakers.groups.record({ peer: groupName(name), endMs: 0, outcome: answer(flags) });
  const responsibility = new Responsibility(
    {
      version: 1,
      revision: 1,
      cdn: cdnName('cdn-1'),
      group: groupName('emea'),
      redundancy: 1,
      groups: [group('amer', 'kyiv'), group('apac', 'kyiv', 'tokyo'), group('emea', 'paris')],
      handovers: [],
      failovers: [],
    },
    monitorName('emea-0'),
    { liveMembers: new Set(), silentGroups: new Set(silent.map(groupName)) },
  );
  const found = wordOn(edge, circlesFor(cachegroupName(cachegroup), responsibility, speakers), protocol);
  return found === null ? null : `${found.from}: ${found.verdict.isAvailable ? 'up' : 'down'}`;
}

describe('the word that counts for a cache that is not polled here', () => {
  const cases: readonly (readonly [what: string, cachegroup: string, said: Said, counts: string | null])[] = [
    [
      'is that of the member that polls it',
      'paris',
      { members: { 'emea-1': 'up 4', 'emea-2': null } },
      'emea-1: up',
    ],
    ['is that of its group', 'tokyo', { groups: { apac: 'down', amer: 'up 4' } }, 'apac: down'],
    [
      'is that of its group, even if members of this one poll it still',
      'tokyo',
      { groups: { apac: 'down' }, members: { 'emea-1': 'up 4' } },
      'apac: down',
    ],
    [
      'is that of members while its own group does not know it yet',
      'tokyo',
      { groups: { apac: null }, members: { 'emea-1': 'up 4' } },
      'emea-1: up',
    ],
    [
      'is that of any group that polls it, if nobody else says anything: the assignment there may be another',
      'paris',
      { groups: { apac: 'up 4' }, members: { 'emea-1': null } },
      'apac: up',
    ],
    [
      'is that of members where its group is silent and they stand in',
      'tokyo',
      { members: { 'emea-1': 'up 4' }, groups: { amer: 'down' }, silent: ['apac'] },
      'emea-1: up',
    ],
    [
      "is nobody's if nobody knows it",
      'tokyo',
      { groups: { apac: null }, members: { 'emea-1': null } },
      null,
    ],
    ['is the better of two', 'kyiv', { groups: { apac: 'down', amer: 'up 4' } }, 'amer: up'],
    [
      'is the worse of two with the pessimistic protocol',
      'kyiv',
      { groups: { apac: 'down', amer: 'up 4' }, protocol: 'pessimistic' },
      'apac: down',
    ],
  ];
  for (const [what, cachegroup, said, counts] of cases) {
    it(what, () => assert.equal(word(cachegroup, said), counts));
  }
});
