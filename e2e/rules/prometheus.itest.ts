import assert from 'node:assert/strict';
import path from 'node:path';
import { it } from 'node:test';
import { groupName } from '../../common/ids.ts';
import { until } from '../../monitor/testing/waiting.ts';
import { SimulatedCdn } from '../../sim/simulated-cdn.ts';
import { readDashboard } from '../dashboards/dashboard.ts';
import { drawDashboard } from '../dashboards/page.ts';
import { Fleet } from '../distributed/testing/fleet.ts';
import { missingPrometheus, Prometheus, targetsAsTheyAre } from './prometheus.ts';
import { DASHBOARDS_DIRECTORY } from './rule-files.ts';

const skip = missingPrometheus ?? false;

interface Rule {
  readonly name: string;
  readonly health: string;
  readonly state: string;
  readonly lastError?: string;
}

it('Prometheus with our rules and two groups of monitors that are well', { skip }, async (t) => {
  const cdn = await SimulatedCdn.start({
    world: { edges: 6, cachegroups: 2, intervals: { health: 300, trafficOps: 500 } },
  });
  t.after(() => cdn.close());
  const [amer, emea] = [groupName('amer'), groupName('emea')];
  const [first, ...others] = new Set(cdn.world.caches.map(({ cachegroup }) => cachegroup));
  assert.ok(first !== undefined);
  const owners = new Map([
    [amer, [first]],
    [emea, others],
  ]);
  const options = { groups: [amer, emea], membersEach: 2, redundancy: 1 } as const;
  const fleet = await Fleet.start(t, cdn, options, owners);
  await fleet.untilOpen();
  const prometheus = await Prometheus.start(
    targetsAsTheyAre(
      fleet.monitors.map(({ folder }) => ({ address: `127.0.0.1:${folder.port}`, labels: { cdn: 'cdn1' } })),
    ),
    1,
  );
  t.after(() => prometheus.stop());
  const ask = (route: string): Promise<unknown> => prometheus.ask(route);
  const query = async (expr: string): Promise<readonly unknown[]> =>
    ((await ask(`query?query=${encodeURIComponent(expr)}`)) as { result: unknown[] }).result;
  const isScraped = async (): Promise<boolean> =>
    (await query('count_over_time(up[10s]) > 5')).length === fleet.monitors.length;
  await until('it has scraped for a while', isScraped, 60_000);

  await t.test('scrapes them without a fault', async () => {
    const { activeTargets } = (await ask('targets')) as {
      activeTargets: { health: string; lastError: string }[];
    };
    assert.deepEqual(
      activeTargets.map(({ health, lastError }) => [health, lastError]),
      fleet.monitors.map(() => ['up', '']),
    );
  });

  await t.test('can evaluate every rule, and no alert fires', async () => {
    const rules = async (): Promise<Rule[]> => {
      const { groups } = (await ask('rules')) as { groups: { rules: Rule[] }[] };
      return groups.flatMap((group) => group.rules);
    };
    await until('all are evaluated', async () => (await rules()).every(({ health }) => health !== 'unknown'));
    const all = await rules();
    assert.deepEqual(
      all.filter(({ health, state }) => health !== 'ok' || state !== 'inactive'),
      [],
    );
    assert.ok(all.length > 10);
  });

  for (const name of ['cdn-overview.json', 'monitors.json']) {
    await t.test(`has something to draw in every panel of ${name}`, async () => {
      const dashboard = readDashboard(path.join(DASHBOARDS_DIRECTORY, name));
      const endSeconds = Math.floor(Date.now() / 1000);
      const span = { startSeconds: endSeconds - 10, endSeconds, scrapeSeconds: 1 };
      // Panels that show trouble only say so when there is none.
      const { emptyPanels } = await drawDashboard(dashboard, ask, span);
      assert.deepEqual(emptyPanels, []);
    });
  }
});
