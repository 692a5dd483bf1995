import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cacheName } from '../../common/ids.ts';
import { CacheTraffic } from './cache-traffic.ts';
import { figuresOf } from './testing/samples.ts';

const [edge1, edge2] = [cacheName('edge-1'), cacheName('edge-2')];
const sends = (outBytes: bigint) => ({ ...figuresOf({}), outBytes, capacityKbps: 20_000 });

describe('the traffic of caches', () => {
  it('is the sum of what those send that report, and of what all can', () => {
    const traffic = new CacheTraffic();
    for (const [cache, rate] of [
      [edge1, 125n],
      [edge2, 1250n],
    ] as const) {
      traffic.take(cache, sends(1n), 1000);
      traffic.take(cache, sends(1n + rate * 2n), 3000);
    }
    assert.equal(traffic.totalKbps, 11);
    assert.equal(traffic.totalCapacityKbps, 40_000);
    traffic.fail(edge2);
    assert.equal(traffic.totalKbps, 1);
    traffic.take(edge2, sends(5001n), 4000);
    assert.equal(traffic.totalKbps, 21);
    traffic.apply(new Set([edge1]));
    assert.equal(traffic.totalKbps, 1);
    assert.equal(traffic.totalCapacityKbps, 20_000);
  });

  it('keeps the last counter if a payload has none', () => {
    const traffic = new CacheTraffic();
    traffic.take(edge1, sends(1000n), 1000);
    traffic.take(edge1, sends(0n), 2000);
    traffic.take(edge1, sends(2000n), 3000);
    assert.equal(traffic.outBytesPerSecond(edge1), 1000);
  });
});

describe('whether stat polls suffice for the gate', () => {
  const cases: readonly [name: string, polls: readonly [bigint, number][], enough: boolean][] = [
    ['not before the first', [], false],
    ['not after one', [[500n, 1]], false],
    [
      'once there is a rate',
      [
        [500n, 1],
        [600n, 2],
      ],
      true,
    ],
    [
      'not while nothing moves',
      [
        [500n, 1],
        [500n, 2],
        [500n, 11],
      ],
      false,
    ],
    [
      'after more than ten seconds of that',
      [
        [500n, 1],
        [500n, 11.001],
      ],
      true,
    ],
    ['at once if nothing could move', [[0n, 1]], true],
  ];
  for (const [name, polls, enough] of cases) {
    it(name, () => {
      const traffic = new CacheTraffic();
      let lastMs = 0;
      for (const [bytes, seconds] of polls) {
        lastMs = seconds * 1000;
        traffic.take(edge1, sends(bytes), lastMs);
      }
      assert.equal(traffic.isEnough(edge1, lastMs), enough);
    });
  }
});
