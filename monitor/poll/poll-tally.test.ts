import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { cachegroupName } from '../../common/ids.ts';
import { HistogramTally } from './histogram-tally.ts';
import { PollTally } from './poll-tally.ts';

const london = cachegroupName('cg-london');
const paris = cachegroupName('cg-paris');

describe('a histogram', () => {
  it('counts what is up to and including each bound', () => {
    const tally = new HistogramTally([1, 2.5]);
    for (const value of [0, 1, 1.1, 2.5, 3, 100]) tally.observe(value);
    assert.deepEqual(tally.cumulative(), [2, 4, 6]);
    assert.deepEqual([tally.count, tally.sum], [6, 107.6]);
  });

  it('loses nothing, and its counts never fall', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 20, noNaN: true })), (values) => {
        const tally = new HistogramTally([0.5, 1, 5, 10]);
        for (const value of values) tally.observe(value);
        const counts = tally.cumulative();
        assert.equal(counts.at(-1), values.length);
        assert.deepEqual(
          counts,
          [...tally.bounds, Number.POSITIVE_INFINITY].map(
            (bound) => values.filter((value) => value <= bound).length,
          ),
        );
      }),
    );
  });
});

describe('the tally of a poller', () => {
  it('counts polls and failures by cachegroup and reason', () => {
    const tally = new PollTally();
    tally.ended(london, 12, null);
    tally.ended(london, 2000, 'timeout');
    tally.ended(london, 2000, 'timeout');
    tally.ended(london, 3, 'parse');
    tally.ended(paris, 1, 'refused');
    const ofLondon = tally.cachegroups.get(london);
    assert.deepEqual([ofLondon?.durations.count, ofLondon?.durations.sum.toFixed(3)], [4, '4.015']);
    assert.deepEqual(
      [...(ofLondon?.failures ?? [])],
      [
        ['timeout', 2],
        ['parse', 1],
      ],
    );
    assert.deepEqual([...(tally.cachegroups.get(paris)?.failures ?? [])], [['refused', 1]]);
  });

  it('counts a turn as due whether it was taken or missed', () => {
    const tally = new PollTally();
    tally.taken(4);
    tally.taken(30);
    tally.missed(1);
    tally.missed(60);
    assert.deepEqual([tally.due, tally.missedTurns, tally.lateness.count], [63, 61, 2]);
    assert.equal(tally.lateness.sum, 0.034);
  });

  it('knows the cachegroups of the config, and forgets those that left it', () => {
    const tally = new PollTally();
    tally.ended(london, 12, null);
    tally.retain(new Set([paris]));
    assert.deepEqual([...tally.cachegroups.keys()], [paris]);
    assert.equal(tally.cachegroups.get(paris)?.durations.count, 0);
    tally.ended(paris, 12, null);
    tally.retain(new Set([paris, london]));
    assert.equal(tally.cachegroups.get(paris)?.durations.count, 1);
  });
});
