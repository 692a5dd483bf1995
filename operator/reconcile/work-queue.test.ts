import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ManualClock, settle } from '../../common/testing/manual-clock.ts';
import { WorkQueue } from './work-queue.ts';

function queueOf(options: { retryFirstMs?: number; retryMaxMs?: number } = {}) {
  const clock = new ManualClock();
  const waits: number[] = [];
  const works: number[] = [];
  const counts = { added: 0, retried: 0 };
  const queue = new WorkQueue({
    ...options,
    clock,
    observer: {
      added: () => void counts.added++,
      retried: () => void counts.retried++,
      taken: (ms) => void waits.push(ms),
      done: (ms) => void works.push(ms),
    },
  });
  return { queue, clock, waits, works, counts };
}

/** What `take` gives without waiting; undefined: it waits. */
async function taken(queue: WorkQueue): Promise<string | null | undefined> {
  let key: string | null | undefined;
  void queue.take().then((one) => {
    key = one;
  });
  await settle();
  return key;
}

describe('a work queue', () => {
  test('gives each key once, in the order in which they came', async () => {
    const { queue, counts } = queueOf();
    for (const key of ['a', 'b', 'a', 'c', 'a']) queue.add(key);
    assert.equal(queue.depth, 3);
    assert.deepEqual([await queue.take(), await queue.take(), await queue.take()], ['a', 'b', 'c']);
    assert.equal(await taken(queue), undefined);
    assert.equal(counts.added, 3);
  });

  test('gives first what was asked for first, also if it waits already or is worked on', async () => {
    const { queue, counts } = queueOf();
    for (const key of ['a', 'b', 'c']) queue.add(key);
    assert.equal(await queue.take(), 'a');
    queue.add('a');
    for (const key of ['c', 'a', 'd']) queue.addFirst(key);
    queue.done('a');
    assert.equal(queue.depth, 4);
    const order = [await queue.take(), await queue.take(), await queue.take(), await queue.take()];
    assert.deepEqual(order, ['c', 'd', 'a', 'b']);
    assert.equal(counts.added, 5);
  });

  test('gives a key to who waits for one', async () => {
    const { queue } = queueOf();
    const key = queue.take();
    queue.add('a');
    assert.equal(await key, 'a');
  });

  test('gives a key that is worked on to nobody else, but again afterwards', async () => {
    const { queue } = queueOf();
    queue.add('a');
    await queue.take();
    queue.add('a');
    queue.add('a');
    assert.deepEqual([queue.depth, await taken(queue)], [1, undefined]);
    queue.done('a');
    await settle();
    assert.deepEqual([queue.depth, queue.workingMs], [0, [0]], 'the taker that waited has it');
    queue.done('a');
    assert.deepEqual(queue.workingMs, []);
  });

  test('adds a key later, at the earliest of its times', async () => {
    const { queue, clock } = queueOf();
    queue.addAfter('a', 300);
    queue.addAfter('a', 100);
    queue.addAfter('a', 200);
    await clock.advance(99);
    assert.equal(queue.depth, 0);
    await clock.advance(1);
    assert.equal(queue.depth, 1);
    await queue.take();
    queue.done('a');
    await clock.advance(1000);
    assert.equal(queue.depth, 0, 'the later times are forgotten');
  });

  test('waits longer with each failure of a key, and forgets them when told', async () => {
    const { queue, clock, counts } = queueOf({ retryFirstMs: 10, retryMaxMs: 50 });
    const pauses = [1, 2, 3, 4, 5].map(() => queue.retry('a'));
    assert.deepEqual([pauses, queue.failuresOf('a'), counts.retried], [[10, 20, 40, 50, 50], 5, 5]);
    assert.equal(queue.retry('b'), 10);
    queue.forget('a');
    assert.equal(queue.retry('a'), 10);
    await clock.advance(10);
    assert.equal(queue.depth, 2);
  });

  test('tells how long keys wait and are worked on', async () => {
    const { queue, clock, waits, works } = queueOf();
    queue.add('a');
    await clock.advance(30);
    await queue.take();
    await clock.advance(20);
    queue.add('a');
    await clock.advance(50);
    assert.deepEqual(queue.workingMs, [70]);
    queue.done('a');
    await queue.take();
    assert.deepEqual([waits, works], [[30, 50], [70]]);
  });

  test('that is stopped gives null, to who waits too, and takes nothing', async () => {
    const { queue, clock } = queueOf();
    const waiting = queue.take();
    queue.addAfter('a', 10);
    queue.stop();
    queue.add('b');
    await clock.advance(100);
    assert.deepEqual([await waiting, await queue.take(), queue.depth], [null, null, 0]);
  });

  test('never loses a key, never gives one to two at once, whatever comes in whatever order', async () => {
    const step = fc.tuple(
      fc.constantFrom('add', 'first', 'later', 'retry', 'take', 'done'),
      fc.constantFrom('a', 'b', 'c'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { queue, clock } = queueOf({ retryFirstMs: 10, retryMaxMs: 100 });
        const working = new Set<string>();
        const wanted = new Set<string>();
        const take = async (): Promise<void> => {
          if (queue.depth === 0) return;
          const busy = [...wanted].every((key) => working.has(key));
          if (busy) return;
          const key = await queue.take();
          assert.ok(key !== null && !working.has(key), `${key} is worked on twice`);
          working.add(key);
          wanted.delete(key);
        };
        const ready = (key: string): void => void wanted.add(key);
        for (const [what, key] of steps) {
          if (what === 'add' || what === 'first') {
            if (what === 'add') queue.add(key);
            else queue.addFirst(key);
            ready(key);
          } else if (what === 'later' || what === 'retry') {
            if (what === 'later') queue.addAfter(key, 50);
            else queue.retry(key);
            await clock.advance(100);
            ready(key);
          } else if (what === 'done' && working.delete(key)) queue.done(key);
          else if (what === 'take') await take();
        }
        // Everything that was wanted since it was last taken comes.
        for (const key of working) queue.done(key);
        working.clear();
        await clock.advance(1000);
        const left = new Set<string>();
        while (queue.depth > 0) left.add(String(await queue.take()));
        assert.deepEqual([...left].sort(), [...wanted].sort());
      }),
      { numRuns: 50 },
    );
  });
});
