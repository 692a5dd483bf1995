import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Quorum } from './quorum.ts';

const SETTLE_MS = 10_000;

function quorumOf(minimum: number): Quorum {
  const quorum = new Quorum();
  quorum.apply({ minimum, settleMs: SETTLE_MS });
  return quorum;
}

const isLost = (quorum: Quorum, nowMs: number): boolean => quorum.problem(nowMs) !== null;

describe('the quorum', () => {
  it('is a matter of three monitors and a minimum', () => {
    for (const [minimum, peers] of [
      [0, 5],
      [-1, 5],
      [1, 1],
      [1, 0],
    ] as const) {
      const quorum = quorumOf(minimum);
      quorum.observe(0, peers, 0);
      assert.equal(quorum.problem(0), null, `minimum ${minimum}, ${peers} peers`);
    }
  });

  it('is there with the first peers that answer', () => {
    const quorum = quorumOf(2);
    for (const available of [0, 1]) {
      quorum.observe(available, 3, 0);
      assert.equal(
        quorum.problem(0),
        `number of peers available (${available}/3) is less than the minimum number of 2 required for optimistic peer quorum`,
      );
    }
    quorum.observe(2, 3, 1);
    assert.equal(quorum.problem(1), null);
  });

  it('is lost at once, and back only when it has held for a while', () => {
    const quorum = quorumOf(1);
    quorum.observe(1, 2, 0);
    quorum.observe(0, 2, 1000);
    assert.equal(isLost(quorum, 1000), true);
    quorum.observe(1, 2, 2000);
    assert.equal(
      quorum.problem(3000),
      'number of peers available (1/2) is the minimum number of 1 required for optimistic peer quorum again, but only for 1000 ms of 10000 ms',
    );
    quorum.observe(2, 2, 9000);
    assert.equal(isLost(quorum, 2000 + SETTLE_MS - 1), true);
    assert.equal(isLost(quorum, 2000 + SETTLE_MS), false);
  });

  it('does not flap with a peer that comes and goes', () => {
    const quorum = quorumOf(1);
    quorum.observe(1, 2, 0);
    for (let nowMs = 1000; nowMs < 60_000; nowMs += 5000) {
      quorum.observe(0, 2, nowMs);
      quorum.observe(1, 2, nowMs + 4000);
      assert.equal(isLost(quorum, nowMs + 4999), true);
    }
  });

  it('settles no longer because the clock is set back', () => {
    const quorum = quorumOf(1);
    quorum.observe(1, 2, 0);
    quorum.observe(0, 2, 3_600_000);
    quorum.observe(1, 2, 3_601_000);
    quorum.observe(1, 2, 1000);
    assert.equal(isLost(quorum, 1000 + SETTLE_MS - 1), true);
    assert.equal(isLost(quorum, 1000 + SETTLE_MS), false);
  });

  it('follows a config that ends the rule', () => {
    const quorum = quorumOf(1);
    quorum.observe(0, 2, 0);
    assert.equal(isLost(quorum, 0), true);
    quorum.observe(0, 1, 1);
    assert.equal(isLost(quorum, 1), false);
    quorum.observe(0, 2, 2);
    quorum.apply({ minimum: 0, settleMs: SETTLE_MS });
    assert.equal(isLost(quorum, 2), false);
  });

  it('is never told while there are too few, and always when there have been enough for long', () => {
    const steps = fc.array(fc.record({ available: fc.nat(3), waitMs: fc.nat(6000) }), { maxLength: 30 });
    fc.assert(
      fc.property(steps, (history) => {
        const quorum = quorumOf(2);
        let nowMs = 0;
        let enoughSinceMs: number | null = null;
        for (const { available, waitMs } of history) {
          nowMs += waitMs;
          quorum.observe(available, 3, nowMs);
          if (available < 2) enoughSinceMs = null;
          else enoughSinceMs ??= nowMs;
          if (available < 2) assert.equal(isLost(quorum, nowMs), true);
          else if (enoughSinceMs !== null && nowMs - enoughSinceMs >= SETTLE_MS)
            assert.equal(isLost(quorum, nowMs), false);
        }
      }),
    );
  });
});
