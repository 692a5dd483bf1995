import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { keptLog } from '../../common/kube/testing/harness.ts';
import { ManualClock, settle } from '../../common/testing/manual-clock.ts';
import { Controller, type Reconcile, TerminalError } from './controller.ts';
import { WorkQueue } from './work-queue.ts';

function controllerOf(t: TestContext, reconcile: Reconcile, workers = 1) {
  const clock = new ManualClock();
  const log = keptLog();
  const observed: string[] = [];
  const queue = new WorkQueue({ clock, retryFirstMs: 100 });
  const controller = new Controller({
    name: 'groups',
    queue,
    reconcile,
    workers,
    timeoutMs: 5000,
    clock,
    logOf: () => log,
    observer: {
      started: () => void observed.push('started'),
      ended: (result, ms) => void observed.push(`${result} after ${ms}`),
      failed: (failure) => void observed.push(failure),
    },
  });
  controller.start();
  t.after(() => controller.stop());
  return { queue, clock, log, observed, controller };
}

describe('a controller', () => {
  test('reconciles a key that is added', async (t) => {
    const keys: string[] = [];
    const { queue, observed } = controllerOf(t, async (key) => {
      keys.push(key);
      return {};
    });
    queue.add('cdn/emea');
    await settle();
    assert.deepEqual([keys, observed], [['cdn/emea'], ['started', 'success after 0']]);
  });

  test('looks again when asked to', async (t) => {
    let runs = 0;
    const { queue, clock, observed } = controllerOf(t, async () =>
      runs++ === 0 ? { lookAgainMs: 1000 } : {},
    );
    queue.add('cdn/emea');
    await clock.advance(999);
    assert.equal(runs, 1);
    await clock.advance(1);
    assert.equal(runs, 2);
    assert.deepEqual(observed, ['started', 'requeue_after after 0', 'started', 'success after 0']);
  });

  test('tries again what fails, each time later, and says so', async (t) => {
    let runs = 0;
    const { queue, clock, log, observed } = controllerOf(t, async () => {
      runs += 1;
      if (runs < 3) throw new Error('no luck');
      return {};
    });
    queue.add('cdn/emea');
    await clock.advance(300);
    assert.equal(runs, 3);
    assert.deepEqual(log.lines, [
      'error: not reconciled: no luck; what is in force stays, failure 1 in a row, next try in 100 ms',
      'error: not reconciled: no luck; what is in force stays, failure 2 in a row, next try in 200 ms',
    ]);
    assert.equal(queue.failuresOf('cdn/emea'), 0);
    assert.equal(observed.filter((one) => one === 'retried').length, 2);
  });

  test('does not try again what cannot work', async (t) => {
    let runs = 0;
    const { queue, clock, log, observed } = controllerOf(t, async () => {
      runs += 1;
      throw new TerminalError('spec.cdn is empty');
    });
    queue.add('cdn/emea');
    await clock.advance(600_000);
    assert.deepEqual([runs, observed], [1, ['started', 'terminal', 'error after 0']]);
    assert.match(log.lines[0] ?? '', /not reconciled: spec.cdn is empty; .* tried again when it changes/);
  });

  test('tells a fault of the program with its place, and goes on', async (t) => {
    const { queue, clock, log, observed } = controllerOf(t, async () => {
      throw new TypeError('x is not a function');
    });
    queue.add('cdn/emea');
    await clock.advance(100);
    assert.match(
      log.lines[0] ?? '',
      /a fault of this program: TypeError: x is not a function\n +at .*controller\.test/,
    );
    assert.deepEqual(observed.slice(0, 3), ['started', 'fault', 'error after 0']);
    assert.equal(log.lines.length, 2, 'it was tried again');
  });

  test('gives up what takes too long, and tries it again', async (t) => {
    let runs = 0;
    const { queue, clock, log, observed } = controllerOf(t, (_key, signal) => {
      runs += 1;
      if (runs > 1) return Promise.resolve({});
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('stopped in the middle')));
      });
    });
    queue.add('cdn/emea');
    await clock.advance(5100);
    assert.match(log.lines[0] ?? '', /not reconciled: not done within 5000 ms;/);
    assert.deepEqual(observed, [
      'started',
      'timeout',
      'retried',
      'error after 5000',
      'started',
      'success after 0',
    ]);
  });

  test('works on several keys at once, but never twice on one', async (t) => {
    const open: { key: string; end: () => void }[] = [];
    const { queue } = controllerOf(
      t,
      (key) => new Promise((resolve) => open.push({ key, end: () => resolve({}) })),
      2,
    );
    for (const key of ['a', 'a', 'b', 'c']) queue.add(key);
    await settle();
    queue.add('a');
    await settle();
    assert.deepEqual(
      open.map(({ key }) => key),
      ['a', 'b'],
    );
    for (const { end } of open) end();
    await settle();
    assert.deepEqual(open.map(({ key }) => key).sort(), ['a', 'a', 'b', 'c']);
    for (const { end } of open) end();
  });

  test('stops when what is under way has ended, without a word of error', async (t) => {
    const { queue, log, controller } = controllerOf(
      t,
      (_key, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('stopped')));
        }),
    );
    queue.add('a');
    await settle();
    await controller.stop();
    assert.deepEqual(log.lines, []);
  });
});
