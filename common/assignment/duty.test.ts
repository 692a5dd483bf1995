import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dutyChangesAtMs, isOnDuty } from './duty.ts';

const times = { failoverAfterMs: 10_000, failbackAfterMs: 60_000 };

describe('a group', () => {
  const cases: readonly (readonly [
    what: string,
    wasOnDuty: boolean,
    live: boolean,
    forMs: number,
    expected: boolean,
  ])[] = [
    ['that is live stays on duty', true, true, 1e9, true],
    ['that is down for a moment stays on duty', true, false, 9_999, true],
    ['that is down for its failover time goes off duty', true, false, 10_000, false],
    ['that stays down stays off duty', false, false, 1e9, false],
    ['that is back for a moment stays off duty', false, true, 59_999, false],
    ['that is back and has stayed is on duty again', false, true, 60_000, true],
  ];
  for (const [what, wasOnDuty, live, forMs, expected] of cases) {
    it(what, () => {
      assert.equal(isOnDuty({ wasOnDuty, live, sinceMs: 500 }, times, 500 + forMs), expected);
    });
  }

  it('tells when it will change, so that somebody asks then', () => {
    const since = { sinceMs: 500 };
    assert.equal(dutyChangesAtMs({ ...since, wasOnDuty: true, live: false }, times), 10_500);
    assert.equal(dutyChangesAtMs({ ...since, wasOnDuty: false, live: true }, times), 60_500);
    assert.equal(dutyChangesAtMs({ ...since, wasOnDuty: true, live: true }, times), null);
    assert.equal(dutyChangesAtMs({ ...since, wasOnDuty: false, live: false }, times), null);
  });
});
