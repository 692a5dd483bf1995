import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TrafficCounter } from './traffic-counter.ts';

test('grows by kbps times milliseconds, to the bit, however often the rate changes', () => {
  const counter = new TrafficCounter(9_007_199_254_740_993n, 3, 0);
  let bits = 9_007_199_254_740_993n * 8n;
  let now = 0;
  for (const [rate, milliseconds] of [
    [3, 1],
    [1, 7],
    [800_001, 13],
    [0, 1000],
    [19_600_000, 86_400_000],
  ] as const) {
    counter.setRate(rate, now);
    now += milliseconds;
    bits += BigInt(rate) * BigInt(milliseconds);
    assert.equal(counter.bytesAt(now), bits / 8n);
  }
});

test('wraps at 64 bits', () => {
  const counter = new TrafficCounter(2n ** 64n - 1n, 8, 0);
  assert.equal(counter.bytesAt(0), 2n ** 64n - 1n);
  assert.equal(counter.bytesAt(1), 0n);
});
