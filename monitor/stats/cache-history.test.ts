import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CacheHistory, MOST_STATS } from './cache-history.ts';
import type { HistoryEntry } from './history-value.ts';
import { StatLayouts } from './stat-layout.ts';
import { sampleOf } from './testing/samples.ts';

function entriesOf(history: CacheHistory, name: string): HistoryEntry[] {
  const entries: HistoryEntry[] = [];
  const slot = history.slotOf(name);
  if (slot >= 0) history.visit(slot, (value, timeMs, span) => entries.push({ value, timeMs, span }) > 0);
  return entries;
}

/** The rule of reference 6.3, written down plainly. */
class NaiveHistory {
  lists = new Map<string, { value: unknown; timeMs: number; span: number }[]>();
  limit: number;
  constructor(limit: number) {
    this.limit = limit;
  }
  take(stats: Record<string, unknown>, timeMs: number): void {
    const lists = new Map<string, { value: unknown; timeMs: number; span: number }[]>();
    for (const [name, value] of Object.entries(stats)) {
      const list = this.lists.get(name) ?? [];
      const newest = list[0];
      if (newest !== undefined && Object.is(newest.value, value)) {
        newest.timeMs = timeMs;
        newest.span++;
      } else list.unshift({ value, timeMs, span: 1 });
      lists.set(name, list.slice(0, this.limit));
    }
    this.lists = lists;
  }
}

describe('the history of a cache', () => {
  it('equals a naive one, whatever comes and goes', () => {
    const value = fc.oneof(
      fc.integer({ min: 0, max: 3 }),
      fc.integer({ min: 0, max: 3 }).map(String),
      fc.constantFrom<unknown>('', 'a', '007', true, false, null, 0.5, 1e300, Number.NaN, '9'.repeat(20)),
    );
    const name = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor', '7');
    const stats = fc
      .uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, maxLength: 6 })
      .map((pairs) => Object.fromEntries(pairs));
    const step = fc.oneof(
      { weight: 9, arbitrary: stats },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 5 }) },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 40 }), (limit, steps) => {
        const history = new CacheHistory(limit, new StatLayouts());
        const naive = new NaiveHistory(limit);
        let timeMs = 1000;
        for (const next of steps) {
          if (typeof next === 'number') {
            history.setLimit(next);
            naive.limit = next;
            for (const list of naive.lists.values()) list.length = Math.min(list.length, next);
          } else {
            timeMs += 7;
            history.take(sampleOf(next), timeMs);
            naive.take(next, timeMs);
          }
          assert.deepEqual([...history.layout.names].sort(), [...naive.lists.keys()].sort());
          for (const [key, list] of naive.lists) assert.deepEqual(entriesOf(history, key), list, key);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('keeps the times of values that are long past', () => {
    const history = new CacheHistory(3, new StatLayouts());
    for (let poll = 1; poll <= 1000; poll++) {
      history.take(sampleOf({ often: poll, once: poll < 10 ? 1 : 2, never: 5 }), poll * 1000);
    }
    assert.deepEqual(entriesOf(history, 'once'), [
      { value: 2, timeMs: 1_000_000, span: 991 },
      { value: 1, timeMs: 9000, span: 9 },
    ]);
    assert.deepEqual(
      entriesOf(history, 'often').map(({ timeMs }) => timeMs),
      [1_000_000, 999_000, 998_000],
    );
    assert.deepEqual(entriesOf(history, 'never'), [{ value: 5, timeMs: 1_000_000, span: 1000 }]);
  });

  it('passes over arrays and objects, and keeps null', () => {
    const history = new CacheHistory(2, new StatLayouts());
    history.take(sampleOf({ list: [1], object: { a: 1 }, nothing: null, number: 1 }), 1);
    assert.deepEqual(history.layout.names, ['nothing', 'number']);
    assert.deepEqual(entriesOf(history, 'nothing'), [{ value: null, timeMs: 1, span: 1 }]);
  });

  it('forgets names that a cache makes up anew each time', () => {
    const history = new CacheHistory(5, new StatLayouts());
    for (let poll = 0; poll < 200; poll++) {
      const names = Array.from({ length: 50 }, (_, index) => [`made.up.${poll}.${index}`, index]);
      history.take(sampleOf(Object.fromEntries(names)), poll);
    }
    assert.equal(history.layout.names.length, 50);
    assert.equal(history.slotOf('made.up.0.0'), -1);
  });

  it('keeps no more names than a payload can honestly have', () => {
    const history = new CacheHistory(1, new StatLayouts());
    const stats = new Map(Array.from({ length: MOST_STATS + 5 }, (_, index) => [`n${index}`, index]));
    history.take({ ...sampleOf({}), stats }, 1);
    assert.equal(history.layout.names.length, MOST_STATS);
  });

  it('shares names among caches that have the same', () => {
    const layouts = new StatLayouts();
    const [one, other] = [new CacheHistory(1, layouts), new CacheHistory(1, layouts)];
    one.take(sampleOf({ a: 1, b: 2 }), 1);
    other.take(sampleOf({ a: 3, b: 4 }), 1);
    assert.equal(one.layout, other.layout);
    other.take(sampleOf({ a: 3, c: 4, b: 1 }), 2);
    assert.notEqual(one.layout, other.layout);
    assert.deepEqual(entriesOf(one, 'b'), [{ value: 2, timeMs: 1, span: 1 }]);
  });
});

describe('the history of interfaces', () => {
  const counted = (bytes: bigint) => ({ eth0: { speedMbps: 10, bytesIn: bytes, bytesOut: 2n ** 64n - 1n } });

  it('keeps 64-bit counters exact, newest first, and counts repetitions', () => {
    const history = new CacheHistory(2, new StatLayouts());
    [1n, 2n, 2n, 2n ** 63n + 1n].forEach((bytes, index) => {
      history.take(sampleOf({}, counted(bytes)), index);
    });
    assert.deepEqual(history.interfaces.entries('eth0', 'inBytes'), [
      { value: 2n ** 63n + 1n, timeMs: 3, span: 1 },
      { value: 2n, timeMs: 2, span: 2 },
    ]);
    assert.deepEqual(history.interfaces.entries('eth0', 'outBytes'), [
      { value: 2n ** 64n - 1n, timeMs: 3, span: 4 },
    ]);
  });

  it('forgets interfaces that are gone, and keeps no more than a machine can have', () => {
    const history = new CacheHistory(2, new StatLayouts());
    const many = Array.from({ length: 5000 }, (_, index) => [
      `if${index}`,
      { speedMbps: 1, bytesIn: 1n, bytesOut: 1n },
    ]);
    history.take(sampleOf({}, Object.fromEntries(many)), 1);
    assert.equal(history.interfaces.names.length, 256);
    history.take(sampleOf({}, counted(1n)), 2);
    assert.deepEqual(history.interfaces.names, ['eth0']);
  });
});
