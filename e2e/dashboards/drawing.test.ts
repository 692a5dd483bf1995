import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { DASHBOARDS_DIRECTORY, filesIn } from '../rules/rule-files.ts';
import { decodeDashboard, readDashboard } from './dashboard.ts';
import { stretchesOf } from './draw-state-timeline.ts';
import { piecesOf, ticksBetween } from './draw-time-series.ts';
import { drawDashboard } from './page.ts';
import { type Ask, legendOf, resolveExpression, resolveVariables, type Span, stepOf } from './queries.ts';
import { formatValue, type Unit } from './units.ts';

const span: Span = { startSeconds: 1000, endSeconds: 1240, scrapeSeconds: 2 };

/** A Prometheus that knows one value of each label, and answers each query with one series. */
const answering =
  (labels: Readonly<Record<string, string>>): Ask =>
  async (route) => {
    if (route.startsWith('label/')) return ['one'];
    const result = route.startsWith('query_range?')
      ? { metric: labels, values: [10, 12, 14].map((at) => [1000 + at, '1']) }
      : { metric: labels, value: [1240, '1'] };
    return { result: [result] };
  };

for (const file of filesIn(DASHBOARDS_DIRECTORY, '.json')) {
  describe(`the dashboard ${path.basename(file)}`, () => {
    const dashboard = readDashboard(file);

    it('says nothing that is not drawn, and every panel is drawn', async () => {
      const labels = { cdn: 'cdn1', instance: 'tm-emea-0', cachegroup: '<paris>' };
      const { html, emptyPanels } = await drawDashboard(dashboard, answering(labels), span);
      assert.deepEqual(emptyPanels, []);
      for (const { title } of dashboard.panels)
        assert.ok(html.includes(title.replaceAll('&', '&amp;')), title);
      assert.ok(!html.includes('<paris>'));
    });

    it('says of each panel without an answer what this means, or is told as empty', async () => {
      const silent: Ask = async (route) => (route.startsWith('label/') ? ['one'] : { result: [] });
      const { html, emptyPanels } = await drawDashboard(dashboard, silent, span);
      assert.ok(emptyPanels.length > 0);
      assert.ok(html.includes('No data'));
    });

    it('explains each panel', () => {
      for (const panel of dashboard.panels) {
        if (panel.type === 'row') continue;
        assert.notEqual(panel.title, '');
        assert.ok(panel.description !== '' || panel.type === 'table', panel.title);
      }
    });

    it('lays no panel over another, and leaves no gap to its right', () => {
      const taken = new Set<string>();
      for (const { title, gridPos } of dashboard.panels) {
        const { x, y, w, h } = gridPos;
        assert.ok(x + w <= 24, title);
        for (let column = x; column < x + w; column++) {
          for (let line = y; line < y + h; line++) {
            assert.ok(!taken.has(`${column} ${line}`), title);
            taken.add(`${column} ${line}`);
          }
        }
      }
      assert.equal(taken.size % 24, 0);
    });

    it('gives each panel an id of its own', () => {
      const ids = dashboard.panels.map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length);
    });
  });
}

describe('a dashboard with what is not drawn here is refused, with the place', () => {
  const [file = ''] = filesIn(DASHBOARDS_DIRECTORY, '.json');
  const text = JSON.stringify(readDashboard(file));
  const rows: readonly [what: string, from: string, to: string, problem: RegExp][] = [
    ['a type of panel', '"type":"bargauge"', '"type":"heatmap"', /a panel of type heatmap/],
    ['a unit', '"unit":"bps"', '"unit":"Bps"', /panel "[^"]+"\/fieldConfig\/defaults\/unit/],
    [
      'an option',
      '"showPoints":"never"',
      '"showPoints":"never","spanNulls":true',
      /custom must NOT have additional/,
    ],
    ['a variable', '"name":"cdn"', '"name":"region"', /dashboard\/templating\/list\/1/],
  ];
  for (const [what, from, to, problem] of rows) {
    it(what, () => {
      assert.ok(text.includes(from));
      assert.throws(() => decodeDashboard(text.replace(from, to)), problem);
    });
  }
});

describe('a value is written as Grafana writes it', () => {
  const rows: readonly [value: number, unit: Unit, text: string][] = [
    [0, 'short', '0'],
    [66, 'short', '66'],
    [1234, 'short', '1.23 K'],
    [0.984848, 'percentunit', '98.5%'],
    [1, 'percentunit', '100%'],
    [0, 's', '0 s'],
    [0.0123, 's', '12.3 ms'],
    [0.00025, 's', '250 µs'],
    [90, 's', '1.5 min'],
    [7200, 's', '2 hour'],
    [52_800_000_000, 'bps', '52.8 Gb/s'],
    [12.5, 'reqps', '12.5 req/s'],
    [157_286_400, 'bytes', '150 MiB'],
  ];
  for (const [value, unit, text] of rows) {
    it(`${value} ${unit}: ${text}`, () => assert.equal(formatValue(value, unit), text));
  }
});

describe('variables', () => {
  const variable = (name: 'cdn' | 'instance', query: string, includeAll: boolean) => ({
    name,
    label: name,
    type: 'query' as const,
    datasource: { type: 'prometheus' as const, uid: '${datasource}' as const },
    query: { query, refId: name },
    refresh: 2 as const,
    sort: 1 as const,
    multi: includeAll,
    includeAll,
    current: {},
  });

  it('have their first value, or all as an expression; the later ask with the earlier', async () => {
    const asked: string[] = [];
    const ask: Ask = async (route) => {
      asked.push(decodeURIComponent(route));
      return route.includes('/cdn/') ? ['cdn1', 'cdn2'] : ['a.b', 'c'];
    };
    const list = [
      variable('cdn', 'label_values(tm_build_info, cdn)', false),
      variable('instance', 'label_values(tm_build_info{cdn="$cdn"}, instance)', true),
    ];
    const variables = await resolveVariables({ templating: { list } }, ask, span);
    assert.deepEqual(
      [...variables],
      [
        ['cdn', 'cdn1'],
        ['instance', '(a\\\\.b|c)'],
      ],
    );
    assert.match(asked[1] ?? '', /tm_build_info\{cdn="cdn1"\}/);
  });

  it('are put into expressions, with an interval for rates of four scrapes at least', () => {
    const variables = new Map([['cdn', 'cdn1']]);
    const resolve = (stepSeconds: number) =>
      resolveExpression('rate(a{cdn="$cdn"}[$__rate_interval])', variables, span, stepSeconds);
    assert.equal(resolve(2), 'rate(a{cdn="cdn1"}[8s])');
    assert.equal(resolve(60), 'rate(a{cdn="cdn1"}[62s])');
    assert.throws(() => resolveExpression('a{b="$other"}', variables, span, 2), /\$other is no variable/);
  });
});

it('a graph has a point for each pixel at most, and for each scrape', () => {
  assert.equal(stepOf(span, 500), 2);
  assert.equal(stepOf({ ...span, endSeconds: 11_800 }, 500), 22);
});

it('the name of a series comes from its labels', () => {
  assert.equal(legendOf({ a: 'x', b: 'y' }, '{{a}} {{ b }}: {{c}}'), 'x y:');
  assert.equal(legendOf({ a: 'x' }, ''), '{a="x"}');
  assert.equal(legendOf({}, ''), 'Value');
});

it('a line has gaps where values are missing', () => {
  const line = [0, 2, 4, 10, 12].map((at) => [at, 1] as const);
  assert.deepEqual(
    piecesOf(line, 2).map((piece) => piece.length),
    [3, 2],
  );
});

it('equal values in a row are one stretch, until they change or are missing', () => {
  const points = [
    [0, 1],
    [2, 1],
    [4, 0],
    [10, 0],
  ] as const;
  assert.deepEqual(stretchesOf({ points }, 2), [
    { value: 1, startSeconds: 0, endSeconds: 4 },
    { value: 0, startSeconds: 4, endSeconds: 6 },
    { value: 0, startSeconds: 10, endSeconds: 12 },
  ]);
});

describe('the lines of a graph are at round values', () => {
  const rows: readonly [low: number, high: number, unit: Unit, ticks: readonly number[]][] = [
    [0, 5, 'short', [0, 2, 4, 6]],
    [0, 0, 'short', [0, 0.5, 1]],
    [0, 0.013, 's', [0, 0.005, 0.01, 0.015]],
    [0, 200 * 1024 ** 2, 'bytes', [0, 100 * 1024 ** 2, 200 * 1024 ** 2]],
  ];
  for (const [low, high, unit, ticks] of rows) {
    it(`${low} to ${high} ${unit}`, () => assert.deepEqual(ticksBetween(low, high, 3, unit), ticks));
  }
});
