import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PerSecondMemory } from './per-second.ts';
import { LARGEST_RATE } from './sums.ts';

/** Samples [value, seconds], and the rate after each of them. Reference 8.4. */
const cases: readonly [name: string, samples: readonly [number, number][], rates: readonly number[]][] = [
  ['a first sample gives none', [[500, 1]], [0]],
  [
    'a second one does',
    [
      [500, 1],
      [700, 3],
    ],
    [0, 100],
  ],
  [
    'a first sample of 0 is as good as any (D40)',
    [
      [0, 1],
      [50, 2],
    ],
    [0, 50],
  ],
  [
    'it is 0 when nothing is sent',
    [
      [5, 1],
      [7, 2],
      [7, 3],
    ],
    [0, 2, 0],
  ],
  [
    'the same time changes nothing',
    [
      [5, 1],
      [7, 2],
      [9, 2],
      [11, 4],
    ],
    [0, 2, 2, 2],
  ],
  [
    'a counter that went back keeps it, and is the new base (D41)',
    [
      [5, 1],
      [7, 2],
      [1, 3],
      [4, 4],
    ],
    [0, 2, 2, 3],
  ],
  [
    'a time that went back changes nothing',
    [
      [5, 1],
      [7, 3],
      [9, 2],
      [11, 5],
    ],
    [0, 1, 1, 2],
  ],
  [
    'a counter and a time that went back are the new base',
    [
      [5, 10],
      [7, 11],
      [1, 2],
      [4, 3],
    ],
    [0, 2, 2, 3],
  ],
  [
    'a counter that jumps is capped',
    [
      [1, 1],
      [1e19, 2],
    ],
    [0, LARGEST_RATE],
  ],
];

describe('the rate of a counter', () => {
  for (const [name, samples, rates] of cases) {
    it(name, () => {
      const memory = new PerSecondMemory(1);
      const found = samples.map(([value, seconds]) => {
        memory.update(0, value, seconds * 1000);
        return memory.rates[0];
      });
      assert.deepEqual(found, rates);
    });
  }
});
