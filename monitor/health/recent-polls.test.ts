import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { cacheName } from '../../common/ids.ts';
import { RECENT_POLLS, type RecentPoll, RecentPolls } from './recent-polls.ts';

const T = Date.UTC(2026, 4, 7, 4, 5, 6, 789);
const edge = cacheName('edge-1');

const poll = (changes: Partial<RecentPoll> = {}): RecentPoll => ({
  timeMs: T,
  isAvailable: true,
  isAnswered: true,
  loadAverage: 0.25,
  kbpsOut: 800_000,
  durationMs: 7,
  ...changes,
});

describe('recent polls', () => {
  it('are given back as they were, oldest first', () => {
    const recent = new RecentPolls();
    const polls = [
      poll(),
      poll({ timeMs: T + 6000, isAvailable: false, isAnswered: false, durationMs: 2000 }),
      poll({ timeMs: T + 12_000, isAvailable: false, loadAverage: 30.5, kbpsOut: 19_600_000 }),
    ];
    for (const each of polls) recent.record(edge, each);
    assert.deepEqual(recent.of(edge), polls);
  });

  it('of a cache that was never polled are none', () => {
    assert.deepEqual(new RecentPolls().of(edge), []);
  });

  it('are the newest ones, in order, whatever their number', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 100_000 }), { maxLength: 200 }), (gaps) => {
        const recent = new RecentPolls();
        let timeMs = T;
        const times = gaps.map((gap) => (timeMs += gap));
        for (const each of times) recent.record(edge, poll({ timeMs: each }));
        const kept = recent.of(edge).map((each) => each.timeMs);
        assert.deepEqual(kept, times.slice(-RECENT_POLLS));
      }),
    );
  });

  it('keep their order over the turn of the 32 bits in which times are kept', () => {
    const recent = new RecentPolls();
    const turn = Math.ceil(T / 2 ** 32) * 2 ** 32;
    for (const timeMs of [turn - 1, turn, turn + 1]) recent.record(edge, poll({ timeMs }));
    assert.deepEqual(
      recent.of(edge).map(({ timeMs }) => timeMs),
      [turn - 1, turn, turn + 1],
    );
  });

  it('do not go back in time when the clock does', () => {
    const recent = new RecentPolls();
    for (const timeMs of [T, T - 60_000, T + 1000]) recent.record(edge, poll({ timeMs }));
    assert.deepEqual(
      recent.of(edge).map(({ timeMs }) => timeMs),
      [T, T, T + 1000],
    );
  });

  it('cut off a duration that does not fit instead of touching the verdict', () => {
    const recent = new RecentPolls();
    recent.record(edge, poll({ durationMs: 90_000, isAvailable: false }));
    const [only] = recent.of(edge);
    assert.deepEqual([only?.durationMs, only?.isAvailable, only?.isAnswered], [16_383, false, true]);
  });

  it('of caches that are gone are forgotten', () => {
    const recent = new RecentPolls();
    recent.record(edge, poll());
    recent.record(cacheName('edge-2'), poll());
    recent.keepOnly(new Set([cacheName('edge-2')]));
    assert.deepEqual([recent.of(edge).length, recent.of(cacheName('edge-2')).length], [0, 1]);
  });

  it('of each cache are its own, however many come and go', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'].map(cacheName);
    const step = fc.oneof(
      fc.record({ cache: fc.constantFrom(...names), polls: fc.integer({ min: 1, max: 70 }) }),
      fc.subarray(names),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const recent = new RecentPolls();
        const expected = new Map<string, number[]>();
        let timeMs = T;
        for (const each of steps) {
          if (Array.isArray(each)) {
            recent.keepOnly(new Set(each));
            for (const name of expected.keys())
              if (!each.some((kept) => kept === name)) expected.delete(name);
            continue;
          }
          const times = expected.get(each.cache) ?? [];
          for (let count = 0; count < each.polls; count++) {
            recent.record(each.cache, poll({ timeMs: ++timeMs }));
            times.push(timeMs);
          }
          expected.set(each.cache, times.slice(-RECENT_POLLS));
        }
        for (const name of names) {
          const times = recent.of(name).map((each) => each.timeMs);
          assert.deepEqual(times, expected.get(name) ?? []);
        }
      }),
    );
  });
});
