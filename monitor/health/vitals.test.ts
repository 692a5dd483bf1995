import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Sample } from '../parse/sample.ts';
import { SECOND, sampleOf } from './testing/builders.ts';
import { interfaceVitals, type Vitals, vitalsOf } from './vitals.ts';

const eth0 = [{ name: 'eth0' }];
const bonds = [{ name: 'bond0' }, { name: 'bond1' }];

/** Vitals of the last of samples a second apart. */
function after(monitored: readonly { readonly name: string }[], ...samples: Sample[]): Vitals {
  let last: Vitals | null = null;
  for (const [at, sample] of samples.entries()) last = vitalsOf(sample, at * SECOND, monitored, last);
  if (last === null) throw new Error('no samples');
  return last;
}

const sent = (bytes: bigint) => sampleOf({ sent: { eth0: bytes } });
const kbpsBetween = (before: bigint, now: bigint, elapsedMs: number): number =>
  vitalsOf(sent(now), elapsedMs, eth0, vitalsOf(sent(before), 0, eth0, null)).kbpsOut;

describe('the vitals of a cache', () => {
  it('have no rate after the first sample', () => {
    assert.deepEqual(after(eth0, sent(5_000_000n)), {
      timeMs: 0,
      countersMs: 0,
      loadAverage: 1,
      kbpsOut: 0,
      maxKbps: 10_000_000,
      interfaces: [{ name: 'eth0', bytesIn: 0n, bytesOut: 5_000_000n, kbpsOut: 0, maxKbps: 10_000_000 }],
    });
  });

  const rates: readonly [before: bigint, now: bigint, elapsedMs: number, kbps: number, why: string][] = [
    [1000n, 126_000n, 1000, 1000, '125,000 bytes a second'],
    [1000n, 126_000n, 500, 2000, 'twice as fast'],
    [0n, 125_000n, 1000, 1000, 'a counter that was 0'],
    [1000n, 1249n, 1000, 1, 'whole kilobits only'],
    [1000n, 1249n, 500, 2, 'cut off before the time counts'],
    [1000n, 2250n, 3000, 3, 'and after it'],
    [7n, 7n, 1000, 0, 'nothing sent'],
    [126_000n, 1000n, 1000, 0, 'a counter that went back'],
    [2n ** 64n - 1n, 10n, 1000, 0, 'a counter that wrapped'],
    [2n ** 64n - 125_001n, 2n ** 64n - 1n, 1000, 1000, 'counters beyond 2^53'],
    [2n ** 53n, 2n ** 53n + 125n, 1000, 1, 'differences that doubles do not see'],
  ];
  for (const [before, now, elapsedMs, kbps, why] of rates) {
    it(`have ${kbps} kbps from ${before} to ${now} in ${elapsedMs} ms: ${why}`, () => {
      assert.equal(kbpsBetween(before, now, elapsedMs), kbps);
    });
  }

  it('have rates over the last two samples, not over more', () => {
    assert.equal(after(eth0, sent(0n), sent(125_000_000n), sent(125_125_000n)).kbpsOut, 1000);
  });

  it('count again from the sample after a reset', () => {
    assert.equal(after(eth0, sent(9_000_000n), sent(100n), sent(125_100n)).kbpsOut, 1000);
  });

  for (const elapsedMs of [0, -1, -3_600_000]) {
    it(`keep the last rates if the sample is ${-elapsedMs} ms older, and count from it on`, () => {
      const moving = after(eth0, sent(0n), sent(125_000n));
      const still = vitalsOf(sent(900_000n), moving.timeMs + elapsedMs, eth0, moving);
      assert.equal(still.kbpsOut, 1000);
      assert.equal(interfaceVitals(still, 'eth0')?.kbpsOut, 1000);
      const next = vitalsOf(sent(1_150_000n), still.timeMs + SECOND, eth0, still);
      assert.equal(next.kbpsOut, 2000);
    });
  }

  it('keep the last rates while no counter moves, then count over the whole time', () => {
    const moving = after(eth0, sent(0n), sent(125_000n));
    const still = vitalsOf(sent(125_000n), 2 * SECOND, eth0, moving);
    assert.equal(still.kbpsOut, 1000);
    assert.equal(interfaceVitals(still, 'eth0')?.kbpsOut, 1000);
    const stillStanding = vitalsOf(sent(125_000n), 5 * SECOND, eth0, still);
    assert.equal(stillStanding.kbpsOut, 1000);
    assert.equal(vitalsOf(sent(750_000n), 6 * SECOND, eth0, stillStanding).kbpsOut, 1000);
  });

  it('have no rate once no counter has moved for 15 s', () => {
    let last = after(eth0, sent(0n), sent(125_000n));
    for (let second = 2; second <= 15; second++) last = vitalsOf(sent(125_000n), second * SECOND, eth0, last);
    assert.equal(last.kbpsOut, 1000);
    assert.equal(vitalsOf(sent(125_000n), 16 * SECOND, eth0, last).kbpsOut, 0);
  });

  it('count monitored interfaces only', () => {
    const before = sampleOf({ sent: { bond0: 0n, bond1: 0n, eth9: 0n } });
    const now = sampleOf({ sent: { bond0: 125_000n, bond1: 250_000n, eth9: 125_000_000n } });
    const { kbpsOut, maxKbps, interfaces } = after(bonds, before, now);
    assert.equal(kbpsOut, 3000);
    assert.equal(maxKbps, 20_000_000);
    assert.deepEqual(
      interfaces.map(({ name }) => name),
      ['bond0', 'bond1'],
    );
  });

  it('count an interface that is configured twice once', () => {
    const { kbpsOut, maxKbps } = after([...eth0, ...eth0], sent(0n), sent(125_000n));
    assert.deepEqual({ kbpsOut, maxKbps }, { kbpsOut: 1000, maxKbps: 10_000_000 });
  });

  it('leave out an interface that the answer does not name, and start it anew when it is back', () => {
    const both = (bytes: bigint) => sampleOf({ sent: { bond0: bytes, bond1: bytes } });
    const one = sampleOf({ sent: { bond0: 250_000n } });
    const without = after(bonds, both(125_000n), one);
    assert.equal(without.kbpsOut, 1000);
    assert.equal(without.maxKbps, 10_000_000);
    assert.equal(interfaceVitals(without, 'bond1'), undefined);
    assert.equal(after(bonds, both(125_000n), one, both(375_000n)).kbpsOut, 1000);
  });

  it('let the reset of one interface take nothing from another', () => {
    const now = sampleOf({ sent: { bond0: 125_000n, bond1: 5n } });
    assert.equal(after(bonds, sampleOf({ sent: { bond0: 0n, bond1: 10n ** 15n } }), now).kbpsOut, 1000);
  });

  it('are the load alone where nothing is monitored', () => {
    const none = {
      timeMs: SECOND,
      countersMs: 0,
      loadAverage: 1,
      kbpsOut: 0,
      maxKbps: 0,
      interfaces: [],
    };
    assert.deepEqual(after([], sent(0n), sent(125_000n)), none);
    assert.deepEqual(after(eth0, sampleOf(), sampleOf()), none);
  });

  for (const load of [Number.NaN, Infinity, -Infinity, -1]) {
    it(`have a load average of ${load} if the cache says so`, () => {
      assert.equal(after(eth0, sampleOf({ loadAverages: [load, 0, 0] })).loadAverage, load);
    });
  }

  it('never have a rate that is negative or no number, whatever comes', () => {
    const counter = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    const polls = fc.array(fc.record({ timeMs: fc.nat(), bond0: counter, bond1: fc.option(counter) }));
    fc.assert(
      fc.property(polls, (list) => {
        let last: Vitals | null = null;
        for (const { timeMs, bond0, bond1 } of list) {
          const sample = sampleOf({ sent: bond1 === null ? { bond0 } : { bond0, bond1 } });
          last = vitalsOf(sample, timeMs, bonds, last);
          for (const { kbpsOut } of [last, ...last.interfaces]) {
            assert.ok(Number.isInteger(kbpsOut) && kbpsOut >= 0, `${kbpsOut}`);
          }
        }
      }),
    );
  });
});
