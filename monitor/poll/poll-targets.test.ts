import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cacheName, profileName } from '../../common/ids.ts';
import type { CacheServer, Profile } from '../../common/traffic-ops/monitoring.ts';
import type { PollingProtocol } from '../config/settings.ts';
import { cacheServer, monitoringConfig, networkInterface, profile } from '../testing/configs.ts';
import { type PollTarget, planTargets, sameTarget } from './poll-targets.ts';

interface Case {
  readonly cache?: Partial<CacheServer>;
  readonly profile?: Partial<Profile>;
  readonly protocol?: PollingProtocol;
}

/** The plan for one cache. */
function planOf({ cache = {}, profile: changes = {}, protocol = 'both' }: Case) {
  const caches = [cacheServer('edge-1', cache)];
  const plan = planTargets(monitoringConfig({ caches, profiles: [profile(changes)] }), protocol);
  return { ...plan, target: plan.targets[0], reason: plan.unpollable.get(cacheName('edge-1')) };
}

const addresses = (...list: string[]): Partial<CacheServer> => ({ interfaces: [networkInterface(list)] });
const families = (theCase: Case): string[] =>
  (planOf(theCase).target?.probes ?? []).map(({ family }) => family);

describe('who is polled', () => {
  const rows: readonly [status: string, polled: boolean][] = [
    ['REPORTED', true],
    ['reported', true],
    ['ADMIN_DOWN', true],
    ['AdminDown', true],
    ['ONLINE', false],
    ['OFFLINE', false],
    ['PRE_PROD', false],
    ['', false],
  ];
  for (const [status, polled] of rows) {
    it(`a cache that is "${status}" is ${polled ? '' : 'not '}polled`, () => {
      const { targets, unpollable } = planOf({ cache: { status } });
      assert.equal(targets.length, polled ? 1 : 0);
      assert.equal(unpollable.size, 0);
    });
  }
});

describe('how a cache is polled', () => {
  it('with its name as Host, the format and the timeout of its profile', () => {
    const changes = { pollingFormat: 'stats_over_http', connectionTimeoutMs: 1234 };
    assert.deepEqual(planOf({ profile: changes }).target, {
      cache: 'edge-1',
      fqdn: 'edge-1.cdn.test',
      format: 'stats_over_http',
      timeoutMs: 1234,
      probes: [
        {
          kind: 'http',
          family: 'ipv4',
          url: 'http://192.0.2.1:80/_astats?application=system&inf.name=bond0',
        },
      ],
    });
  });

  const timeouts: readonly [given: number, used: number][] = [
    [0, 2000],
    [0.5, 2000],
    [1, 1],
    [1500.9, 1500],
  ];
  for (const [given, used] of timeouts) {
    it(`health.connection.timeout ${given} means ${used} ms`, () => {
      assert.equal(planOf({ profile: { connectionTimeoutMs: given } }).target?.timeoutMs, used);
    });
  }

  const v4 = '192.0.2.1/24';
  const v6 = '2001:db8::1/64';
  const rows: readonly [protocol: PollingProtocol, has: readonly string[], polled: readonly string[]][] = [
    ['both', [v4, v6], ['ipv4', 'ipv6']],
    // D19: no turn is spent on a family that the cache does not have.
    ['both', [v4], ['ipv4']],
    ['both', [v6], ['ipv6']],
    ['ipv4only', [v4, v6], ['ipv4']],
    ['ipv6only', [v4, v6], ['ipv6']],
    ['ipv4only', [v4], ['ipv4']],
    ['ipv6only', [v6], ['ipv6']],
  ];
  for (const [protocol, has, polled] of rows) {
    it(`${protocol} with ${has.join(' and ')}: over ${polled.join(' and ')}`, () => {
      assert.deepEqual(families({ cache: addresses(...has), protocol }), polled);
    });
  }

  it('by nobody at all for a noop profile, whatever its case, with a URL or without', () => {
    for (const pollingType of ['noop', 'NoOp']) {
      for (const pollingUrl of ['', 'http://${hostname}/']) {
        const { target } = planOf({ profile: { pollingType, pollingUrl } });
        assert.deepEqual(target?.probes, [{ kind: 'noop', family: 'ipv4' }]);
      }
    }
  });

  it('by http for an unknown type, with a warning for each such profile', () => {
    const { target, warnings } = planOf({ profile: { pollingType: 'carrier-pigeon' } });
    assert.equal(target?.probes[0]?.kind, 'http');
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /"EDGE1".*"carrier-pigeon"/);
  });

  it('without a warning for the known types', () => {
    for (const pollingType of ['', 'http', 'HTTP', 'noop'])
      assert.deepEqual(planOf({ profile: { pollingType } }).warnings, []);
  });
});

describe('a cache that cannot be polled is told with the reason (D5, D20)', () => {
  const rows: readonly [name: string, theCase: Case, reason: RegExp][] = [
    ['no polling URL', { profile: { pollingUrl: '' } }, /profile "EDGE1" has no health\.polling\.url/],
    ['no interface', { cache: { interfaces: [] } }, /no interface has a service address/],
    [
      'no service address',
      {
        cache: {
          interfaces: [
            networkInterface([], {
              addresses: [{ address: '192.0.2.1', gateway: null, serviceAddress: false }],
            }),
          ],
        },
      },
      /no interface has a service address/,
    ],
    [
      'an address that is none',
      { cache: addresses('192.0.2.1', '192.0.2.x') },
      /"192\.0\.2\.x".*no IP address/,
    ],
    [
      'IPv4 only, and it has IPv6',
      { cache: addresses('2001:db8::1'), protocol: 'ipv4only' },
      /no IPv4 service address.*ipv4only/,
    ],
    ['IPv6 only, and it has IPv4', { protocol: 'ipv6only' }, /no IPv6 service address.*ipv6only/],
    [
      'a URL that is none',
      { profile: { pollingUrl: '${hostname}/_stats' } },
      /becomes "192\.0\.2\.1\/_stats"/,
    ],
    ['a URL that is not of HTTP', { profile: { pollingUrl: 'ftp://${hostname}/' } }, /no HTTP URL/],
    ['a profile that is missing', { cache: { profile: profileName('GONE') } }, /profile "GONE" is missing/],
  ];
  for (const [name, theCase, reason] of rows) {
    it(name, () => {
      const plan = planOf(theCase);
      assert.deepEqual(plan.targets, []);
      assert.match(plan.reason ?? '', /^cannot be polled: /);
      assert.match(plan.reason ?? '', reason);
    });
  }
});

describe('a target', () => {
  const targetOf = (theCase: Case): PollTarget => {
    const { target } = planOf(theCase);
    assert.ok(target);
    return target;
  };

  it('is the same while nothing about the polls changes', () => {
    const same = targetOf({ cache: { hashId: 'other', type: 'MID' }, profile: { historyCount: 7 } });
    assert.equal(sameTarget(same, targetOf({})), true);
  });

  const changes: readonly [name: string, theCase: Case][] = [
    ['URL', { profile: { pollingUrl: 'http://${hostname}/other' } }],
    ['address', { cache: addresses('192.0.2.2') }],
    ['port', { cache: { port: 81 } }],
    ['fqdn', { cache: { fqdn: 'renamed.cdn.test' } }],
    ['timeout', { profile: { connectionTimeoutMs: 1999 } }],
    ['format', { profile: { pollingFormat: 'stats_over_http' } }],
    ['type', { profile: { pollingType: 'noop' } }],
  ];
  for (const [name, theCase] of changes) {
    it(`is another with another ${name}`, () =>
      assert.equal(sameTarget(targetOf(theCase), targetOf({})), false));
  }
});
