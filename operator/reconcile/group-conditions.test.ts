import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { cachegroupName, groupName } from '../../common/ids.ts';
import type { ConditionType } from './conditions.ts';
import { type ConditionFacts, conditionsOf } from './group-conditions.ts';

const member = (name: string, changes: Partial<ConditionFacts['members'][number]> = {}) => ({
  name,
  live: true,
  ready: true,
  appliedRevision: 7,
  starting: false,
  ...changes,
});

const well: ConditionFacts = {
  paused: false,
  leaving: false,
  members: [member('tm-a-0'), member('tm-a-1')],
  revision: 7,
  revisionIsYoung: false,
  rollingOut: false,
  handovers: 0,
  offDuty: false,
  standingIn: 0,
  applyError: null,
  trafficOps: {
    url: 'https://to',
    reachable: true,
    acceptedAt: '2026-01-01T00:00:00Z',
    problem: null,
    isHeldBack: false,
  },
  problems: [],
  cachegroups: 30,
};

const cases: readonly [
  what: string,
  Partial<ConditionFacts>,
  ConditionType,
  status: string,
  reason: string,
  message: RegExp,
][] = [
  ['all is well', {}, 'Available', 'True', 'MonitorsReady', /2 of 2/],
  ['all is well', {}, 'Progressing', 'False', 'Settled', /revision 7/],
  ['all is well', {}, 'Degraded', 'False', 'AsExpected', /2 monitors are live/],
  ['all is well', {}, 'TrafficOpsReachable', 'True', 'Answers', /https:\/\/to answers/],
  ['all is well', {}, 'CoverageComplete', 'True', 'AllAssigned', /all 30/],
  [
    'one member is starting',
    { members: [member('tm-a-0'), member('tm-a-1', { ready: false })] },
    'Available',
    'True',
    'SomeMonitorsReady',
    /tm-a-1 \(does not know all caches yet\)/,
  ],
  [
    'no member lives',
    { members: [member('tm-a-0', { live: false })] },
    'Available',
    'False',
    'NoMonitorReady',
    /tm-a-0 \(no sign of life\)/,
  ],
  ['it is scaled to zero', { members: [] }, 'Available', 'False', 'NoReplicas', /scale it up/],
  [
    'there was never a snapshot',
    {
      members: [member('tm-a-0', { live: false })],
      trafficOps: { ...well.trafficOps, reachable: false, acceptedAt: null, problem: 'refused' },
    },
    'Available',
    'False',
    'NoSnapshot',
    /see TrafficOpsReachable/,
  ],
  [
    'there was never a snapshot',
    { trafficOps: { ...well.trafficOps, acceptedAt: null } },
    'CoverageComplete',
    'Unknown',
    'NoSnapshot',
    /not known/,
  ],
  [
    'a member is behind',
    { members: [member('tm-a-0', { appliedRevision: 6 }), member('tm-a-1')] },
    'Progressing',
    'True',
    'ApplyingRevision',
    /revision 7 .* tm-a-0$/,
  ],
  ['pods are replaced', { rollingOut: true }, 'Progressing', 'True', 'RollingOut', /one by one/],
  [
    'a hand-over is under way',
    { handovers: 1 },
    'Progressing',
    'True',
    'HandingOver',
    /1 cachegroup on the way/,
  ],
  ['it is deleted', { leaving: true }, 'Progressing', 'True', 'HandingOver', /pods go when others poll/],
  ['it is paused', { paused: true }, 'Progressing', 'False', 'Paused', /spec.paused/],
  [
    'a member is dead',
    { members: [member('tm-a-0', { live: false }), member('tm-a-1')] },
    'Degraded',
    'True',
    'MonitorsDown',
    /no sign of life from tm-a-0/,
  ],
  [
    'others stand in',
    { offDuty: true, members: [member('tm-a-0', { live: false })] },
    'Degraded',
    'True',
    'FailedOver',
    /no monitor of the group is live/,
  ],
  ['it is back, but others stand in', { offDuty: true }, 'Degraded', 'True', 'FailedOver', /are back/],
  [
    'a monitor has yet to start',
    { members: [member('tm-a-0'), member('tm-a-1', { live: false, starting: true, appliedRevision: 0 })] },
    'Progressing',
    'True',
    'Starting',
    /tm-a-1/,
  ],
  [
    'a monitor has yet to start',
    { members: [member('tm-a-0'), member('tm-a-1', { live: false, starting: true, appliedRevision: 0 })] },
    'Degraded',
    'False',
    'AsExpected',
    /1 monitor starting/,
  ],
  [
    'there is no assignment yet',
    { revision: 0 },
    'Progressing',
    'False',
    'Settled',
    /made when there is a snapshot/,
  ],
  ['an object is refused', { applyError: 'StatefulSet tm-a: 422' }, 'Degraded', 'True', 'ApplyFailed', /422/],
  [
    'it claims what there is not',
    {
      problems: [
        {
          kind: 'unknown-cachegroup',
          cachegroup: cachegroupName('x'),
          group: groupName('a'),
          list: 'cacheGroups',
        },
      ],
    },
    'Degraded',
    'True',
    'SpecProblem',
    /"x"/,
  ],
  [
    'a cachegroup has nobody',
    { problems: [{ kind: 'excluded-by-all', cachegroup: cachegroupName('x') }] },
    'CoverageComplete',
    'False',
    'CachegroupsUnpolled',
    /nobody polls cachegroup "x"/,
  ],
  [
    'a cachegroup has nobody',
    { problems: [{ kind: 'excluded-by-all', cachegroup: cachegroupName('x') }] },
    'Degraded',
    'False',
    'AsExpected',
    /live/,
  ],
  [
    'Traffic Ops is away',
    { trafficOps: { ...well.trafficOps, reachable: false, problem: 'connection refused' } },
    'TrafficOpsReachable',
    'False',
    'Unreachable',
    /connection refused; the snapshot of 2026/,
  ],
  [
    'Traffic Ops sends an older snapshot',
    { trafficOps: { ...well.trafficOps, problem: 'the snapshot is older' } },
    'TrafficOpsReachable',
    'False',
    'SnapshotRefused',
    /older; the snapshot of 2026.* stays in force/,
  ],
  [
    'Traffic Ops sends a snapshot without many of the caches',
    {
      trafficOps: {
        ...well.trafficOps,
        problem: 'the snapshot lacks 20 of the 40 caches: held back until noon',
        isHeldBack: true,
      },
    },
    'TrafficOpsReachable',
    'False',
    'SnapshotHeldBack',
    /lacks 20 of the 40 caches: held back until noon; the snapshot of 2026.* stays in force/,
  ],
];

for (const [what, changes, type, status, reason, message] of cases) {
  test(`${what}: ${type} is ${status}, ${reason}`, () => {
    const found = conditionsOf({ ...well, ...changes })[type];
    assert.deepEqual([found.status, found.reason], [status, reason]);
    assert.match(found.message, message);
  });
}

test('a condition stays readable however many problems there are', () => {
  const problems = Array.from(
    { length: 500 },
    (_, i) => ({ kind: 'excluded-by-all', cachegroup: cachegroupName(`cg-${i}`) }) as const,
  );
  const { message } = conditionsOf({ ...well, problems }).CoverageComplete;
  assert.match(message, /and 495 more$/);
  assert.ok(message.length < 1500);
});

test('docs/conditions.md names every condition with each of its reasons, and no other', () => {
  const read = (file: string): string => fs.readFileSync(path.join(import.meta.dirname, file), 'utf8');
  let type = '';
  const told: string[] = [];
  for (const [, cell = '', status, reason] of read('../../docs/conditions.md').matchAll(
    /^\|([^|]*)\| (True|False|Unknown) \| `(\w+)` \|/gm,
  )) {
    type = cell.replaceAll('`', '').trim() || type;
    told.push(`${type} ${status} ${reason}`);
  }
  const found: string[] = [];
  for (const [, name, status, reason] of read('group-conditions.ts').matchAll(
    /^function (\w+)\(|\bfinding\(\s*'(True|False|Unknown)',\s*'(\w+)'/gm,
  )) {
    if (name !== undefined) type = `${name[0]?.toUpperCase()}${name.slice(1)}`;
    else found.push(`${type} ${status} ${reason}`);
  }
  assert.deepEqual([...new Set(told)].sort(), [...new Set(found)].sort());
  assert.ok(found.length > 15);
});
