import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { astats } from './astats.ts';
import { astatsDsnames } from './astats-dsnames.ts';
import { interfacesOf, LOADAVG, NET_DEV, reasonFor, sampleOf, statsOf } from './testing/payloads.ts';

const system = { 'inf.name': 'eth0', 'inf.speed': 10_000, 'proc.net.dev': NET_DEV, 'proc.loadavg': LOADAVG };
const OUT_BYTES = 'plugin.remap_stats.edge1.demo.cdn.test.out_bytes';
const without = (field: string) =>
  Object.fromEntries(Object.entries(system).filter(([name]) => name !== field));

describe('astats', () => {
  it('says load, interface and traffic', () => {
    const sample = sampleOf(astats, { ats: { server: '9.2.0', [OUT_BYTES]: 900 }, system });
    assert.deepEqual(sample.loadAverages, [0.3, 0.12, 0.21]);
    assert.deepEqual(interfacesOf(sample), { eth0: { speedMbps: 10_000, bytesIn: 1000n, bytesOut: 5000n } });
    assert.equal(sample.notAvailable, false);
    assert.equal(sample.timestampMs, null);
    assert.equal(sample.stats.get(OUT_BYTES), 900);
  });

  it('has the statistics of ats, and system under names of its own', () => {
    const body = {
      ats: { server: '9.2.0', flag: true, odd: [1] },
      system: { ...system, lastReload: 17, configReloads: 2 },
    };
    assert.deepEqual(statsOf(sampleOf(astats, body)), {
      server: '9.2.0',
      flag: true,
      odd: [1],
      'system.astatsLoad': 0,
      'system.configReloadRequests': 0,
      'system.configReloads': 2,
      'system.inf.name': 'eth0',
      'system.inf.speed': 10_000,
      'system.lastReload': 17,
      'system.lastReloadRequest': 0,
      'system.notAvailable': false,
      'system.proc.loadavg': LOADAVG,
      'system.proc.net.dev': NET_DEV,
    });
  });

  it('lets system win over equal names in ats, once', () => {
    const { stats } = sampleOf(astats, { ats: { 'system.inf.speed': 'fast' }, system });
    assert.equal(stats.get('system.inf.speed'), 10_000);
    let times = 0;
    stats.forEach((_, name) => {
      if (name === 'system.inf.speed') times++;
    });
    assert.equal(times, 1);
  });

  it('is readable without ats, and with ats null', () => {
    assert.equal(sampleOf(astats, { system }).stats.get('system.inf.name'), 'eth0');
    assert.equal(sampleOf(astats, { ats: null, system }).stats.get('server'), undefined);
  });

  it('may ask not to be used', () => {
    assert.equal(sampleOf(astats, { system: { ...system, notAvailable: true } }).notAvailable, true);
  });

  it('takes field names in any case, but not names of statistics', () => {
    const shouted = Object.fromEntries(
      Object.entries(system).map(([name, value]) => [name.toUpperCase(), value]),
    );
    const { interfaces, stats } = sampleOf(astats, { ATS: { Server: '9' }, System: shouted });
    assert.equal(interfaces.get('eth0')?.speedMbps, 10_000);
    assert.equal(stats.get('server'), undefined);
  });

  it('reads the interface name padded as the kernel pads it', () => {
    const sample = sampleOf(astats, { system: { ...system, 'proc.net.dev': `  ${NET_DEV}` } });
    assert.deepEqual([...sample.interfaces.keys()], ['eth0']);
  });

  it('dates the sample by its time stamp', () => {
    const ats = { 'plugin.system_stats.timestamp_ms': 1_700_000_000_000 };
    assert.equal(sampleOf(astats, { ats, system }).timestampMs, 1_700_000_000_000);
  });

  it('has no statistics that only a prototype has', () => {
    const { stats } = sampleOf(astats, `{"ats":{"__proto__":{"x":1}},"system":${JSON.stringify(system)}}`);
    assert.deepEqual(stats.get('__proto__'), { x: 1 });
    for (const name of ['x', 'constructor', 'toString', 'hasOwnProperty'])
      assert.equal(stats.get(name), undefined);
  });

  const refused: readonly [what: string, body: unknown, reason: string][] = [
    ['nothing', '', 'EOF'],
    [
      'no system',
      { ats: {} },
      "failed to parse interface line for cache 'edge-1': Expected /proc/net/dev line to be in the format '{{name}}:{{info}}', but got ''",
    ],
    [
      'no interface line',
      { system: without('proc.net.dev') },
      "failed to parse interface line for cache 'edge-1': Expected /proc/net/dev line to be in the format '{{name}}:{{info}}', but got ''",
    ],
    [
      'a short interface line',
      { system: { ...system, 'proc.net.dev': 'eth0:1 2 3' } },
      "failed to parse interface line for cache 'edge-1': Expected at least 9 /proc/net/dev fields, got 3",
    ],
    [
      "another interface's line",
      { system: { ...system, 'inf.name': 'eth9' } },
      "/proc/net/dev line didn't match reported interface line",
    ],
    [
      'no interface name',
      { system: without('inf.name') },
      "/proc/net/dev line didn't match reported interface line",
    ],
    [
      'no load',
      { system: without('proc.loadavg') },
      "failed to parse loadavg line for cache 'edge-1': Expected 6 fields in a loadavg line, got 0",
    ],
    [
      'a load in words',
      { system: { ...system, 'proc.loadavg': '0.1 high 0.3 1/2 3' } },
      "failed to parse loadavg line for cache 'edge-1': Error parsing five-minute loadavg: 'high' is not a valid number",
    ],
    ['ats that is no object', { ats: [], system }, "field 'ats' must be an object, got array"],
    ['system that is no object', { system: 'up' }, "field 'system' must be an object, got string"],
    [
      'a speed in a text',
      { system: { ...system, 'inf.speed': '10000' } },
      "field 'inf.speed' must be an integer, got string",
    ],
    [
      'a time before the epoch',
      { ats: { 'plugin.system_stats.timestamp_ms': -1 }, system },
      "plugin.system_stats.timestamp_ms must be a non-negative whole number of milliseconds, got '-1'",
    ],
  ];
  for (const [what, body, reason] of refused) {
    it(`cannot be read: ${what}`, () => assert.equal(reasonFor(astats, body), reason));
  }

  it('must be JSON or CSV', () => {
    assert.equal(
      reasonFor(astats, { system }, 'text/html; charset=utf-8'),
      'stats Content-Type (text/html; charset=utf-8) can not be parsed by astats',
    );
  });
});

describe('astats-dsnames', () => {
  it('is astats, with statistics named by xmlId', () => {
    const sample = sampleOf(astatsDsnames, { ats: { 'plugin.remap_stats.demo.out_bytes': 900 }, system });
    assert.equal(sample.stats.get('plugin.remap_stats.demo.out_bytes'), 900);
    assert.deepEqual(interfacesOf(sample), { eth0: { speedMbps: 10_000, bytesIn: 1000n, bytesOut: 5000n } });
  });
});
