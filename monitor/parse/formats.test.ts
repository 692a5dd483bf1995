import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FORMATS, formatNamed, unknownFormatReason } from './formats.ts';
import { noop } from './noop.ts';
import { interfacesOf, LOADAVG, NET_DEV, reasonFor, sampleOf, statsOf } from './testing/payloads.ts';
import { vstats } from './vstats.ts';

describe('the formats', () => {
  it('are known by name', () => {
    for (const name of ['astats', 'astats-dsnames', 'stats_over_http', 'vstats', 'noop']) {
      assert.equal(formatNamed(name)?.name, name);
    }
    assert.equal(new Set(FORMATS.map((format) => format.name)).size, FORMATS.length);
  });

  it('are astats if none is named', () => assert.equal(formatNamed('')?.name, 'astats'));

  it('are unknown by any other name', () => {
    for (const name of ['nagios', 'ASTATS', 'constructor']) assert.equal(formatNamed(name), undefined);
    assert.equal(unknownFormatReason('nagios'), "No decoder registered for format 'nagios'");
  });
});

describe('noop', () => {
  it('is an idle bond0, whatever the body', () => {
    for (const body of ['', 'anything', '{"ats":{}}']) {
      const sample = sampleOf(noop, body, 'text/html');
      assert.deepEqual(sample.loadAverages, [0.1, 0.05, 0.05]);
      assert.deepEqual(interfacesOf(sample), {
        bond0: { speedMbps: 20_000, bytesIn: 10_000n, bytesOut: 100_000n },
      });
      assert.deepEqual(statsOf(sample), {});
      assert.equal(sample.timestampMs, null);
    }
  });
});

describe('vstats', () => {
  const payload = { 'proc.net.dev': NET_DEV, 'proc.loadavg': LOADAVG, not_available: false, inf_speed: 15 };

  it('says load, interface and statistics, whatever the Content-Type', () => {
    const stats = { 'MAIN.sess_conn': 4000, 'VBE.boot.happy': 'ffff', 'MAIN.up': true };
    const sample = sampleOf(vstats, { ...payload, stats }, 'text/plain');
    assert.deepEqual(sample.loadAverages, [0.3, 0.12, 0.21]);
    assert.deepEqual(interfacesOf(sample), { eth0: { speedMbps: 15, bytesIn: 1000n, bytesOut: 5000n } });
    assert.deepEqual(statsOf(sample), stats);
  });

  it('gives the speed to the interface it names, and makes up no eth0', () => {
    const sample = sampleOf(vstats, { ...payload, 'proc.net.dev': NET_DEV.replace('eth0', 'ens3') });
    assert.deepEqual(interfacesOf(sample), { ens3: { speedMbps: 15, bytesIn: 1000n, bytesOut: 5000n } });
  });

  it('may ask not to be used, may have no statistics, and may date itself', () => {
    const sample = sampleOf(vstats, { ...payload, NOT_AVAILABLE: true, not_available: undefined });
    assert.equal(sample.notAvailable, true);
    assert.deepEqual(statsOf(sample), {});
    const stats = { 'plugin.system_stats.timestamp_ms': '17' };
    assert.equal(sampleOf(vstats, { ...payload, stats }).timestampMs, 17);
  });

  const refused: readonly [what: string, body: unknown, reason: RegExp][] = [
    ['nothing', '', /^failed to decode reader data: EOF$/],
    ['no JSON', 'NOT JSON', /^failed to decode reader data: invalid JSON: /],
    [
      'a wrong type',
      { ...payload, inf_speed: '15' },
      /^failed to decode reader data: field 'inf_speed' must be an integer/,
    ],
    [
      'statistics that are no object',
      { ...payload, stats: 7 },
      /^failed to decode reader data: field 'stats' must be an/,
    ],
    [
      'no interface line',
      {},
      /^failed to add interface data : Expected \/proc\/net\/dev line .*, but got ''$/,
    ],
    [
      'a short interface line',
      { ...payload, 'proc.net.dev': 'eth0:1' },
      /^failed to add interface data eth0:1: Expected at/,
    ],
    [
      'a short load',
      { ...payload, 'proc.loadavg': '1 2 3' },
      /^failed to read average load data 1 2 3: Expected 6 fields/,
    ],
  ];
  for (const [what, body, reason] of refused) {
    it(`cannot be read: ${what}`, () => assert.match(reasonFor(vstats, body), reason));
  }
});
