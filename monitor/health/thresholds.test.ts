import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Comparator, Threshold } from '../../common/traffic-ops/monitoring.ts';
import { computedStat, isComputedStat, isTextualStat } from './computed-stats.ts';
import { vitals } from './testing/builders.ts';
import { firstViolation, violation } from './thresholds.ts';

const limit = (comparator: Comparator, value = 25, stat = 'loadavg'): Threshold => ({
  stat,
  comparator,
  value,
});

describe('a threshold', () => {
  const table: readonly [comparator: Comparator, value: number, reason: string | null][] = [
    ['=', 25, null],
    ['=', 24.9, 'loadavg not equal (24.90 != 25.00)'],
    ['=', 25.1, 'loadavg not equal (25.10 != 25.00)'],
    ['>', 25.1, null],
    ['>', 25, 'loadavg too low (25.00 < 25.00)'],
    ['>', 24, 'loadavg too low (24.00 < 25.00)'],
    ['<', 24.9, null],
    ['<', 25, 'loadavg too high (25.00 > 25.00)'],
    ['<', 30.5, 'loadavg too high (30.50 > 25.00)'],
    ['>=', 25, null],
    ['>=', 26, null],
    ['>=', 24, 'loadavg too low (24.00 <= 25.00)'],
    ['<=', 25, null],
    ['<=', 24, null],
    ['<=', 26, 'loadavg too high (26.00 >= 25.00)'],
    ['<', Infinity, 'loadavg too high (+Inf > 25.00)'],
    ['>', Infinity, null],
    ['>', -Infinity, 'loadavg too low (-Inf < 25.00)'],
    ['=', Number.NaN, 'loadavg not equal (NaN != 25.00)'],
    ['>', Number.NaN, 'loadavg too low (NaN < 25.00)'],
    ['<', Number.NaN, 'loadavg too high (NaN > 25.00)'],
    ['>=', Number.NaN, 'loadavg too low (NaN <= 25.00)'],
    ['<=', Number.NaN, 'loadavg too high (NaN >= 25.00)'],
  ];
  for (const [comparator, value, reason] of table) {
    it(`${comparator} 25 finds ${value} ${reason === null ? 'healthy' : `bad: ${reason}`}`, () => {
      assert.equal(violation(limit(comparator), value), reason);
    });
  }

  it('tells both numbers rounded half to even', () => {
    assert.equal(violation(limit('<', 0.125), 0.375), 'loadavg too high (0.38 > 0.12)');
  });
});

describe('the first violated threshold', () => {
  const figures = { vitals: vitals({ loadAverage: 30.5, kbpsOut: 0, maxKbps: 0 }), queryTimeMs: 700 };
  const load = limit('<');
  const bandwidth = limit('>', 1_750_000, 'availableBandwidthInKbps');
  const slow = limit('<', 500, 'queryTime');

  it('is the first in the order of the config', () => {
    assert.equal(firstViolation([load, bandwidth, slow], figures), 'loadavg too high (30.50 > 25.00)');
    assert.equal(
      firstViolation([bandwidth, load, slow], figures),
      'availableBandwidthInKbps too low (0.00 < 1750000.00)',
    );
    assert.equal(
      firstViolation([limit('<', 31), slow, load], figures),
      'queryTime too high (700.00 > 500.00)',
    );
  });

  it('is none if all hold, or if there are none', () => {
    assert.equal(firstViolation([limit('<', 31), limit('<', 701, 'queryTime')], figures), null);
    assert.equal(firstViolation([], figures), null);
  });

  it('passes over what no poll computes', () => {
    assert.equal(firstViolation([limit('<', 0, 'proxy.node.uptime'), load], figures)?.slice(0, 7), 'loadavg');
  });
});

describe('a computed stat', () => {
  const figures = {
    vitals: vitals({ loadAverage: 0.25, kbpsOut: 2_500_000, maxKbps: 10_000_999 }),
    queryTimeMs: 12,
  };
  const table: readonly [stat: string, value: number][] = [
    ['kbps', 2_500_000],
    ['bandwidth', 2_500_000],
    ['maxKbps', 10_000_999],
    ['availableBandwidthInKbps', 7_500_999],
    ['availableBandwidthInMbps', 7500],
    ['gbps', 2.5],
    ['loadavg', 0.25],
    ['queryTime', 12],
    ['system.astatsLoad', 0],
    ['system.configReloadRequests', 0],
    ['system.configReloads', 0],
    ['system.inf.speed', 0],
    ['system.lastReload', 0],
    ['system.proc.loadavg', 0],
    ['system.proc.net.dev', 0],
  ];
  for (const [stat, value] of table) {
    it(`${stat} is ${value}`, () => {
      assert.equal(computedStat(stat, figures), value);
      assert.equal(isComputedStat(stat), true);
      assert.equal(isTextualStat(stat), false);
    });
  }

  it('availableBandwidthInMbps is cut toward zero, also below it', () => {
    const overdrawn = { vitals: vitals({ kbpsOut: 2500, maxKbps: 1000 }), queryTimeMs: 0 };
    assert.equal(computedStat('availableBandwidthInMbps', overdrawn), -1);
    assert.equal(computedStat('availableBandwidthInKbps', overdrawn), -1500);
  });

  for (const stat of [
    'stateUrl',
    'status',
    'error-string',
    'isAvailable',
    'isHealthy',
    'system.inf.name',
    'system.lastReloadRequest',
    'system.notAvailable',
  ]) {
    it(`${stat} is no number`, () => {
      assert.equal(isTextualStat(stat), true);
      assert.equal(isComputedStat(stat), false);
      assert.equal(computedStat(stat, figures), undefined);
    });
  }

  for (const stat of ['loadAvg', 'ats.proxy.node.uptime', 'constructor', '__proto__', '']) {
    it(`'${stat}' is none`, () => {
      assert.equal(isComputedStat(stat), false);
      assert.equal(isTextualStat(stat), false);
      assert.equal(computedStat(stat, figures), undefined);
    });
  }
});
