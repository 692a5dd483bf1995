import assert from 'node:assert/strict';
import { test } from 'node:test';
import { payloadWriter } from './formats.ts';
import { bodyOf, type PayloadValues } from './payload.ts';

// More than a double can hold: every digit must arrive.
const bytesOut = 18_446_744_073_709_551_613n;
const bytesIn = 9_007_199_254_740_993n;
const values: PayloadValues = {
  interfaceName: 'bond0',
  speedMbps: 20_000,
  loadAverage: 1.5,
  notAvailable: true,
  connections: 12,
  bytesIn,
  bytesOut,
  remapHosts: ['edge-1.live.cdn.test', 'edge.images.cdn.test'],
  extraStats: 100,
};
const remapOutBytes = 'plugin.remap_stats.edge-1.live.cdn.test.out_bytes';

function text(format: Parameters<typeof payloadWriter>[0], csv: boolean, full: boolean): string {
  return bodyOf(payloadWriter(format, csv)(values, full)).toString();
}

function csvMap(body: string): Map<string, string> {
  assert.ok(body.endsWith('\n'));
  const lines = body.split('\n').slice(0, -1);
  return new Map(
    lines.map((line) => {
      const comma = line.indexOf(',');
      assert.ok(comma > 0, `'${line}' has no comma`);
      return [line.slice(0, comma), line.slice(comma + 1)];
    }),
  );
}

function checkNetDev(line: string): void {
  const [name, counters] = line.split(':');
  const fields = (counters ?? '').trim().split(/\s+/);
  assert.equal(name, 'bond0');
  assert.equal(fields.length, 16);
  assert.equal(BigInt(fields[0] ?? ''), bytesIn);
  assert.equal(BigInt(fields[8] ?? ''), bytesOut);
}

test('astats JSON: health polls are short, full ones have everything', () => {
  const short = JSON.parse(text('astats', false, false));
  const full = JSON.parse(text('astats', false, true));
  assert.deepEqual(short.ats, { server: '9.2.4' });
  assert.deepEqual(short.system, full.system);
  assert.equal(Object.keys(full.ats).length, 100 + 2 * 6 + 2);
  assert.equal(full.ats['proxy.process.http.current_client_connections'], 12);
  checkNetDev(full.system['proc.net.dev']);
  assert.equal(full.system['inf.name'], 'bond0');
  assert.equal(full.system['inf.speed'], 20_000);
  assert.equal(full.system.notAvailable, true);
  assert.equal(full.system['proc.loadavg'], '1.50 1.50 1.50 2/863 14211');
  assert.ok(text('astats', false, true).includes(`"${remapOutBytes}":${bytesOut / 2n},`));
});

test('astats CSV has the same numbers', () => {
  const short = csvMap(text('astats', true, false));
  const full = csvMap(text('astats', true, true));
  assert.ok(!short.has(remapOutBytes));
  assert.equal(full.get(remapOutBytes), String(bytesOut / 2n));
  assert.equal(full.get('proxy.process.http.sample_99.metric_total'), String((99 * 7919) % 1_000_003));
  checkNetDev(full.get('proc.net.dev') ?? '');
  assert.equal(full.get('proc.loadavg'), '1.50 1.50 1.50 2/863 14211');
  assert.equal(full.get('inf.speed'), '20000');
});

test('stats_over_http has numbers as text, load in units of 1/65536', () => {
  const { global } = JSON.parse(text('stats_over_http', false, true));
  assert.equal(global['plugin.system_stats.loadavg.one'], '98304');
  assert.equal(global['plugin.system_stats.current_processes'], '863');
  assert.equal(global['plugin.system_stats.net.bond0.tx_bytes'], String(bytesOut));
  assert.equal(global['plugin.system_stats.net.bond0.rx_bytes'], String(bytesIn));
  assert.equal(global['plugin.system_stats.net.bond0.speed'], '20000');
  assert.equal(global[remapOutBytes], String(bytesOut / 2n));
  const csv = csvMap(text('stats_over_http', true, true));
  assert.equal(csv.get('plugin.system_stats.net.bond0.tx_bytes'), String(bytesOut));
  assert.equal(csv.get('plugin.system_stats.loadavg.fifteen'), '98304');
});

test('vstats, which has no CSV', () => {
  const full = JSON.parse(text('vstats', true, true));
  checkNetDev(full['proc.net.dev']);
  assert.equal(full.not_available, true);
  assert.equal(full.inf_speed, 20_000);
  assert.equal(full.stats['MAIN.sess_conn'], 12);
  assert.equal(Object.keys(full.stats).length, 101);
});

test('transactions of a delivery service add up', () => {
  const { ats } = JSON.parse(text('astats', false, true));
  const status = (name: string) => Number(ats[`plugin.remap_stats.edge.images.cdn.test.status_${name}`]);
  const all = ['2xx', '3xx', '4xx', '5xx'].reduce((sum, name) => sum + status(name), 0);
  assert.ok(Math.abs(all - Number(bytesOut / 2n / 50_000n)) <= 4);
});
