import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { statsOverHttp } from './stats-over-http.ts';
import { interfacesOf, reasonFor, sampleOf, statsOf } from './testing/payloads.ts';

const LOAD = {
  'plugin.system_stats.loadavg.one': '98304',
  'plugin.system_stats.loadavg.five': 65_536,
  'plugin.system_stats.loadavg.fifteen': '32768',
  'plugin.system_stats.current_processes': '803',
};
const NET = 'plugin.system_stats.net';
const ETH0 = {
  [`${NET}.eth0.speed`]: '10000',
  [`${NET}.eth0.rx_bytes`]: '1000',
  [`${NET}.eth0.tx_bytes`]: 5000,
};
const without = (key: string) => ({
  global: Object.fromEntries(Object.entries({ ...LOAD, ...ETH0 }).filter(([name]) => name !== key)),
});
const sampleWith = (more: object) => sampleOf(statsOverHttp, { global: { ...LOAD, ...more } });
const csv = (table: object) =>
  Object.entries(table)
    .map(([key, value]) => `${key},${value}\r\n`)
    .join('');
const sampleOfCsv = (table: object) => sampleOf(statsOverHttp, csv(table), 'text/csv');

describe('stats_over_http', () => {
  const kinds = { JSON: sampleWith({ ...ETH0, x: '9' }), CSV: sampleOfCsv({ ...LOAD, ...ETH0, x: '9' }) };
  for (const [kind, sample] of Object.entries(kinds)) {
    it(`says load and interfaces in ${kind}`, () => {
      assert.deepEqual(sample.loadAverages, [1.5, 1, 0.5]);
      assert.deepEqual(interfacesOf(sample), {
        eth0: { speedMbps: 10_000, bytesIn: 1000n, bytesOut: 5000n },
      });
      assert.equal(sample.notAvailable, false);
    });
  }

  it('keeps everything but load and processes as it is written', () => {
    assert.deepEqual(statsOf(kinds.JSON), { ...ETH0, x: '9' });
    assert.equal(kinds.JSON.stats.get('plugin.system_stats.loadavg.one'), undefined);
    assert.equal(kinds.JSON.stats.get(`${NET}.eth0.tx_bytes`), 5000);
  });

  it('has numbers only in CSV; other lines are left out', () => {
    const { stats } = sampleOfCsv({ ...LOAD, ...ETH0, 'proxy.node.hostname': 'edge', '': '7', up: '+Inf' });
    assert.equal(stats.get('proxy.node.hostname'), undefined);
    assert.equal(stats.get(''), 7);
    assert.equal(stats.get('up'), Infinity);
    assert.equal(stats.get(`${NET}.eth0.speed`), 10_000);
    assert.equal(stats.get('plugin.system_stats.current_processes'), undefined);
  });

  it('takes global in any case', () => {
    assert.ok(sampleOf(statsOverHttp, { Global: { ...LOAD, ...ETH0 } }));
  });

  it('dates the sample by its time stamp, a text or a number', () => {
    const at = 1_684_784_877_939;
    assert.equal(sampleWith({ ...ETH0, 'plugin.system_stats.timestamp_ms': `${at}` }).timestampMs, at);
    assert.equal(sampleOfCsv({ ...LOAD, ...ETH0, 'plugin.system_stats.timestamp_ms': at }).timestampMs, at);
  });
});

describe('an interface of stats_over_http', () => {
  it('is named up to the next dot, and known by any one usable value', () => {
    const global = {
      [`${NET}.lo.rx_bytes`]: 7,
      [`${NET}.bond0.tx_bytes`]: '8',
      [`${NET}.eth1.speed`]: '-1',
      [`${NET}.eth2.rx_packets`]: 1,
      [`${NET}.eth3.100.rx_bytes`]: 1,
      [`${NET}.eth4`]: 1,
    };
    assert.deepEqual(interfacesOf(sampleWith(global)), {
      lo: { speedMbps: 0, bytesIn: 7n, bytesOut: 0n },
      bond0: { speedMbps: 0, bytesIn: 0n, bytesOut: 8n },
      eth1: { speedMbps: -1, bytesIn: 0n, bytesOut: 0n },
    });
  });

  for (const value of [
    '-1',
    '1.5',
    '',
    ' 7',
    '1e3',
    '18446744073709551616',
    -1,
    1e300,
    true,
    null,
    {},
    ['7'],
  ]) {
    it(`has no byte counter of ${JSON.stringify(value)}`, () => {
      const sample = sampleWith({ [`${NET}.eth0.speed`]: 10, [`${NET}.eth0.rx_bytes`]: value });
      assert.equal(sample.interfaces.get('eth0')?.bytesIn, 0n);
    });
  }

  it('has no speed of a text that is no integer, and 0 of what is neither number nor text', () => {
    for (const speed of ['fast', '1.5', '9223372036854775808', 1e300]) {
      assert.equal(sampleWith({ ...ETH0, [`${NET}.eth1.speed`]: speed }).interfaces.get('eth1'), undefined);
    }
    for (const speed of [true, null, {}]) {
      assert.equal(sampleWith({ [`${NET}.eth1.speed`]: speed }).interfaces.get('eth1')?.speedMbps, 0);
    }
  });

  it('cuts fractions off numbers', () => {
    const sample = sampleWith({ [`${NET}.eth0.speed`]: 2500.9, [`${NET}.eth0.rx_bytes`]: 7.9 });
    assert.deepEqual(interfacesOf(sample), { eth0: { speedMbps: 2500, bytesIn: 7n, bytesOut: 0n } });
  });
});

describe('byte counters beyond 2^53 in stats_over_http', () => {
  const load = JSON.stringify(LOAD).slice(1, -1);
  const bytesIn = (json: string) =>
    sampleOf(statsOverHttp, json).interfaces.get('eth0')?.bytesIn ?? assert.fail('no eth0');

  const written: readonly [how: string, value: string, bytes: bigint][] = [
    ['in digits', '9007199254740993', 9007199254740993n],
    ['in a text', '"9007199254740993"', 9007199254740993n],
    ['up to the last', '18446744073709551615', 18446744073709551615n],
    ['beyond the last', '18446744073709551616', 0n],
    ['far beyond', '9'.repeat(400), 0n],
    ['with an exponent, as near as a float is', '1e19', 10n ** 19n],
    ['with a fraction, as near as a float is', '9007199254740993.0', 9007199254740992n],
  ];
  for (const [how, value, bytes] of written) {
    it(`are exact ${how}`, () => {
      const json = `{"global":{${load},"${NET}.eth0.speed":1,"${NET}.eth0.rx_bytes" : ${value}}}`;
      assert.equal(bytesIn(json), bytes);
    });
  }

  it('are exact in CSV', () => {
    const sample = sampleOfCsv({ ...LOAD, ...ETH0, [`${NET}.eth0.tx_bytes`]: '18446744073709551615' });
    assert.equal(sample.interfaces.get('eth0')?.bytesOut, 18446744073709551615n);
    assert.equal(
      sampleOfCsv({ ...LOAD, [`${NET}.eth0.tx_bytes`]: '1e19' }).interfaces.get('eth0')?.bytesOut,
      10n ** 19n,
    );
  });

  it('are those of the last equal key, not of a look-alike elsewhere', () => {
    const key = `"${NET}.eth0.rx_bytes"`;
    assert.equal(bytesIn(`{"global":{${load},${key}:1,${key}:9007199254740995}}`), 9007199254740995n);
    assert.equal(
      bytesIn(`{"global":{${load},${key}:9007199254740993,"z":{${key}:5}},${key}:9007199254740999}`),
      9007199254740993n,
    );
  });
});

describe('stats_over_http that cannot be read', () => {
  const NO_GLOBAL = "No 'global' data object found in stats_over_http payload";
  const LOAD_FAILED = "Error parsing loadavg for cache 'edge-1': ";
  const refused: readonly (readonly [what: string, body: unknown, reason: string])[] = [
    ['nothing', '', 'EOF'],
    ['no global', { ats: {} }, NO_GLOBAL],
    ['global null', { global: null }, NO_GLOBAL],
    ['global empty', { global: {} }, NO_GLOBAL],
    ['global a list', { global: [1] }, "field 'global' must be an object, got array"],
    ...Object.keys(LOAD).map(
      (key) => [`no ${key}`, without(key), `${LOAD_FAILED}Data was missing '${key}'`] as const,
    ),
    [
      'a load in words',
      { global: { ...LOAD, 'plugin.system_stats.loadavg.five': 'high' } },
      `${LOAD_FAILED}loadavg.five could not parse to float, was 'high'`,
    ],
    [
      'a load of another type',
      { global: { ...LOAD, 'plugin.system_stats.loadavg.one': null } },
      `${LOAD_FAILED}loadavg.one had unrecognized type 'null'`,
    ],
    [
      'a negative number of processes',
      { global: { ...LOAD, 'plugin.system_stats.current_processes': -3 } },
      `${LOAD_FAILED}current_processes could not parse to uint64, was '-3'`,
    ],
    [
      'a fractional text of processes',
      { global: { ...LOAD, 'plugin.system_stats.current_processes': '3.5' } },
      `${LOAD_FAILED}current_processes could not parse to uint64, was '3.5'`,
    ],
    ['no interface', { global: LOAD }, "cache 'edge-1' had no interfaces"],
  ];
  for (const [what, body, reason] of refused) {
    it(what, () => assert.equal(reasonFor(statsOverHttp, body), reason));
  }

  it('CSV without a number', () => {
    const reason = 'no valid data found in stats_over_http payload with csv format';
    assert.equal(reasonFor(statsOverHttp, '', 'text/csv'), reason);
    assert.equal(reasonFor(statsOverHttp, '# nothing\na,b\n', 'text/csv'), reason);
  });

  it('neither JSON nor CSV', () => {
    assert.equal(
      reasonFor(statsOverHttp, { global: { ...LOAD, ...ETH0 } }, 'text/plain'),
      'stats Content-Type (text/plain) can not be parsed by statsOverHTTP',
    );
  });
});
