import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Condition, type Findings, transitions, updateConditions } from './conditions.ts';

const good: Findings = {
  Available: { status: 'True', reason: 'MonitorsReady', message: '2 of 2' },
  Progressing: { status: 'False', reason: 'Settled', message: '' },
  Degraded: { status: 'False', reason: 'AsExpected', message: '' },
  TrafficOpsReachable: { status: 'True', reason: 'Answers', message: '' },
  CoverageComplete: { status: 'True', reason: 'AllAssigned', message: '' },
};
const bad: Findings = {
  ...good,
  Available: { status: 'False', reason: 'NoMonitorReady', message: '0 of 2' },
};
const first = updateConditions([], good, { generation: 1, nowMs: Date.UTC(2026, 0, 1) });

test('conditions come in one order, whatever was there before', () => {
  const shuffled = [...first].reverse();
  const types = updateConditions(shuffled, good, { generation: 1, nowMs: 0 }).map(({ type }) => type);
  assert.deepEqual(types, [
    'Available',
    'Progressing',
    'Degraded',
    'TrafficOpsReachable',
    'CoverageComplete',
  ]);
});

test('a status that stays keeps the time of its last change, whatever its message says', () => {
  const changed = { ...good, Available: { ...good.Available, message: '1 of 2', reason: 'SomeReady' } };
  const [available] = updateConditions(first, changed, { generation: 2, nowMs: Date.UTC(2026, 0, 2) });
  assert.deepEqual(available, {
    type: 'Available',
    status: 'True',
    reason: 'SomeReady',
    message: '1 of 2',
    observedGeneration: 2,
    lastTransitionTime: '2026-01-01T00:00:00Z',
  } satisfies Condition);
});

test('a status that changes has the time of now', () => {
  const [available] = updateConditions(first, bad, { generation: 1, nowMs: Date.UTC(2026, 0, 2) });
  assert.equal(available?.lastTransitionTime, '2026-01-02T00:00:00Z');
});

test('a group that starts well is no news; one that starts badly is', () => {
  assert.deepEqual(transitions([], good), []);
  assert.deepEqual(
    transitions([], bad).map(({ type }) => type),
    ['Available'],
  );
});

test('a new status or a new reason is news, a new message is not', () => {
  const reasons = (findings: Findings) => transitions(first, findings).map(({ finding }) => finding.reason);
  assert.deepEqual(reasons(bad), ['NoMonitorReady']);
  assert.deepEqual(reasons({ ...good, Available: { ...good.Available, reason: 'SomeReady' } }), [
    'SomeReady',
  ]);
  assert.deepEqual(reasons({ ...good, Available: { ...good.Available, message: 'x' } }), []);
});
