import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cpuMs } from '../../common/testing/cpu-time.ts';
import type { MonitoringConfig } from '../../common/traffic-ops/monitoring.ts';
import { DeliveryServiceLookup } from './delivery-service-lookup.ts';
import { deliveryServiceHosts } from './snapshot-regexes.ts';
import { ids, serviceWith } from './testing/samples.ts';

function lookupOf(services: Readonly<Record<string, readonly string[]>>): DeliveryServiceLookup {
  return new DeliveryServiceLookup(
    Object.entries(services).map(([xmlId, regexes]) => ({ ...serviceWith(xmlId), regexes })),
  );
}

describe('the delivery service of a host name', () => {
  const lookup = lookupOf({
    dot: ['.*\\.dot\\..*', '.*\\.second\\..*'],
    exact: ['www.exact.kit.test'],
    pattern: ['^img[0-9]+\\.pics\\.kit\\.test$'],
    syntax: ['.*\\.a(b|c)\\..*'],
    wide: ['.*\\.w.de\\..*'],
    later: ['.*\\.pics\\.kit\\..*x.*'],
  });
  const cases: readonly [host: string, xmlId: string | null][] = [
    ['edge-1.dot.kit.test', 'dot'],
    ['edge-1.second.kit.test', 'dot'],
    ['dot.edge-1.kit.test', null],
    ['edge-1.DOT.kit.test', null],
    ['www.exact.kit.test', 'exact'],
    ['wwwxexact.kit.test', null],
    ['img7.pics.kit.test', 'pattern'],
    ['img.pics.kit.test', null],
    ['edge.ab.kit.test', 'syntax'],
    ['edge.ad.kit.test', null],
    ['edge.wxde.kit.test', 'wide'],
    ['two.labels', null],
    ['', null],
    [`${'a'.repeat(300)}.ab.kit.test`, null],
  ];
  for (const [host, xmlId] of cases) {
    it(`'${host.slice(0, 40)}' is ${xmlId ?? 'nobody’s'}`, () => assert.equal(lookup.find(host), xmlId));
  }

  it('is that of the first pattern in the config', () => {
    const both = lookupOf({ one: ['[a]b'], two: ['ab|x'] });
    assert.equal(both.find('x.ab.y'), 'one');
    assert.equal(lookupOf({ two: ['ab|x'], one: ['[a]b'] }).find('x.ab.y'), 'two');
  });

  it('is found by a fixed name first, whatever the order of the config', () => {
    const mixed = lookupOf({ pattern: ['(x)'], exact: ['x.foo.test'], dot: ['.*\\.foo\\..*'] });
    assert.equal(mixed.find('x.foo.test'), 'dot');
  });
});

describe('host regexes that cannot be used', () => {
  const bad: readonly [why: string, regex: string][] = [
    ['bad', '(foo'],
    ['bad without its ends', '.*(foo.*'],
    ['not known to JavaScript', '(?i)foo'],
    ['exponential', '(a+)+$'],
    ['exponential by choice', '^(a|aa)*$'],
    ['exponential, nested', '((a*)b?){2,}'],
    ['of a high degree', 'a.*b.*c.*d.*e'],
    ['referring back', '(a)\\1'],
    ['too long', `a{1}${'b'.repeat(1001)}`],
  ];
  for (const [why, regex] of bad) {
    it(`are left out with a warning: ${why}`, () => {
      const lookup = lookupOf({ bad: [regex], good: ['.*\\.good\\..*'] });
      assert.equal(lookup.warnings.length, 1, lookup.warnings.join());
      assert.match(lookup.warnings.join(), /^delivery service "bad": the host regex ".*" is left out: ./s);
      assert.equal(lookup.find('x.good.test'), 'good');
    });
  }

  for (const regex of [
    '.*\\.foo-.*\\.bar\\..*',
    '(www\\.)?foo\\.test',
    '^[^.]+\\.[a-z]+\\.x\\..*$',
    '.*\\.(a|b)\\..*',
  ]) {
    it(`are not those that people write: ${regex}`, () =>
      assert.deepEqual(lookupOf({ a: [regex] }).warnings, []));
  }

  it('are those that another delivery service has', () => {
    const lookup = lookupOf({ one: ['.*\\.x\\..*', '.*\\.x\\..*'], two: ['.*\\.x\\..*'] });
    assert.deepEqual(lookup.warnings, [
      'delivery service "two": the host regex ".*\\\\.x\\\\..*" is left out: delivery service "one" has the same one',
    ]);
    assert.equal(lookup.find('a.x.b'), 'one');
  });

  it('never take long, whatever the host name', () => {
    const lookup = lookupOf({ slow: ['a.*b.*c'] });
    const started = cpuMs();
    for (let index = 0; index < 5; index++) lookup.find(`${index}.${'ab'.repeat(120)}.x`);
    assert.ok(cpuMs() - started < 1000);
  });
});

describe('what a statistic means', () => {
  const lookup = lookupOf({ demo: ['.*\\.demo\\..*'], 'dotted.id': [] });
  const byHost: readonly [name: string, counter: number | null][] = [
    ['plugin.remap_stats.edge.demo.cdn.test.out_bytes', 0],
    ['plugin.remap_stats.edge.demo.cdn.test.status_2xx', 1],
    ['plugin.remap_stats.edge.demo.cdn.test.status_5xx', 4],
    ['plugin.remap_stats.edge.demo.cdn.test.in_bytes', 5],
    ['plugin.remap_stats.edge.demo.cdn.test.status_unknown', null],
    ['plugin.remap_stats.edge.other.cdn.test.out_bytes', null],
    ['plugin.remap_stats.short', null],
    ['plugin.remap_stats.out_bytes', null],
    ['plugin.remap_stats.', null],
    ['plugin.other.edge.demo.cdn.test.out_bytes', null],
  ];
  for (const [name, counter] of byHost) {
    it(`${name} → ${counter ?? 'nothing'}`, () =>
      assert.equal(lookup.byHost(name)?.counter ?? null, counter));
  }

  it('goes by xmlId in astats-dsnames (D2)', () => {
    assert.deepEqual(lookup.byXmlId('plugin.remap_stats.demo.status_3xx'), { xmlId: 'demo', counter: 2 });
    assert.deepEqual(lookup.byXmlId('plugin.remap_stats.dotted.id.in_bytes'), {
      xmlId: 'dotted.id',
      counter: 5,
    });
    assert.equal(lookup.byXmlId('plugin.remap_stats.nobody.in_bytes'), null);
  });
});

describe('types and regexes of delivery services', () => {
  const [typed, untyped, silent] = ids('typed', 'untyped', 'silent');
  const config = {
    deliveryServices: new Map([
      [typed, { xmlId: typed, type: 'dns', hostRegexes: ['a'] }],
      [untyped, { xmlId: untyped, type: '', hostRegexes: ['ignored'] }],
      [silent, { xmlId: silent, type: '', hostRegexes: [] }],
    ]),
  } as unknown as MonitoringConfig;

  it('come from the snapshot where the monitoring config gives no type (D43)', () => {
    const document = {
      deliveryServices: {
        typed: { matchsets: [{ protocol: 'HTTP', matchlist: [{ regex: 'b', 'match-type': 'HOST' }] }] },
        untyped: {
          matchsets: [
            {
              protocol: 'HTTP',
              matchlist: [
                { regex: 'one', 'match-type': 'HOST' },
                { regex: 'not', 'match-type': 'HOST' },
              ],
            },
            { protocol: 'DNS', matchlist: [{ regex: 'path', 'match-type': 'PATH' }] },
            { protocol: 'HTTP', matchlist: [{ regex: 'two', 'match-type': 'HOST' }] },
          ],
        },
      },
    };
    assert.deepEqual(deliveryServiceHosts(config, document), [
      { xmlId: 'typed', type: 'DNS', regexes: ['a'] },
      { xmlId: 'untyped', type: 'HTTP', regexes: ['one', 'two'] },
      { xmlId: 'silent', type: null, regexes: [] },
    ]);
  });

  for (const document of [
    null,
    7,
    { deliveryServices: [] },
    { deliveryServices: { untyped: { matchsets: 'x' } } },
  ]) {
    it(`are none where the snapshot is ${JSON.stringify(document)}`, () => {
      assert.deepEqual(deliveryServiceHosts(config, document)[1], {
        xmlId: 'untyped',
        type: null,
        regexes: [],
      });
    });
  }
});
