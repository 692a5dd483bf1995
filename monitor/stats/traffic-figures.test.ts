import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CacheHistory } from './cache-history.ts';
import { counters, DeliveryServiceLookup } from './delivery-service-lookup.ts';
import { StatLayouts } from './stat-layout.ts';
import { sampleOf, serviceWith } from './testing/samples.ts';
import { COUNTS_PER_SERVICE, type TrafficFigures, TrafficReader } from './traffic-figures.ts';

const lookup = new DeliveryServiceLookup([
  { ...serviceWith('one'), regexes: ['.*\\.one\\..*', 'www.one.example.test'] },
  { ...serviceWith('two'), regexes: ['.*\\.two\\..*'] },
]);
const interfaces = {
  eth0: { speedMbps: 1000, bytesIn: 1n, bytesOut: 2n ** 60n },
  eth1: { speedMbps: 25_000, bytesIn: 2n, bytesOut: 7n },
};

function read(format: string, stats: Readonly<Record<string, unknown>>): TrafficFigures {
  const history = new CacheHistory(1, new StatLayouts());
  const sample = sampleOf(stats, interfaces);
  history.take(sample, 1);
  return new TrafficReader().read(format, sample, history, lookup);
}

/** `<xmlId> <counter>` → value, those that are not 0. */
function countsOf({ deliveryServices, counts }: TrafficFigures): Record<string, bigint> {
  const found: Record<string, bigint> = {};
  deliveryServices.forEach((id, service) => {
    counters.forEach((counter, index) => {
      const at = service * COUNTS_PER_SERVICE + index * 2;
      const value = BigInt(counts[at] ?? 0) * 2n ** 32n + BigInt(counts[at + 1] ?? 0);
      if (value !== 0n) found[`${id} ${counter}`] = value;
    });
  });
  return found;
}

const P = 'plugin.remap_stats';

describe('the figures of a stat poll', () => {
  it('sum all interfaces, exactly, and know the fastest', () => {
    const figures = read('astats', {});
    assert.equal(figures.outBytes, 2n ** 60n + 7n);
    assert.equal(figures.capacityKbps, 25_000_000);
  });

  it('add up what the host names of a delivery service counted', () => {
    const figures = read('astats', {
      [`${P}.edge.one.test.x.out_bytes`]: 10,
      [`${P}.www.one.example.test.out_bytes`]: 5.9,
      [`${P}.edge.two.test.x.status_2xx`]: 7,
      [`${P}.edge.two.test.x.status_unknown`]: 9,
      [`${P}.edge.three.test.x.out_bytes`]: 11,
      'proxy.process.http.out_bytes': 3,
    });
    assert.deepEqual(countsOf(figures), { 'one out_bytes': 15n, 'two status_2xx': 7n });
  });

  it('name a delivery service that counted nothing', () => {
    assert.deepEqual(read('astats', { [`${P}.e.one.x.y.out_bytes`]: 0 }).deliveryServices, ['one']);
  });

  const values: readonly [value: unknown, inAstats: bigint, inStatsOverHttp: bigint][] = [
    [900, 900n, 900n],
    ['900', 0n, 900n],
    ['0900', 0n, 900n],
    [2 ** 60, 2n ** 60n, 2n ** 60n],
    ['9007199254740993', 0n, 9007199254740993n],
    ['18446744073709551615', 0n, 2n ** 64n - 1n],
    ['18446744073709551616', 0n, 0n],
    [2 ** 64, 0n, 0n],
    [-5, 0n, 0n],
    [Number.NaN, 0n, 0n],
    [Number.POSITIVE_INFINITY, 0n, 0n],
    ['1e3', 0n, 0n],
    ['9'.repeat(100_000), 0n, 0n],
    [true, 0n, 0n],
    [null, 0n, 0n],
  ];
  for (const [value, inAstats, inStatsOverHttp] of values) {
    it(`count ${String(value).slice(0, 30)} (${typeof value}) as a format allows`, () => {
      const stats = { [`${P}.e.one.x.y.out_bytes`]: value };
      assert.equal(countsOf(read('astats', stats))['one out_bytes'] ?? 0n, inAstats);
      assert.equal(countsOf(read('stats_over_http', stats))['one out_bytes'] ?? 0n, inStatsOverHttp);
    });
  }

  it('carry from the low half to the high one', () => {
    const stats = { [`${P}.e.one.x.y.out_bytes`]: 2 ** 32 - 1, [`${P}.f.one.x.y.out_bytes`]: 1 };
    assert.deepEqual(countsOf(read('', stats)), { 'one out_bytes': 2n ** 32n });
  });

  it('go by xmlId in astats-dsnames', () => {
    const stats = { [`${P}.one.out_bytes`]: 4, [`${P}.edge.two.x.y.out_bytes`]: 5 };
    assert.deepEqual(countsOf(read('astats-dsnames', stats)), { 'one out_bytes': 4n });
  });

  for (const format of ['vstats', 'noop']) {
    it(`are none in ${format}`, () => {
      const { outBytes, capacityKbps, deliveryServices } = read(format, { [`${P}.e.one.x.y.out_bytes`]: 1 });
      assert.deepEqual([outBytes, capacityKbps, deliveryServices], [0n, 0, []]);
    });
  }

  it('follow a new config, and payloads that change their shape', () => {
    const history = new CacheHistory(1, new StatLayouts());
    const reader = new TrafficReader();
    const take = (stats: Readonly<Record<string, unknown>>, by: DeliveryServiceLookup) => {
      history.take(sampleOf(stats), 1);
      return countsOf(reader.read('astats', sampleOf(stats), history, by));
    };
    const stats = { [`${P}.e.one.x.y.out_bytes`]: 1 };
    assert.deepEqual(take(stats, lookup), { 'one out_bytes': 1n });
    const other = new DeliveryServiceLookup([{ ...serviceWith('new'), regexes: ['.*\\.one\\..*'] }]);
    assert.deepEqual(take(stats, other), { 'new out_bytes': 1n });
    assert.deepEqual(take({ first: 0, ...stats }, other), { 'new out_bytes': 1n });
  });
});
