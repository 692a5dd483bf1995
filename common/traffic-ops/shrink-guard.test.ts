import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CacheName, cacheName } from '../ids.ts';
import type { CacheServer, MonitoringConfig } from './monitoring.ts';
import { ShrinkGuard } from './shrink-guard.ts';

const holdMs = 60_000;

/** As much of a monitoring config as the guard looks at: caches from one number to another. */
function caches(from: number, to: number): Pick<MonitoringConfig, 'caches'> {
  const all = new Map<CacheName, CacheServer>();
  for (let number = from; number < to; number++) all.set(cacheName(`edge-${number}`), {} as CacheServer);
  return { caches: all };
}

for (const [what, before, after, isHeld] of [
  ['half of the caches', caches(0, 100), caches(0, 50), true],
  ['just more than a quarter', caches(0, 100), caches(0, 74), true],
  ['a quarter', caches(0, 100), caches(0, 75), false],
  ['all of them, replaced by as many others', caches(0, 100), caches(100, 200), true],
  ['few, though all that there were', caches(0, 9), caches(9, 18), false],
  ['nothing, and others came', caches(0, 100), caches(0, 200), false],
] as const) {
  test(`a snapshot that has lost ${what} is ${isHeld ? 'held back' : 'taken at once'}`, () => {
    const problem = new ShrinkGuard().problem(before, after, holdMs, 0);
    assert.equal(problem !== undefined, isHeld);
  });
}

test('the first snapshot is taken whatever it has', () => {
  assert.equal(new ShrinkGuard().problem(undefined, caches(0, 1), holdMs, 0), undefined);
});

test('with no time to hold, all are taken at once', () => {
  assert.equal(new ShrinkGuard().problem(caches(0, 100), caches(0, 1), 0, 0), undefined);
});

test('it is taken when Traffic Ops has said so for long enough', () => {
  const guard = new ShrinkGuard();
  const ask = (nowMs: number) => guard.problem(caches(0, 100), caches(0, 50), holdMs, nowMs);
  assert.match(ask(1000) ?? '', /lacks 50 of the 100 caches .* until 1970-01-01T00:01:01\.000Z/);
  assert.notEqual(ask(60_999), undefined);
  assert.equal(guard.missing, 50);
  assert.equal(ask(61_000), undefined);
  assert.equal(guard.missing, 0);
});

test('one good answer in between, and the time begins anew', () => {
  const guard = new ShrinkGuard();
  const ask = (to: number, nowMs: number) => guard.problem(caches(0, 100), caches(0, to), holdMs, nowMs);
  ask(50, 0);
  assert.equal(ask(100, 59_000), undefined);
  assert.equal(guard.missing, 0);
  assert.notEqual(ask(50, 61_000), undefined);
});
