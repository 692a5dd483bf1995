import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { metricTable } from '../serve/metrics-table.ts';
import { checkTable } from '../serve/testing/checked-table.ts';
import { USAGE } from './arguments.ts';
import { type ComparedCache, type ComparedStates, readCrStates } from './compared-states.ts';
import { COMPARE_METRICS } from './comparison-metrics.ts';
import { ComparisonReport, summaryOf } from './comparison-report.ts';
import { type Answer, ComparisonRun } from './comparison-run.ts';
import { compareStates, type Difference } from './differences.ts';
import { Disagreements, durationMs } from './disagreements.ts';

const cache = (changes: Partial<ComparedCache> = {}): ComparedCache => ({
  isAvailable: true,
  ipv4Available: true,
  ipv6Available: false,
  status: 'REPORTED - available',
  ...changes,
});

const states = (
  caches: Readonly<Record<string, ComparedCache>>,
  services: Readonly<Record<string, boolean>> = {},
): ComparedStates => ({
  caches: new Map(Object.entries(caches)),
  deliveryServices: new Map(Object.entries(services)),
});

const told = ({ kind, name, ours, theirs }: Difference): string => `${kind} ${name}: ${ours}, ${theirs}`;

describe('what two monitors say', () => {
  const down = cache({ isAvailable: false, ipv4Available: false, status: 'REPORTED - timeout' });
  const rows: readonly [name: string, ours: ComparedStates, theirs: ComparedStates, told: string[]][] = [
    ['is the same', states({ a: cache() }, { ds: true }), states({ a: cache() }, { ds: true }), []],
    [
      'is the same whatever the status texts',
      states({ a: cache() }),
      states({ a: cache({ status: '' }) }),
      [],
    ],
    [
      'differs about a cache and its family',
      states({ a: cache() }),
      states({ a: down }),
      ['cache a: available, unavailable', 'cache_ipv4 a: available, unavailable'],
    ],
    [
      'differs about a family alone',
      states({ a: cache() }),
      states({ a: cache({ ipv6Available: true }) }),
      ['cache_ipv6 a: unavailable, available'],
    ],
    [
      'does not differ about families that one of them does not tell',
      states({ a: cache() }),
      states({ a: cache({ ipv4Available: null, ipv6Available: null }) }),
      [],
    ],
    [
      'misses a cache on either side',
      states({ a: cache(), b: cache() }),
      states({ b: cache(), c: down }),
      ['cache_missing a: available, missing', 'cache_missing c: missing, unavailable'],
    ],
    [
      'differs about delivery services',
      states({}, { 'ds-1': true, 'ds-2': true }),
      states({}, { 'ds-1': false, 'ds-3': false }),
      [
        'delivery_service ds-1: available, unavailable',
        'delivery_service_missing ds-2: available, missing',
        'delivery_service_missing ds-3: missing, unavailable',
      ],
    ],
  ];
  for (const [name, ours, theirs, lines] of rows) {
    it(name, () => assert.deepEqual(compareStates(ours, theirs).differences.map(told), lines));
  }

  it('has both reasons with a difference', () => {
    const [difference] = compareStates(states({ a: cache() }), states({ a: down })).differences;
    assert.deepEqual(
      [difference?.ourStatus, difference?.theirStatus],
      ['REPORTED - available', 'REPORTED - timeout'],
    );
  });

  it('differs in the same things whoever is ours', () => {
    const one = fc.record({
      isAvailable: fc.boolean(),
      ipv4Available: fc.option(fc.boolean()),
      ipv6Available: fc.option(fc.boolean()),
      status: fc.constant(''),
    });
    const some = fc.record({ a: one, b: one, c: one }, { requiredKeys: [] });
    fc.assert(
      fc.property(some, some, (left, right) => {
        const [l, r] = [
          states(left as Record<string, ComparedCache>),
          states(right as Record<string, ComparedCache>),
        ];
        const there = compareStates(l, r).differences.map(({ kind, name, ours, theirs }) => [
          kind,
          name,
          ours,
          theirs,
        ]);
        const back = compareStates(r, l).differences.map(({ kind, name, ours, theirs }) => [
          kind,
          name,
          theirs,
          ours,
        ]);
        assert.deepEqual(there.map(String).sort(), back.map(String).sort());
        assert.deepEqual(compareStates(l, l).differences, []);
      }),
    );
  });
});

describe('CrStates', () => {
  it('is read as a Traffic Monitor answers it', () => {
    const text = JSON.stringify({
      caches: {
        a: { isAvailable: true, ipv4Available: true, ipv6Available: false, status: 'x', lastPoll: '' },
      },
      deliveryServices: { ds: { disabledLocations: [], isAvailable: true } },
    });
    const read = readCrStates(text);
    assert.deepEqual([...read.caches], [['a', cache({ status: 'x' })]]);
    assert.deepEqual([...read.deliveryServices], [['ds', true]]);
  });

  it('of an old monitor tells no families', () => {
    const read = readCrStates('{"caches":{"a":{"isAvailable":true}},"deliveryServices":{}}');
    assert.deepEqual(read.caches.get('a'), cache({ ipv4Available: null, ipv6Available: null, status: '' }));
  });

  const wrong: readonly [text: string, reason: RegExp][] = [
    ['<html>', /is not JSON/],
    ['[]', /the answer is no JSON object/],
    ['{"caches":{}}', /"deliveryServices" is no JSON object/],
    ['{"caches":{"a":{}},"deliveryServices":{}}', /"isAvailable" of cache "a" is neither true nor false/],
    ['{"caches":{},"deliveryServices":{"ds":7}}', /delivery service "ds" is no JSON object/],
  ];
  for (const [text, reason] of wrong) {
    it(`is not ${text}`, () => assert.throws(() => readCrStates(text), reason));
  }
});

const difference = (name: string, changes: Partial<Difference> = {}): Difference => ({
  kind: 'cache',
  name,
  ours: 'available',
  theirs: 'unavailable',
  ourStatus: '',
  theirStatus: '',
  ...changes,
});

describe('disagreements', () => {
  it('that are over within the tolerance are counted and not told', () => {
    const disagreements = new Disagreements(5000);
    for (const [at, now] of [
      [0, [difference('a')]],
      [1000, [difference('a')]],
      [2000, []],
    ] as const) {
      assert.deepEqual(disagreements.take(now, at), { outlasting: [], ended: [] });
    }
    assert.deepEqual(disagreements.counts.cache, { short: 1, long: 0, longestMs: 2000 });
  });

  it('that last longer are told once, and when they are over', () => {
    const disagreements = new Disagreements(5000);
    const changes = [0, 5000, 5001, 7000].map((at) => disagreements.take([difference('a')], at));
    assert.deepEqual(
      changes.map(({ outlasting }) => outlasting.length),
      [0, 0, 1, 0],
    );
    const { ended } = disagreements.take([], 9000);
    assert.deepEqual(
      ended.map(({ startMs, endMs }) => [startMs, endMs]),
      [[0, 9000]],
    );
    assert.deepEqual(disagreements.counts.cache, { short: 0, long: 1, longestMs: 9000 });
    assert.deepEqual(disagreements.open, []);
  });

  it('of opposite sense are two', () => {
    const disagreements = new Disagreements(5000);
    disagreements.take([difference('a')], 0);
    disagreements.take([difference('a', { ours: 'unavailable', theirs: 'available' })], 4000);
    disagreements.take([], 8000);
    assert.deepEqual(disagreements.counts.cache, { short: 2, long: 0, longestMs: 4000 });
  });

  it('go on over a time in which nothing could be compared', () => {
    const disagreements = new Disagreements(5000);
    disagreements.take([difference('a')], 0);
    disagreements.interrupt();
    const { outlasting } = disagreements.take([difference('a')], 60_000);
    assert.deepEqual(outlasting.map(durationMs), [60_000]);
  });

  it('that are gone after such a time lasted as long as they were seen', () => {
    const disagreements = new Disagreements(5000);
    disagreements.take([difference('a')], 0);
    disagreements.take([difference('a')], 1000);
    disagreements.interrupt();
    assert.deepEqual(disagreements.take([], 60_000).ended, []);
    assert.deepEqual(disagreements.counts.cache, { short: 1, long: 0, longestMs: 1000 });
  });

  it('that last at the end are counted as far as they were seen', () => {
    const disagreements = new Disagreements(5000);
    disagreements.take([difference('a'), difference('b')], 0);
    disagreements.take([difference('a')], 7000);
    disagreements.finish();
    assert.deepEqual(disagreements.counts.cache, { short: 0, long: 2, longestMs: 7000 });
    assert.deepEqual(
      disagreements.longest.map(({ difference: { name } }) => name),
      ['b', 'a'],
    );
  });
});

describe('a comparison', () => {
  const answer = (of: ComparedStates): Answer => ({ kind: 'states', states: of });
  const failure = (reason: string): Answer => ({ kind: 'failure', reason });
  const up = answer(states({ a: cache(), b: cache() }, { ds: true }));
  const aDown = answer(
    states({ a: cache({ isAvailable: false, status: 'REPORTED - timeout' }), b: cache() }, { ds: true }),
  );

  /** One sample a second. */
  function comparisonOf(...samples: readonly (readonly [ours: Answer, theirs: Answer])[]) {
    const run = new ComparisonRun(1500);
    const report = new ComparisonReport();
    const lines: string[] = [];
    for (const [second, [ours, theirs]] of samples.entries()) {
      const outcome = run.take({ ours, theirs }, second * 1000);
      lines.push(...report.linesOf(outcome, second * 1000).map((line) => line.slice(25)));
    }
    run.disagreements.finish();
    return { run, lines, summary: summaryOf(run, 1500, samples.length * 1000).join('\n') };
  }

  it('of two that agree ends with 0', () => {
    const { run, lines, summary } = comparisonOf([up, up], [up, up]);
    assert.deepEqual([run.exitStatus, lines], [0, []]);
    assert.match(summary, /^2 samples compared in 2\.0 s, 0 not compared/m);
    assert.match(summary, /all alike in 100\.000 % of the samples/);
    assert.match(summary, /^AGREE: tolerance 1\.5 s$/m);
  });

  it('forgives what is over within the tolerance, and counts it', () => {
    const { run, lines, summary } = comparisonOf([up, up], [up, aDown], [up, up], [up, up]);
    assert.deepEqual([run.exitStatus, lines], [0, []]);
    assert.match(summary, /all alike in 75\.000 % of the samples; 91\.666 % of all/);
    assert.match(summary, /^cache isAvailable +1 +0 +1\.0 s$/m);
  });

  it('ends with 1 after a longer disagreement, which is told with both reasons', () => {
    const { run, lines, summary } = comparisonOf([up, aDown], [up, aDown], [up, aDown], [up, up]);
    assert.equal(run.exitStatus, 1);
    const what =
      'cache a isAvailable since 1970-01-01T00:00:00.000Z for 2.0 s; ours: available (REPORTED - available); theirs: unavailable (REPORTED - timeout)';
    assert.deepEqual(lines, [`DISAGREE ${what}`, 'OVER     cache a isAvailable, after 3.0 s']);
    assert.match(summary, /^DISAGREED: tolerance 1\.5 s$/m);
    assert.match(
      summary,
      /the longest:\n {2}cache a isAvailable since 1970-01-01T00:00:00\.000Z for 3\.0 s;/,
    );
  });

  it('does not take a monitor that does not answer for one that disagrees', () => {
    const { run, lines, summary } = comparisonOf(
      [up, up],
      [up, failure('connect ECONNREFUSED')],
      [up, failure('connect ECONNREFUSED')],
      [up, up],
    );
    assert.equal(run.exitStatus, 0);
    assert.deepEqual(lines, [
      'NOT COMPARED theirs does not answer: connect ECONNREFUSED',
      'COMPARED both answer',
    ]);
    assert.match(summary, /2 samples compared in 4\.0 s, 2 not compared \(ours failed 0 times, theirs 2\)/);
  });

  it('of monitors that never both answer ends with 2', () => {
    const { run, summary } = comparisonOf([up, failure('status 503')], [failure('x'), up]);
    assert.equal(run.exitStatus, 2);
    assert.match(summary, /COULD NOT COMPARE/);
  });

  it('of two CDNs ends with 2', () => {
    const other = answer(states({ z: cache() }));
    const { run, lines } = comparisonOf([up, other]);
    assert.equal(run.exitStatus, 2);
    assert.deepEqual(lines, ['NOT COMPARED no cache is named by both: are these two monitors of one CDN?']);
  });
});

describe('docs/compare.md', () => {
  it('has the metrics of a comparison', () =>
    checkTable('docs/compare.md', 'metrics of a comparison', metricTable(COMPARE_METRICS)));

  it('has the arguments', async () => {
    const text = await readFile(new URL('../../docs/compare.md', import.meta.url), 'utf8');
    assert.ok(text.includes(USAGE), 'the text of --help');
  });
});
