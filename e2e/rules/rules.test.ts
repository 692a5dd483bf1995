import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { COMPARE_METRICS } from '../../monitor/compare/comparison-metrics.ts';
import { CACHE_METRICS, METRICS } from '../../monitor/serve/metrics-declared.ts';
import { MetricsRegistry } from '../../monitor/serve/metrics-registry.ts';
import { metricTable } from '../../monitor/serve/metrics-table.ts';
import { checkTable } from '../../monitor/serve/testing/checked-table.ts';
import { monitorOf } from '../../monitor/serve/testing/figures.ts';
import { GroupMetrics } from '../../operator/serve/group-metrics.ts';
import { OperatorMetrics } from '../../operator/serve/metrics.ts';
import { metricNamesIn, metricOf } from './metric-names.ts';
import {
  DASHBOARDS_DIRECTORY,
  filesIn,
  RULES_DIRECTORY,
  RUNBOOKS_DIRECTORY,
  readAlerts,
  readDashboardQueries,
  readExpectations,
} from './rule-files.ts';

/** Names of all metrics that our programs tell, and those that Prometheus makes itself. */
const known = new Set<string>([
  'up',
  'ALERTS',
  ...Object.keys(CACHE_METRICS),
  ...Object.keys(COMPARE_METRICS),
]);

/** All metrics of the operator, with what the library's types do not tell. */
function operatorMetrics(): readonly {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labels: readonly string[];
}[] {
  const { registry } = new OperatorMetrics();
  new GroupMetrics(registry);
  return registry.getMetricsAsArray().map((metric) => {
    const { name, help } = metric;
    const { labelNames } = metric as { readonly labelNames?: readonly string[] };
    return { name, help, type: metric.constructor.name.toLowerCase(), labels: labelNames ?? [] };
  });
}

before(async () => {
  const monitor = await new MetricsRegistry({
    figures: monitorOf().figures,
    perCache: () => false,
  }).collect();
  for (const { name } of [...monitor, ...operatorMetrics()]) known.add(name);
});

const unknownIn = (expression: string): string[] =>
  metricNamesIn(expression).filter((name) => !known.has(name) && !known.has(metricOf(name)));

describe('the metrics that an expression asks for', () => {
  const rows: readonly [expression: string, names: readonly string[]][] = [
    ['tm_quorum == 0', ['tm_quorum']],
    ['max by (cdn, name) (a{b="c_d"}) > 1e3', ['a']],
    ['rate(a_total[5m]) / on (instance) group_left (x) b offset 5m', ['a_total', 'b']],
    ['histogram_quantile(0.99, sum by (le) (rate(h_bucket{i=~"$i"}[$__rate_interval])))', ['h_bucket']],
    ['(a and on (instance) b) unless c > bool 0', ['a', 'b', 'c']],
    ['label_replace(a, "x", "$1", "y", "(.*)")', ['a']],
  ];
  for (const [expression, names] of rows) {
    it(expression, () => assert.deepEqual(metricNamesIn(expression), names));
  }
});

describe('an alert', () => {
  const alerts = readAlerts();
  const expectations = readExpectations();

  it('has a name of its own', () => {
    assert.ok(alerts.length > 0);
    assert.equal(new Set(alerts.map(({ alert }) => alert)).size, alerts.length);
  });

  for (const { alert, expr, labels, annotations } of alerts) {
    describe(alert, () => {
      it('asks for metrics that exist', () => assert.deepEqual(unknownIn(expr), []));

      it('says how bad it is and what it means', () => {
        assert.match(labels.severity, /^(critical|warning)$/);
        assert.ok(annotations.summary.length > 0 && annotations.description.length > 0);
      });

      it('has a runbook page that answers what people ask at night', () => {
        assert.equal(annotations.runbook, `docs/runbooks/${alert}.md`);
        const page = fs.readFileSync(path.join(RUNBOOKS_DIRECTORY, `${alert}.md`), 'utf8');
        assert.ok(page.startsWith(`# ${alert}\n`));
        for (const title of ['Symptom', 'Meaning', 'What still works', 'What to do'])
          assert.ok(page.includes(`\n## ${title}\n`), title);
      });

      it('is tested by promtool: it does not fire, fires, and is resolved', () => {
        const tested = expectations.some((test) => {
          const fires = test
            .filter(({ alertname }) => alertname === alert)
            .map((one) => one.exp_alerts.length > 0);
          return /^false,(false,)*true,(true,)*false$/.test(fires.join());
        });
        assert.ok(tested);
      });
    });
  }

  it('has no runbook page left behind', () => {
    const pages = filesIn(RUNBOOKS_DIRECTORY, '.md').map((file) => path.basename(file, '.md'));
    assert.deepEqual(
      pages.filter((page) => page !== 'README'),
      alerts.map(({ alert }) => alert).sort(),
    );
  });
});

describe('a dashboard', () => {
  for (const file of filesIn(DASHBOARDS_DIRECTORY, '.json')) {
    it(`${path.basename(file)} asks for metrics that exist`, () => {
      const queries = readDashboardQueries(file);
      assert.ok(queries.length > 0);
      for (const { panel, expr } of queries) {
        assert.notDeepEqual(metricNamesIn(expr), [], `${panel}: ${expr}`);
        assert.deepEqual(unknownIn(expr), [], `${panel}: ${expr}`);
      }
    });
  }
});

describe('the target labels of the chart', () => {
  const template = fs.readFileSync(path.join(RULES_DIRECTORY, '..', 'templates', 'monitoring.yaml'), 'utf8');
  const targetLabels = [...template.matchAll(/targetLabel: (\w+)/g)].map(([, label = '']) => label);

  it('have the one that rules and dashboards tell CDNs apart by', () =>
    assert.ok(targetLabels.includes('cdn')));

  it('hide no label of a metric', () => {
    // The CDN by the monitor's own word may be hidden by the same word.
    const metrics = Object.entries({ ...METRICS, ...CACHE_METRICS }).filter(
      ([name]) => name !== 'tm_monitor_info',
    );
    for (const [name, { labels }] of metrics) {
      const all: readonly string[] = labels;
      assert.deepEqual(
        all.filter((label) => targetLabels.includes(label)),
        [],
        name,
      );
    }
  });
});

describe('docs/metrics.md', () => {
  it('has the metrics of the operator', async () => {
    const own = operatorMetrics().filter(({ name }) => !/^(process|nodejs)_/.test(name));
    const table = metricTable(Object.fromEntries(own.map((metric) => [metric.name, metric])));
    await checkTable('docs/metrics.md', 'metrics of the operator', table);
  });
});
