import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RateLimit } from './rate-limit.ts';

const go = new AbortController().signal;

/** A clock that stands still, and what it was asked to sleep. */
function stillClock() {
  const sleeps: number[] = [];
  const clock = {
    nowMs: 0,
    now: () => clock.nowMs,
    sleep: async (ms: number) => void sleeps.push(ms),
  };
  return { clock, sleeps };
}

describe('a limit of 10 a second with 2 at once', () => {
  test('lets two go at once, then one each 100 ms', async () => {
    const { clock, sleeps } = stillClock();
    const limit = new RateLimit(10, 2, clock);
    for (let turn = 0; turn < 5; turn++) await limit.turn(go);
    assert.deepEqual(sleeps.map(Math.round), [100, 200, 300]);
  });

  test('saves up two turns and no more', async () => {
    const { clock, sleeps } = stillClock();
    const limit = new RateLimit(10, 2, clock);
    clock.nowMs = 60_000;
    for (let turn = 0; turn < 3; turn++) await limit.turn(go);
    assert.deepEqual(sleeps.map(Math.round), [100]);
  });

  test('does not count who went away', async () => {
    const { clock, sleeps } = stillClock();
    const limit = new RateLimit(10, 1, clock);
    await limit.turn(go);
    await limit.turn(AbortSignal.abort());
    await limit.turn(go);
    assert.deepEqual(sleeps.map(Math.round), [100, 100]);
  });
});
