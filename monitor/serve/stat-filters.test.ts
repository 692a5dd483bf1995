import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseQuery } from './query.ts';
import { cacheFilter, passes, passesPrefixed, serviceFilter } from './stat-filters.ts';

const ofCaches = (text: string, argument = '') => cacheFilter(parseQuery(text), argument);
const ofServices = (text: string, argument = '') => serviceFilter(parseQuery(text), argument);

describe('a filter that cannot be understood', () => {
  const cacheType = (type: string) => `invalid query parameter type '${type}' - valid types are: {edge, mid}`;
  const serviceType = (type: string) =>
    `invalid query parameter type '${type}' - valid types are: {http, dns}`;
  const cases: readonly [text: string, caches: string | null, services: string | null][] = [
    ['colour=red', "invalid query parameter 'colour'", "invalid query parameter 'colour'"],
    ['edge-1', "invalid query parameter 'edge-1'", "invalid query parameter 'edge-1'"],
    ['HC=1', "invalid query parameter 'HC'", "invalid query parameter 'HC'"],
    ['hosts=a', null, "invalid query parameter 'hosts'"],
    ['deliveryservices=a', "invalid query parameter 'deliveryservices'", null],
    ['type=origin', cacheType('origin'), serviceType('origin')],
    ['type=EDGE_7', null, serviceType('EDGE_7')],
    ['type=Dns', cacheType('Dns'), null],
    ['type=', null, serviceType('')],
    ['type=mid&type=bad', null, serviceType('mid')],
    ['a=1&b=1&c=1&d=1&e=1&f=1&g=1&h=1', 'invalid query parameters', 'invalid query parameters'],
    ['hc=1&stats=a&wildcard=1&type=edge&hosts=b&cache=c&interfaceStats=d', null, 'invalid query parameters'],
  ];
  for (const [text, caches, services] of cases) {
    it(`is told of: ${text}`, () => {
      const problems = [ofCaches(text), ofServices(text)].map((filter) =>
        'problem' in filter ? filter.problem : null,
      );
      assert.deepEqual(problems, [caches, services]);
    });
  }
});

describe('a filter of caches', () => {
  const all = Number.POSITIVE_INFINITY;
  for (const [text, count] of [
    ['', 1],
    ['hc=3', 3],
    ['hc=0', all],
    ['hc=many', 1],
    ['hc=-2', 1],
    ['hc=', 1],
    ['hc=2.5', 1],
    ['hc=2&hc=9', 2],
  ] as const) {
    it(`wants ${count} values with '${text}'`, () => {
      const filter = ofCaches(text);
      assert.equal('problem' in filter ? null : filter.historyCount, count);
    });
  }

  it('merges hosts, caches and the path', () => {
    const filter = ofCaches('hosts=a,b&cache=c', 'd');
    assert.deepEqual('problem' in filter ? null : filter.hosts, new Set(['a', 'b', 'c', 'd']));
  });

  it('is not restricted by empty values (D55)', () => {
    const filter = ofCaches('stats=&hosts=&cache=&interfaceStats=&type=&wildcard=&hc=');
    assert.deepEqual(filter, {
      historyCount: 1,
      stats: { names: null, wildcard: false },
      interfaceStats: { names: null, wildcard: false },
      type: null,
      hosts: null,
    });
  });
});

describe('a filter of delivery services', () => {
  it('takes the key of an empty value for a name (D55)', () => {
    const filter = ofServices('stats=&deliveryservices=a', 'b');
    assert.deepEqual('problem' in filter ? null : filter, {
      stats: { names: new Set(['']), wildcard: false },
      type: null,
      names: new Set(['a', 'b', 'stats']),
    });
  });
});

describe('whether a statistic is asked for', () => {
  const cases: readonly [names: string[] | null, wildcard: boolean, name: string, passes: boolean][] = [
    [null, false, 'x', true],
    [['kbps'], false, 'kbps', true],
    [['kbps'], false, 'maxKbps', false],
    [['Kbps'], true, 'maxKbps', true],
    [['kbps'], true, 'maxKbps', false],
    [['a', 'b'], true, 'xbx', true],
  ];
  for (const [names, wildcard, name, expected] of cases) {
    it(`${names} ${wildcard ? 'in' : 'is'} ${name}: ${expected}`, () => {
      assert.equal(passes({ names: names === null ? null : new Set(names), wildcard }, name), expected);
    });
  }

  it('is the same with a prefix as for the whole name', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 't', 's', '.', 'x'), maxLength: 7 });
    fc.assert(
      fc.property(fc.array(text), fc.boolean(), text, (names, wildcard, name) => {
        const filter = { names: new Set(names), wildcard };
        return passesPrefixed(filter, 'ats.', name) === passes(filter, `ats.${name}`);
      }),
    );
  });
});
