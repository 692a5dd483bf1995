import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loginDelayMs, mayUseDisk, pollIntervalMs } from './backoff.ts';

test('the wait after a failed login doubles, with chance, up to the maximum', () => {
  const delays = (chance: number) =>
    [0, 1, 2, 3, 9, 10, 5000].map((n) => loginDelayMs(n, 100, 60_000, chance));
  assert.deepEqual(delays(0), [100, 200, 400, 800, 51_200, 60_000, 60_000]);
  assert.deepEqual(delays(0.5), [100, 250, 550, 1150, 60_000, 60_000, 60_000]);
});

test('limits that make no sense mean 30 s', () => {
  for (const [min, max] of [
    [0, 60_000],
    [-1, 5],
    [100, 100],
    [200, 100],
    [Number.NaN, 5],
  ] as const) {
    assert.equal(loginDelayMs(0, min, max, 0.5), 30_000);
  }
});

test('the poll interval is that of Traffic Ops times 0.97, else the fallback', () => {
  const interval = (value: number | string) =>
    pollIntervalMs(new Map([['tm.polling.interval', value]]), 5000);
  assert.equal(interval(10_000), 9700);
  assert.equal(interval(1000.9), 970);
  for (const useless of [0, -1, 0.5, 'ten', '10000']) assert.equal(interval(useless), 4850);
  assert.equal(pollIntervalMs(undefined, 5000), 4850);
});

test('an interval never floods Traffic Ops, and never overflows a timer', () => {
  assert.equal(pollIntervalMs(new Map([['tm.polling.interval', 1]]), 5000), 10);
  assert.equal(pollIntervalMs(new Map([['tm.polling.interval', 1e15]]), 5000), 2 ** 31 - 1);
  assert.equal(pollIntervalMs(undefined, 0), 10);
});

test('the disk is used after one failure more than configured', () => {
  assert.deepEqual(
    [1, 2, 3].map((failures) => mayUseDisk(failures, 2)),
    [false, false, true],
  );
});
