import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { visibleForMs } from './sampler.ts';

/** Nobody could see the cache from 100 s to 110 s; to see something may take 4 s. */
const gap = { fromMs: 100_000, untilMs: 110_000 };
const goesOn = { ...gap, untilMs: Number.POSITIVE_INFINITY };
const noticeMs = 4000;

type Row = readonly [sinceMs: number, nowMs: number, unseen: typeof gap, visible: number, why: string];

const rows: readonly Row[] = [
  [90_000, 105_000, goesOn, 15_000, 'seen before the gap'],
  [Number.NEGATIVE_INFINITY, 105_000, goesOn, Number.POSITIVE_INFINITY, 'always so'],
  [98_000, 105_000, goesOn, Number.NEGATIVE_INFINITY, 'too shortly before the gap'],
  [103_000, 108_000, goesOn, Number.NEGATIVE_INFINITY, 'within the gap, which goes on'],
  [103_000, 113_000, gap, 3000, 'within the gap, which has ended'],
  [112_000, 113_000, gap, 1000, 'after the gap'],
];

describe('what could be seen of a cache that nobody polled for a while', () => {
  for (const [sinceMs, nowMs, unseen, visible, why] of rows)
    it(`${why}: ${visible} ms`, () =>
      assert.equal(visibleForMs(nowMs - sinceMs, unseen, noticeMs, nowMs), visible));
});
