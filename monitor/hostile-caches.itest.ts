import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CacheName } from '../common/ids.ts';
import type { Behaviour } from '../sim/behaviours.ts';
import type { CacheState } from '../sim/simulated-cache.ts';
import { SimulatedCdn } from '../sim/simulated-cdn.ts';
import { MonitorFolder } from './testing/monitor-child.ts';
import { sleep, until } from './testing/waiting.ts';

const INTERVAL_MS = 500;
const WATCHED_MS = 10_000;
const MIB = 2 ** 20;

/** Each way to misbehave, and what the published status says of it. */
const ways: readonly (readonly [state: Partial<CacheState>, status: RegExp])[] = [
  [
    behaving({ kind: 'hang' }),
    /context deadline exceeded \(Client\.Timeout exceeded while awaiting headers\)/,
  ],
  [behaving({ kind: 'reset' }), /connection reset by peer|EOF/],
  [behaving({ kind: 'close' }), /": EOF/],
  [behaving({ kind: 'refused' }), /connection reset by peer|EOF/],
  [behaving({ kind: 'slow-drip', bytes: 1, everyMs: 20 }), /context deadline exceeded/],
  [
    behaving({ kind: 'slow-drip', bytes: 100, everyMs: 400 }),
    /context deadline exceeded .*while reading body/,
  ],
  [behaving({ kind: 'endless-body' }), /reading body: .*max_body_bytes/],
  [behaving({ kind: 'huge-body', bytes: 4 * MIB }), /larger than max_body_bytes/],
  [behaving({ kind: 'gzip-bomb', unpackedBytes: 64 * MIB }), /reading body: the unpacked body is larger/],
  [behaving({ kind: 'header-flood', headers: 5000 }), /headers exceeded 16384 bytes/],
  [behaving({ kind: 'truncated-body' }), /reading body: unexpected EOF/],
  [behaving({ kind: 'garbage-http' }), /malformed HTTP response/],
  [behaving({ kind: 'garbage-body' }), /^REPORTED - (?!available|id )/],
  [behaving({ kind: 'deep-json', depth: 100_000 }), /^REPORTED - (?!available|id )/],
  [behaving({ kind: 'redirect', location: 'http://127.0.0.1:9/' }), /bad HTTP status: 302/],
  [behaving({ kind: 'wrong-content-type', contentType: 'text/html' }), /^REPORTED - (?!available|id )/],
  [{ httpStatus: 503 }, /bad HTTP status: 503/],
];

function behaving(behaviour: Behaviour): Partial<CacheState> {
  return { behaviour };
}

test('sixty hostile caches are down for what they do; the others do not notice', {
  timeout: 150_000,
}, async (t) => {
  const cdn = await SimulatedCdn.start({
    world: {
      edges: 200,
      cachegroups: 10,
      profile: { connectionTimeoutMs: 1000 },
      intervals: { health: INTERVAL_MS },
    },
  });
  t.after(() => cdn.close());
  const hostile = new Map<CacheName, RegExp>();
  const good: CacheName[] = [];
  for (const [i, { name }] of cdn.world.caches.entries()) {
    const [state, status] = ways[hostile.size % ways.length] ?? [{}, /./];
    if (i % 10 < 3) {
      hostile.set(name, status);
      await cdn.farm.update(name, state);
    } else good.push(name);
  }
  assert.deepEqual([hostile.size, good.length], [60, 140]);

  const folder = await MonitorFolder.create(t, cdn);
  folder.write({ monitor: { max_body_bytes: MIB, log_location_info: 'null' } });
  const child = folder.start(t);
  await folder.untilOpen(child);
  const goodIsUp = async (): Promise<boolean> => {
    const states = await folder.states();
    return good.every((name) => states[name]?.isAvailable);
  };
  await until('all good caches are up', goodIsUp, 30_000);

  const pollsOf = (name: CacheName): number => {
    const { healthPolls, fullPolls } = cdn.farm.cache(name);
    return healthPolls + fullPolls;
  };
  const before = new Map(good.map((name) => [name, pollsOf(name)]));
  const started = performance.now();
  const memory: number[] = [];
  const named = new Map<CacheName, number>();
  let samples = 0;
  let heldUpMs = 0;
  while (performance.now() - started < WATCHED_MS) {
    const states = await folder.states();
    samples++;
    const wrong = Object.entries(states).filter(
      ([name, { isAvailable }]) => isAvailable === hostile.has(name as CacheName),
    );
    assert.deepEqual(wrong, [], `sample ${samples}`);
    for (const [name, status] of hostile) {
      const told = states[name]?.status ?? '';
      if (status.test(told)) named.set(name, (named.get(name) ?? 0) + 1);
      // A machine that is busy may not get as far as the fault within the time.
      else assert.match(told, /context deadline exceeded/, `${name}, sample ${samples}`);
    }
    const residentMib = child.residentMib;
    if (residentMib !== null) memory.push(residentMib);
    const beforeMs = performance.now();
    await sleep(100);
    heldUpMs += performance.now() - beforeMs - 100;
  }
  const expected = (performance.now() - started) / (INTERVAL_MS * 0.97);
  assert.ok(samples > 30, `${samples} samples`);
  const misnamed = [...hostile].filter(([name]) => (named.get(name) ?? 0) < samples / 2);
  assert.deepEqual(misnamed, [], 'caches whose reason does not fit in most samples');

  const late = good.filter((name) => {
    const polls = pollsOf(name) - (before.get(name) ?? 0);
    // Where this program was held up, so was the monitor.
    return Math.abs(polls - expected) > 3 + heldUpMs / INTERVAL_MS;
  });
  assert.deepEqual(late, [], `about ${expected.toFixed(1)} polls of each were expected`);

  if (memory.length > 0) {
    const third = Math.floor(memory.length / 3);
    const early = Math.max(...memory.slice(0, third));
    const end = Math.max(...memory.slice(-third));
    t.diagnostic(`memory: ${early.toFixed(0)} MiB in the first third, ${end.toFixed(0)} MiB in the last`);
    assert.ok(end - early < 80, `${early} MiB became ${end} MiB`);
    assert.ok(end < 400, `${end} MiB`);
  }
  assert.ok(child.running);
  const unexpected = child.stderr
    .split('\n')
    .filter((line) => line !== '' && !line.includes('service still starting'));
  assert.deepEqual(unexpected, []);
  child.signal('SIGTERM');
  assert.deepEqual(await child.ended, { code: 0, signal: null });
});
