import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monitorName } from '../../common/ids.ts';
import { groupLife } from './group-life.ts';
import { Liveness } from './liveness.ts';

const LEASE_MS = 10_000;
const members = ['tm-a-0', 'tm-a-1'].map((name) => ({ name: monitorName(name), host: name, port: 8080 }));
const report = (renewTime: string, polledRevision: number) => ({
  renewTime,
  appliedRevision: polledRevision,
  polledRevision,
  ready: true,
  unpolled: 0,
});

test('a group lives since its oldest live member does, and has polled what all live ones have', () => {
  const liveness = new Liveness(LEASE_MS);
  liveness.observe('tm-a-0', report('1', 7), 1000);
  liveness.observe('tm-a-1', report('1', 6), 2000);
  assert.deepEqual(groupLife(members, liveness, { groupMs: 0, podsMs: 0 }, 3000), {
    live: true,
    sinceMs: 1000,
    polledRevision: 6,
    hasLived: true,
  });
});

const silences: [what: string, watching: { groupMs: number; podsMs: number | null }, sinceMs: number][] = [
  ['its pods are given time to start', { groupMs: 1000, podsMs: 5000 }, 35_000],
  ['its pods have not been asked for yet', { groupMs: 1000, podsMs: null }, 301_000],
];
for (const [what, watching, sinceMs] of silences) {
  test(`the silence of a group that has never lived begins later: ${what}`, () => {
    const { live, hasLived, ...life } = groupLife(members, new Liveness(LEASE_MS), watching, 6000);
    assert.deepEqual([live, hasLived, life.sinceMs], [false, false, sinceMs]);
  });
}

test('a group without any pods has nothing to wait for', () => {
  const { sinceMs } = groupLife([], new Liveness(LEASE_MS), { groupMs: 1000, podsMs: 5000 }, 6000);
  assert.equal(sinceMs, 1000);
});

test('a group that has lived is silent since its last sign of life, or since it is watched', () => {
  const liveness = new Liveness(LEASE_MS);
  liveness.observe('tm-a-0', report('1', 7), 1000);
  for (let nowMs = 2000; nowMs <= 20_000; nowMs += 1000) liveness.sighted(nowMs);
  assert.equal(groupLife(members, liveness, { groupMs: 0, podsMs: 0 }, 20_000).sinceMs, 1000);
  assert.equal(groupLife(members, liveness, { groupMs: 9000, podsMs: 9000 }, 20_000).sinceMs, 9000);
});
