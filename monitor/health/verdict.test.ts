import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { NetworkInterface, ServerStatus } from '../../common/traffic-ops/monitoring.ts';
import type { Family } from '../../common/traffic-ops/service-addresses.ts';
import type { PollingProtocol } from '../config/settings.ts';
import type { Subject } from './subject.ts';
import { networkInterface, subject, vitals } from './testing/builders.ts';
import { type Finding, judge, onlineVerdict, type Verdict } from './verdict.ts';

const good: Finding = {
  kind: 'vitals',
  vitals: vitals(),
  notAvailable: false,
  rawViolation: null,
  queryTimeMs: 12,
};
const failed: Finding = { kind: 'error', reason: 'timed out' };
const unwilling: Finding = { ...good, notAvailable: true };
const loaded: Finding = { ...good, vitals: vitals({ loadAverage: 30.5 }) };
const sending = (kbpsOut: number, ...names: string[]): Finding => ({
  ...good,
  vitals: vitals({
    interfaces: names.map((name) => ({ name, bytesIn: 0n, bytesOut: 0n, kbpsOut, maxKbps: 0 })),
  }),
});

const load25 = [{ stat: 'loadavg', comparator: '<', value: 25 }] as const;
const upAlready: Verdict = {
  isAvailable: true,
  ipv4Available: true,
  ipv6Available: true,
  status: 'REPORTED - available',
};

const judged = (of: Subject, finding: Finding): Verdict => judge(of, 'ipv4', finding, null, 'both');

describe('the status of a cache', () => {
  const noProfile = 'ERROR - server profile missing in Traffic Ops monitor config';
  const load = 'REPORTED - loadavg too high (30.50 > 25.00)';
  const table: readonly [
    changes: Parameters<typeof subject>[0],
    finding: Finding,
    ok: boolean,
    text: string,
  ][] = [
    [{ status: 'ONLINE', pollingUrl: null }, failed, true, 'ONLINE - available'],
    [{ status: 'REPORTED', pollingUrl: null }, good, false, noProfile],
    [{ status: 'ADMIN_DOWN', pollingUrl: null }, failed, false, noProfile],
    [{ status: 'invalid', pollingUrl: null }, good, false, noProfile],
    [{ status: 'invalid' }, good, false, 'INVALIDCACHESTATUS - available; invalid status'],
    [{ status: 'invalid' }, failed, false, 'INVALIDCACHESTATUS - unavailable; invalid status'],
    [{ status: 'ADMIN_DOWN' }, good, false, 'ADMIN_DOWN - available'],
    [{ status: 'ADMIN_DOWN' }, failed, false, 'ADMIN_DOWN - unavailable'],
    [{ status: 'ADMIN_DOWN', computedThresholds: load25 }, loaded, false, 'ADMIN_DOWN - available'],
    [{ status: 'OFFLINE' }, unwilling, false, 'OFFLINE - available'],
    [{ status: 'OFFLINE' }, failed, false, 'OFFLINE - unavailable'],
    [{ computedThresholds: load25 }, failed, false, 'REPORTED - timed out'],
    [
      { computedThresholds: load25 },
      { ...loaded, notAvailable: true },
      false,
      'REPORTED - system.notAvailable == true',
    ],
    [{ computedThresholds: load25 }, loaded, false, load],
    [{ computedThresholds: load25 }, good, true, 'REPORTED - available'],
    [{}, loaded, true, 'REPORTED - available'],
  ];
  for (const [changes, finding, ok, text] of table) {
    it(text, () => {
      const { isAvailable, status } = judged(subject(changes), finding);
      assert.deepEqual({ isAvailable, status }, { isAvailable: ok, status: text });
    });
  }

  it('is not good by a load that is no number', () => {
    const finding: Finding = { ...good, vitals: vitals({ loadAverage: Number.NaN }) };
    const { isAvailable, status } = judged(subject({ computedThresholds: load25 }), finding);
    assert.equal(isAvailable, false);
    assert.equal(status, 'REPORTED - loadavg too high (NaN > 25.00)');
  });

  it('of an ONLINE cache is as configured', () => {
    assert.deepEqual(onlineVerdict(subject({ status: 'ONLINE', hasIpv6: false })), {
      isAvailable: true,
      ipv4Available: true,
      ipv6Available: false,
      status: '',
    });
    assert.equal(onlineVerdict(subject({ hasIpv4: false, hasIpv6: false })).isAvailable, true);
  });
});

describe('a monitored interface', () => {
  const limited = (name: string, maxBandwidth: number | null): NetworkInterface =>
    networkInterface({ name, maxBandwidth });
  const table: readonly [interfaces: NetworkInterface[], finding: Finding, ok: boolean, text: string][] = [
    [[limited('eth0', null)], sending(9e12, 'eth0'), true, 'REPORTED - available'],
    [[limited('eth0', 1000)], sending(1000, 'eth0'), true, 'REPORTED - available'],
    [
      [limited('eth0', 1000)],
      sending(1001, 'eth0'),
      false,
      'REPORTED - available; eth0: maximum bandwidth exceeded',
    ],
    [[limited('eth0', 0)], sending(0, 'eth0'), true, 'REPORTED - available'],
    [
      [limited('eth0', 0)],
      sending(1, 'eth0'),
      false,
      'REPORTED - available; eth0: maximum bandwidth exceeded',
    ],
    [
      [limited('eth0', null)],
      sending(0, 'eth1'),
      false,
      'REPORTED - available; eth0: not found in polled data',
    ],
    [[limited('eth0', null)], failed, false, 'REPORTED - timed out; eth0: not found in polled data'],
    [
      [limited('eth1', 5), limited('eth0', null), limited('bond0', null)],
      sending(9, 'eth1', 'bond0'),
      false,
      'REPORTED - available; eth1: maximum bandwidth exceeded; eth0: not found in polled data',
    ],
  ];
  for (const [monitoredInterfaces, finding, ok, text] of table) {
    it(`${ok ? 'is fine' : 'takes its cache down'}: ${text}`, () => {
      const { isAvailable, status } = judged(subject({ monitoredInterfaces }), finding);
      assert.deepEqual({ isAvailable, status }, { isAvailable: ok, status: text });
    });
  }

  it('is spoken of after what is wrong with the cache', () => {
    const monitoredInterfaces = [limited('eth0', null)];
    const admin = subject({ status: 'ADMIN_DOWN', monitoredInterfaces });
    assert.equal(judged(admin, failed).status, 'ADMIN_DOWN - unavailable; eth0: not found in polled data');
    const stat = 'availableBandwidthInKbps';
    const full = subject({
      monitoredInterfaces,
      computedThresholds: [{ stat, comparator: '>', value: 1_750_000 }],
    });
    assert.equal(
      judged(full, good).status,
      'REPORTED - availableBandwidthInKbps too low (0.00 < 1750000.00); eth0: not found in polled data',
    );
  });
});

describe('the families of a cache', () => {
  const families = ['ipv4', 'ipv6'] as const;
  const flags = fc.boolean();
  const cases = fc.record({
    hasIpv4: flags,
    hasIpv6: flags,
    family: fc.constantFrom(...families),
    isGood: flags,
    previous: fc.option(fc.record({ ipv4Available: flags, ipv6Available: flags })),
    protocol: fc.constantFrom<PollingProtocol>('both', 'ipv4only', 'ipv6only'),
  });

  it('follow the polled one and the last word on the other, and decide as the protocol says', () => {
    fc.assert(
      fc.property(cases, ({ hasIpv4, hasIpv6, family, isGood, previous, protocol }) => {
        const before = previous === null ? null : { ...upAlready, ...previous };
        const after = judge(subject({ hasIpv4, hasIpv6 }), family, isGood ? good : failed, before, protocol);
        const ipv4 = family === 'ipv4' ? isGood : hasIpv4 && previous?.ipv4Available === true;
        const ipv6 = family === 'ipv6' ? isGood : hasIpv6 && previous?.ipv6Available === true;
        const both = !hasIpv4 ? ipv6 : !hasIpv6 ? ipv4 : ipv4 || ipv6;
        assert.equal(after.ipv4Available, ipv4);
        assert.equal(after.ipv6Available, ipv6);
        assert.equal(after.isAvailable, { both, ipv4only: ipv4, ipv6only: ipv6 }[protocol]);
      }),
      { numRuns: 500 },
    );
  });

  type Row = [
    polls: [Family, Finding][],
    changes: Partial<Omit<Subject, 'name'>>,
    available: boolean,
    why: string,
  ];
  const rows: readonly Row[] = [
    [[['ipv4', good]], {}, true, 'the first result counts'],
    [[['ipv6', good]], {}, true, 'over either family'],
    [[['ipv4', failed]], {}, false, 'a first failure counts, the other family is not known'],
    [
      [
        ['ipv4', good],
        ['ipv6', failed],
      ],
      {},
      true,
      'one family is enough',
    ],
    [
      [
        ['ipv4', good],
        ['ipv6', good],
        ['ipv4', failed],
      ],
      {},
      true,
      'the other keeps its last verdict',
    ],
    [
      [
        ['ipv4', good],
        ['ipv6', good],
        ['ipv4', failed],
        ['ipv6', failed],
      ],
      {},
      false,
      'until both have failed',
    ],
    [
      [
        ['ipv4', failed],
        ['ipv6', failed],
        ['ipv4', good],
      ],
      {},
      true,
      'either brings it back',
    ],
    [
      [
        ['ipv4', good],
        ['ipv4', failed],
      ],
      { hasIpv6: false },
      false,
      'an only family decides',
    ],
    [
      [
        ['ipv6', good],
        ['ipv6', failed],
      ],
      { hasIpv4: false },
      false,
      'be it the newer one',
    ],
  ];
  for (const [polls, changes, available, why] of rows) {
    it(`${available ? 'up' : 'down'}: ${why}`, () => {
      let verdict: Verdict | null = null;
      for (const [family, finding] of polls)
        verdict = judge(subject(changes), family, finding, verdict, 'both');
      assert.equal(verdict?.isAvailable, available);
    });
  }

  for (const status of ['ADMIN_DOWN', 'OFFLINE', 'invalid'] satisfies ServerStatus[]) {
    for (const family of families) {
      it(`are both down for ${status}, whichever is polled (${family})`, () => {
        const verdict = judge(subject({ status }), family, good, upAlready, 'both');
        const { isAvailable, ipv4Available, ipv6Available } = verdict;
        assert.deepEqual([isAvailable, ipv4Available, ipv6Available], [false, false, false]);
      });
    }
  }
});
