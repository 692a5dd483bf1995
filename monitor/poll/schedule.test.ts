import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Schedule } from './schedule.ts';

interface Turn {
  readonly id: string;
  readonly ms: number;
  readonly lateMs: number;
}

const EPOCH = 1_700_000_000_000;

/** A schedule whose time stands still unless a test moves it. */
function scheduleAt(t: TestContext, intervalMs: number, seed = 'tm-1') {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: EPOCH });
  const turns: Turn[] = [];
  const lost: number[] = [];
  const schedule = new Schedule({
    intervalMs,
    seed,
    onTurn: (id, lateMs) => turns.push({ id, lateMs, ms: Date.now() - EPOCH }),
    onLost: (count) => lost.push(count),
    clock: () => Date.now(),
  });
  t.after(() => schedule.stop());
  const pass = (ms: number): void => {
    for (let i = 0; i < ms; i++) t.mock.timers.tick(1);
  };
  const timesOf = (id: string): number[] => turns.filter((turn) => turn.id === id).map(({ ms }) => ms);
  return { schedule, turns, lost, pass, timesOf };
}

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `edge-${i}.cdn.test`);

function addAll(schedule: Schedule, ids: readonly string[]): void {
  for (const id of ids) schedule.add(id);
}

describe('a schedule', () => {
  it('gives each member one turn an interval, always at the same place in it', (t) => {
    const { schedule, pass, timesOf } = scheduleAt(t, 500);
    const ids = names(40);
    addAll(schedule, ids);
    schedule.start();
    pass(2000);
    for (const id of ids) {
      const [first = Number.NaN, ...later] = timesOf(id);
      assert.ok(first >= 0 && first <= 500, `${id} first at ${first}`);
      assert.deepEqual(
        later.map((ms) => ms - first),
        [500, 1000, 1500].slice(0, later.length),
      );
      assert.ok(later.length >= 3 - (first === 500 ? 1 : 0) && later.length <= 4);
    }
  });

  it('keeps the places over a restart', (t) => {
    const { schedule, pass, timesOf } = scheduleAt(t, 500);
    schedule.add('edge-1');
    schedule.start();
    pass(600);
    schedule.stop();
    pass(333);
    schedule.start();
    pass(600);
    const places = new Set(timesOf('edge-1').map((ms) => ms % 500));
    assert.equal(places.size, 1, `turns at ${timesOf('edge-1')}`);
  });

  for (const filled of ['before', 'after'] as const) {
    it(`spreads thousands of members that come ${filled} the start: no slot has more than twice the mean`, (t) => {
      const { schedule, turns, pass } = scheduleAt(t, 2000);
      const ids = names(8000);
      if (filled === 'before') addAll(schedule, ids);
      schedule.start();
      if (filled === 'after') addAll(schedule, ids);
      pass(2010);
      const perSlot = new Map<number, number>();
      for (const { ms } of turns) perSlot.set(ms, (perSlot.get(ms) ?? 0) + 1);
      assert.ok(new Set(turns.map(({ id }) => id)).size === 8000);
      const mean = 8000 / 200;
      assert.ok(Math.max(...perSlot.values()) <= 2 * mean, `${Math.max(...perSlot.values())} at once`);
      assert.ok(perSlot.size > 190, `only ${perSlot.size} slots are used`);
    });
  }

  it('gives a member that comes later its own place, not that of whoever is next', (t) => {
    const ids = names(20);
    const { schedule, pass, timesOf } = scheduleAt(t, 1000);
    schedule.start();
    for (const id of ids) {
      pass(7);
      schedule.add(id);
    }
    pass(2500);
    for (const id of ids) {
      assert.equal(new Set(timesOf(id).map((ms) => ms % 1000)).size, 1, `${id} at ${timesOf(id)}`);
      assert.ok(timesOf(id).length >= 2);
    }
  });

  it('leaves the others where they are when a member goes', (t) => {
    const { schedule, turns, pass, timesOf } = scheduleAt(t, 500);
    const ids = names(10);
    addAll(schedule, ids);
    schedule.start();
    pass(500);
    schedule.remove('edge-3.cdn.test');
    const before = turns.length;
    pass(1000);
    assert.equal(timesOf('edge-3.cdn.test').filter((ms) => ms > 500).length, 0);
    assert.equal(turns.length - before, 2 * 9);
  });

  it('has no turns any more once it is stopped, nor when it stops itself in one', (t) => {
    const { schedule, turns, pass } = scheduleAt(t, 100);
    schedule.add('edge-1');
    schedule.start();
    pass(250);
    schedule.stop();
    const before = turns.length;
    pass(500);
    assert.equal(turns.length, before);
  });

  it('gives each member one turn after a long stall, not those that it missed', (t) => {
    const { schedule, turns, pass } = scheduleAt(t, 500);
    const ids = names(30);
    addAll(schedule, ids);
    schedule.start();
    pass(500);
    turns.length = 0;
    t.mock.timers.setTime(EPOCH + 60_000);
    pass(1);
    const counts = new Map<string, number>();
    for (const { id } of turns) counts.set(id, (counts.get(id) ?? 0) + 1);
    assert.deepEqual([...counts.values()], Array(30).fill(1));
    turns.length = 0;
    pass(500);
    assert.equal(turns.length, 30);
  });

  it('tells how late a turn comes, and how many turns a long stall has lost', (t) => {
    const { schedule, turns, lost, pass } = scheduleAt(t, 500);
    addAll(schedule, names(30));
    schedule.start();
    pass(1000);
    assert.ok(
      turns.every(({ lateMs }) => lateMs >= 0 && lateMs < 10),
      'in its slot',
    );
    assert.deepEqual(lost, []);
    turns.length = 0;
    t.mock.timers.setTime(EPOCH + 1000 + 5000);
    pass(1);
    assert.equal(turns.length, 30);
    assert.ok(turns.every(({ lateMs }) => lateMs >= 0 && lateMs <= 510));
    assert.ok(turns.some(({ lateMs }) => lateMs > 250));
    // Ten intervals went by, of which the last was made up for.
    assert.equal(lost[0], 9 * 30);
  });

  it('has other places under another seed', (t) => {
    const places = (seed: string): string => {
      const { schedule, pass, timesOf } = scheduleAt(t, 1000, seed);
      const ids = names(20);
      addAll(schedule, ids);
      schedule.start();
      pass(1000);
      schedule.stop();
      const told = ids.map((id) => (timesOf(id)[0] ?? 0) % 1000).join();
      t.mock.timers.reset();
      return told;
    };
    assert.equal(places('tm-1'), places('tm-1'));
    assert.notEqual(places('tm-1'), places('tm-2'));
  });

  it('works with an interval shorter than a slot', (t) => {
    const { schedule, turns, pass } = scheduleAt(t, 3);
    schedule.add('edge-1');
    schedule.start();
    pass(30);
    assert.ok(turns.length >= 9 && turns.length <= 11, `${turns.length} turns`);
  });
});
