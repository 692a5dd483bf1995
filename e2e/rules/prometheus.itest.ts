import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { it, type TestContext } from 'node:test';
import { groupName } from '../../common/ids.ts';
import { freePort } from '../../monitor/testing/servers.ts';
import { until } from '../../monitor/testing/waiting.ts';
import { SimulatedCdn } from '../../sim/simulated-cdn.ts';
import { Fleet } from '../distributed/testing/fleet.ts';
import { DASHBOARDS_DIRECTORY, filesIn, RULES_DIRECTORY, readDashboardQueries } from './rule-files.ts';

const PROMETHEUS = '/usr/bin/prometheus';
const skip = fs.existsSync(PROMETHEUS) ? false : 'prometheus is missing: install the package of that name';

/** Debian's Prometheus with our rules, which scrapes these monitors every second. */
async function startPrometheus(
  t: TestContext,
  ports: readonly number[],
): Promise<(route: string) => Promise<unknown>> {
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'prometheus-'));
  const port = await freePort();
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: filesIn(RULES_DIRECTORY, '.yaml'),
    scrape_configs: [
      {
        job_name: 'traffic-monitor',
        static_configs: [{ targets: ports.map((port) => `127.0.0.1:${port}`), labels: { cdn: 'cdn1' } }],
      },
    ],
  };
  // JSON is YAML.
  fs.writeFileSync(path.join(folder, 'prometheus.yml'), JSON.stringify(config));
  const child = spawn(
    PROMETHEUS,
    [
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  );
  const ended = new Promise((resolve) => child.once('close', resolve));
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
    fs.rmSync(folder, { recursive: true });
  });
  const ask = async (route: string): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/${route}`);
    const { status, data, error } = (await response.json()) as {
      status: string;
      data: unknown;
      error?: string;
    };
    assert.equal(status, 'success', `${route}: ${error}`);
    return data;
  };
  await until(
    'Prometheus answers',
    () =>
      ask('status/buildinfo').then(
        () => true,
        () => false,
      ),
    60_000,
  );
  return ask;
}

interface Rule {
  readonly name: string;
  readonly health: string;
  readonly state: string;
  readonly lastError?: string;
}

/** What a dashboard asks, with its variables as a person leaves them. */
const asAsked = (expr: string): string =>
  expr.replaceAll('$__rate_interval', '10s').replace(/\$\{?(cdn|instance|namespace)\}?/g, '.*');

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
  const ask = await startPrometheus(
    t,
    fleet.monitors.map(({ folder }) => folder.port),
  );
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
    await t.test(`has something to draw in ${name}`, async () => {
      for (const { panel, expr } of readDashboardQueries(path.join(DASHBOARDS_DIRECTORY, name))) {
        const result = await query(asAsked(expr));
        // Some panels show trouble only.
        if (expr.includes('> 0')) continue;
        assert.ok(result.length > 0, `${panel}: ${expr}`);
      }
    });
  }
});
