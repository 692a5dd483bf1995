import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedCdn } from '../sim/simulated-cdn.ts';
import { MonitorFolder } from './testing/monitor-child.ts';
import { sleep, until } from './testing/waiting.ts';

const STOPPED_MS = 2500;
const STOPS = 3;

test('a monitor that is stopped and continued tells no healthy cache down', {
  timeout: 150_000,
}, async (t) => {
  const cdn = await SimulatedCdn.start({
    world: {
      edges: 60,
      cachegroups: 6,
      profile: { connectionTimeoutMs: 2000 },
      intervals: { health: 400 },
    },
  });
  t.after(() => cdn.close());
  // Whenever the monitor is stopped, polls of half of them are under way.
  for (const { name } of cdn.world.caches) await cdn.farm.update(name, { latencyMs: 200 });
  const folder = await MonitorFolder.create(t, cdn);
  const child = folder.start(t);
  await folder.untilOpen(child);
  const down = async (): Promise<string[]> =>
    Object.entries(await folder.states()).flatMap(([name, { isAvailable, status }]) =>
      isAvailable ? [] : [`${name}: ${status}`],
    );
  await until('all caches are up', async () => (await down()).length === 0, 30_000);
  for (let stop = 1; stop <= STOPS; stop++) {
    child.signal('SIGSTOP');
    await sleep(STOPPED_MS);
    child.signal('SIGCONT');
    for (const endMs = performance.now() + 1500; performance.now() < endMs; await sleep(20))
      assert.deepEqual(await down(), [], `after stop ${stop}`);
  }
});
