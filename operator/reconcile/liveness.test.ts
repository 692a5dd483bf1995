import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LeaseReport, Liveness } from './liveness.ts';

const renewed = (renewTime: string, polledRevision = 1): LeaseReport => ({
  renewTime,
  appliedRevision: 1,
  polledRevision,
  ready: true,
  unpolled: 0,
});

/** Others are seen to be alive all the time until then. */
function watch(liveness: Liveness, untilMs: number): void {
  for (let nowMs = 0; nowMs <= untilMs; nowMs += 2000) liveness.sighted(nowMs);
}

test('a member lives for as long as its Lease is seen to change', () => {
  const liveness = new Liveness(10_000);
  liveness.observe('tm-a-0', renewed('t1'), 0);
  watch(liveness, 10_000);
  assert.ok(liveness.isLive('tm-a-0', 10_000));
  assert.ok(!liveness.isLive('tm-a-0', 10_001));
  liveness.observe('tm-a-0', renewed('t1'), 11_000);
  assert.ok(!liveness.isLive('tm-a-0', 11_000), 'the same renewal seen again is no renewal');
  liveness.observe('tm-a-0', renewed('t2'), 12_000);
  assert.ok(liveness.isLive('tm-a-0', 12_000));
});

test('the clock of its node does not matter', () => {
  const liveness = new Liveness(10_000);
  liveness.observe('tm-a-0', renewed('1999-01-01T00:00:00.000000Z'), 0);
  assert.ok(liveness.isLive('tm-a-0', 5000));
});

test('a member that was away counts its life from its return', () => {
  const liveness = new Liveness(10_000);
  liveness.observe('tm-a-0', renewed('t1'), 0);
  liveness.observe('tm-a-0', renewed('t2'), 8000);
  assert.equal(liveness.of('tm-a-0')?.sinceMs, 0);
  watch(liveness, 30_000);
  liveness.observe('tm-a-0', renewed('t3'), 30_000);
  assert.equal(liveness.of('tm-a-0')?.sinceMs, 30_000);
});

test('what it reports is taken over even between renewals', () => {
  const liveness = new Liveness(10_000);
  liveness.observe('tm-a-0', renewed('t1', 1), 0);
  liveness.observe('tm-a-0', renewed('t1', 2), 1000);
  assert.equal(liveness.of('tm-a-0')?.report.polledRevision, 2);
  assert.equal(liveness.of('tm-a-0')?.seenMs, 0);
});

test('a Lease that was never renewed is nobody', () => {
  const liveness = new Liveness(10_000);
  liveness.observe('tm-a-0', null, 0);
  assert.equal(liveness.of('tm-a-0'), null);
  assert.ok(!liveness.isLive('tm-a-0', 0));
});

test('a Lease that was deleted and made anew does not make its monitor dead', () => {
  const liveness = new Liveness(10_000);
  liveness.observe('tm-a-0', renewed('t1', 1), 0);
  liveness.observe('tm-a-0', null, 1000);
  assert.ok(liveness.isLive('tm-a-0', 2000));
});

test('while nothing is seen of anybody, nobody dies, and afterwards all are as old as before', () => {
  const liveness = new Liveness(10_000);
  liveness.observe('tm-a-0', renewed('t1', 1), 0);
  liveness.observe('tm-b-0', renewed('t1', 1), 3000);
  assert.ok(liveness.isLive('tm-a-0', 63_000), 'the API server may be away');
  liveness.observe('tm-b-0', renewed('t2', 1), 63_000);
  assert.ok(liveness.isLive('tm-a-0', 63_000));
  assert.ok(liveness.isLive('tm-b-0', 63_000));
  liveness.observe('tm-b-0', renewed('t3', 1), 66_000);
  assert.ok(liveness.isLive('tm-a-0', 67_000), 'it has been silent for 3 s that were seen, and 4 s since');
  liveness.observe('tm-b-0', renewed('t4', 1), 69_000);
  assert.ok(!liveness.isLive('tm-a-0', 71_000));
});

test('silence of all that was looked into is death', () => {
  const liveness = new Liveness(10_000);
  liveness.observe('tm-a-0', renewed('t1', 1), 0);
  watch(liveness, 12_000);
  assert.ok(!liveness.isLive('tm-a-0', 12_000));
});
