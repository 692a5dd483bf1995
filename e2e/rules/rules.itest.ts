import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { MetricsRegistry } from '../../monitor/serve/metrics-registry.ts';
import { monitorOf } from '../../monitor/serve/testing/figures.ts';
import {
  DASHBOARDS_DIRECTORY,
  filesIn,
  RULE_TESTS_DIRECTORY,
  RULES_DIRECTORY,
  readDashboardQueries,
} from './rule-files.ts';

const PROMTOOL = '/usr/bin/promtool';
const skip = fs.existsSync(PROMTOOL) ? false : 'promtool is missing: install the package prometheus';

function promtool(
  args: readonly string[],
  input = '',
): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(PROMTOOL, args, { input, timeout: 60_000 });
  return { status, output: `${stdout}${stderr}` };
}

describe('promtool', { skip }, () => {
  it('finds every rule file right', () => {
    const { status, output } = promtool(['check', 'rules', ...filesIn(RULES_DIRECTORY, '.yaml')]);
    assert.equal(status, 0, output);
  });

  for (const file of filesIn(RULE_TESTS_DIRECTORY, '.yaml')) {
    it(`sees the alerts of ${path.basename(file)} fire and be resolved`, () => {
      const { status, output } = promtool(['test', 'rules', file]);
      assert.equal(status, 0, output);
    });
  }

  it('can read the metrics of a monitor, and finds no fault in those that are ours', async () => {
    const registry = new MetricsRegistry({ figures: monitorOf().figures, perCache: () => true });
    const { output } = promtool(['check', 'metrics'], await registry.text());
    assert.doesNotMatch(output, /error while linting|parsing error/);
    assert.deepEqual(
      output.split('\n').filter((line) => line.startsWith('tm_')),
      [],
    );
  });

  it('understands every query of the dashboards', (t: TestContext) => {
    const files = filesIn(DASHBOARDS_DIRECTORY, '.json');
    const rules = files.flatMap(readDashboardQueries).map(({ expr }, i) => ({
      record: `query_${i}`,
      expr: expr
        .replaceAll('$__rate_interval', '5m')
        .replaceAll('$__range', '1h')
        .replace(/\$\{?\w+\}?/g, 'x'),
    }));
    const folder = fs.mkdtempSync(path.join(tmpdir(), 'queries-'));
    t.after(() => fs.rmSync(folder, { recursive: true }));
    const file = path.join(folder, 'queries.yaml');
    fs.writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboards', rules }] }));
    const { status, output } = promtool(['check', 'rules', file]);
    assert.equal(status, 0, output);
  });
});
