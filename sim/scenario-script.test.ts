import assert from 'node:assert/strict';
import { test } from 'node:test';
import { direct } from './director.ts';
import { planScenario, type ScenarioStep } from './scenario-script.ts';
import { SimulatedCdn } from './simulated-cdn.ts';
import { buildWorld } from './world.ts';

const world = buildWorld({ cachePort: 80, edges: 60, mids: 6 });

test('the same seed tells the same story, another seed another one', () => {
  assert.deepEqual(
    planScenario(world, { seed: 1, seconds: 300 }),
    planScenario(world, { seed: 1, seconds: 300 }),
  );
  assert.notDeepEqual(
    planScenario(world, { seed: 1, seconds: 300 }),
    planScenario(world, { seed: 2, seconds: 300 }),
  );
});

test('whatever goes wrong is put right, and nothing goes wrong twice at a time', () => {
  for (let seed = 0; seed < 50; seed++) {
    const steps = planScenario(world, { seed, seconds: 600 });
    const down = new Set<string>();
    let trafficOps = 'up';
    let added = 0;
    for (const [index, { atMs, action }] of steps.entries()) {
      assert.ok(atMs >= (steps[index - 1]?.atMs ?? 0));
      if (action.kind === 'traffic-ops') {
        assert.notEqual(action.mode, trafficOps);
        trafficOps = action.mode;
      } else if (action.kind === 'add-edge') {
        assert.equal(trafficOps, 'up');
        added++;
      } else {
        for (const cache of action.caches) {
          assert.equal(down.has(cache), action.available, `seed ${seed}: ${cache} at ${atMs} ms`);
          if (action.available) down.delete(cache);
          else down.add(cache);
        }
      }
    }
    assert.equal(down.size, 0);
    assert.equal(trafficOps, 'up');
    assert.ok(added >= 1 && added <= 3);
  }
});

test('the first minute shows every kind of trouble', () => {
  const steps = planScenario(world, { seed: 1, seconds: 60 });
  const story = steps.map((step) => step.text).join('\n');
  for (const word of [
    'overloaded',
    'crashes',
    'Traffic Ops is gone',
    'fills its line',
    'goes dark',
    'new snapshot',
  ]) {
    assert.ok(story.includes(word), word);
  }
});

test('the director carries the steps out in their time, and stops when told', async (t) => {
  const cdn = await SimulatedCdn.start({ world: { edges: 3 } });
  t.after(() => cdn.close());
  const name = cdn.world.caches[0]?.name;
  assert.ok(name);
  const cacheStep = (atMs: number, loadAverage: number): ScenarioStep => ({
    atMs,
    text: `load ${loadAverage}`,
    action: { kind: 'caches', caches: [name], state: { loadAverage }, available: false },
  });
  const steps: ScenarioStep[] = [
    cacheStep(10, 40),
    { atMs: 15, text: 'outage', action: { kind: 'traffic-ops', mode: 'refuse' } },
    {
      atMs: 20,
      text: 'edge',
      action: { kind: 'add-edge', cachegroup: cdn.world.caches[1]?.cachegroup ?? assert.fail() },
    },
    cacheStep(60_000, 50),
  ];
  const told: string[] = [];
  const edge = await new Promise((resolve, reject) => {
    const stop = direct(cdn, steps, {
      onStep: (step) => told.push(step.text),
      onNewEdge: (added) => {
        stop();
        resolve(added);
      },
      onError: reject,
    });
  });
  assert.equal(edge, 'edge-london-02');
  assert.deepEqual(told, ['load 40', 'outage', 'edge']);
  assert.equal(cdn.farm.cache(name).state.loadAverage, 40);
  assert.equal(cdn.trafficOps.mode, 'refuse');
});
