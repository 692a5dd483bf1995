import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cacheName } from '../../common/ids.ts';
import type { ServerStatus } from '../../common/traffic-ops/monitoring.ts';
import {
  configOf,
  failedPoll,
  goodPoll,
  networkInterface,
  SECOND,
  sampleOf,
  subject,
} from './testing/builders.ts';
import { WatchedStates } from './testing/watched-states.ts';

const NOW = 50 * SECOND;
const noUrl = 'cannot be polled: its profile "EDGE1" has no health.polling.url';

/** States under a config of these subjects, its events forgotten. */
function statesOf(...subjects: ReturnType<typeof subject>[]): WatchedStates {
  const states = new WatchedStates();
  states.apply(configOf(subjects), NOW);
  states.told();
  return states;
}

/** With one cache that is up over its families. */
function upStates(changes: Parameters<typeof subject>[0] = {}): WatchedStates {
  const states = statesOf(subject(changes));
  for (const family of ['ipv4', 'ipv6'] as const) states.record(goodPoll({ family }));
  states.told();
  return states;
}

describe('a new config', () => {
  it('seeds what it brings as not polled', () => {
    const states = statesOf(subject());
    const { verdict, lastPollMs, polled } = states.of();
    assert.deepEqual({ verdict, lastPollMs, polled }, { verdict: null, lastPollMs: null, polled: false });
  });

  it('sorts caches by name', () => {
    const names = ['b', 'a', 'C', 'a-1'].map((name) => subject({ name }));
    assert.deepEqual(
      statesOf(...names).sorted.map((state) => state.subject.name),
      ['C', 'a', 'a-1', 'b'],
    );
  });

  it('keeps what is known of a cache that stays, and looks at it by its new config', () => {
    const states = upStates();
    const { verdict, lastPollMs } = states.of();
    const { vitals } = states.of().health;
    states.apply(configOf([subject({ type: 'MID' })]), NOW);
    assert.equal(states.of().verdict, verdict);
    assert.equal(states.of().health.vitals, vitals);
    assert.equal(states.of().lastPollMs, lastPollMs);
    assert.equal(states.of().subject.type, 'MID');
    assert.deepEqual(states.told(), []);
  });

  it('drops what is gone, and knows nothing of it when it is back', () => {
    const states = upStates();
    states.apply(configOf([]), NOW);
    assert.equal(states.get(cacheName('edge-1')), undefined);
    assert.deepEqual(states.sorted, []);
    states.apply(configOf([subject()]), NOW);
    assert.equal(states.of().verdict, null);
    assert.equal(states.isComplete, false);
  });

  for (const status of ['OFFLINE', 'invalid'] satisfies ServerStatus[]) {
    it(`drops what is ${status}`, () => {
      const states = upStates();
      states.apply(configOf([subject({ status })]), NOW);
      assert.deepEqual(states.sorted, []);
      assert.equal(states.isComplete, true);
    });
  }

  it('sets ONLINE caches as configured, without an event', () => {
    const states = statesOf(subject({ status: 'ONLINE', hasIpv6: false }));
    assert.equal(states.flags(), 'up 4');
    assert.equal(states.of().verdict?.status, '');
    assert.equal(states.of().lastPollMs, null);
    states.apply(configOf([subject({ status: 'ONLINE' })]), NOW);
    assert.equal(states.flags(), 'up 4 6');
    assert.deepEqual(states.told(), []);
  });

  it('sets a cache that was down and is ONLINE now up', () => {
    const states = statesOf(subject());
    states.record(failedPoll());
    states.apply(configOf([subject({ status: 'ONLINE' })]), NOW);
    assert.equal(states.flags(), 'up 4 6');
    assert.equal(states.of().lastPollMs, null);
  });

  it('lets no rate reach back over a time without polls', () => {
    for (const changes of [{ status: 'ONLINE' }, {}] as const) {
      const states = upStates();
      const unpollable = { 'edge-1': noUrl };
      states.apply(configOf([subject(changes)], 'status' in changes ? {} : { unpollable }), NOW);
      assert.equal(states.of().health.vitals, null);
    }
  });

  it('lets an ONLINE cache that is REPORTED again stand until it is polled', () => {
    const states = statesOf(subject({ status: 'ONLINE', hasIpv6: false }));
    states.apply(configOf([subject({ hasIpv6: false })]), NOW);
    assert.equal(states.flags(), 'up 4');
    assert.equal(states.isComplete, true);
    states.record(failedPoll());
    assert.equal(states.flags(), 'down');
    assert.deepEqual(states.told(), ['edge-1: Protocol (IPv4) REPORTED - timed out (health) ']);
  });

  it('takes a cache that is ADMIN_DOWN now down at once, and tells so', () => {
    const states = upStates();
    const { lastPollMs } = states.of();
    states.apply(configOf([subject({ status: 'ADMIN_DOWN' })]), NOW);
    assert.equal(states.flags(), 'down');
    assert.equal(states.of().lastPollMs, lastPollMs);
    const [event] = states.events;
    assert.deepEqual(event, {
      timeMs: NOW,
      description: 'Protocol (IPv4) ADMIN_DOWN - available (health) ',
      name: 'edge-1',
      type: 'EDGE',
      isAvailable: false,
      ipv4Available: false,
      ipv6Available: false,
    });
    for (const family of ['ipv4', 'ipv6'] as const) {
      states.record(goodPoll({ family }));
      assert.equal(states.flags(), 'down');
    }
    assert.equal(states.events.length, 1);
  });

  it('takes an ONLINE cache that is ADMIN_DOWN now down at once', () => {
    const states = statesOf(subject({ status: 'ONLINE', hasIpv4: false }));
    states.apply(configOf([subject({ status: 'ADMIN_DOWN', hasIpv4: false })]), NOW);
    assert.equal(states.flags(), 'down');
    assert.deepEqual(states.told(), ['edge-1: Protocol (IPv6) ADMIN_DOWN - unavailable (health) ']);
  });

  it('tells nothing of an ADMIN_DOWN cache that was down or is new', () => {
    const states = statesOf(subject());
    states.record(failedPoll());
    states.apply(configOf(['edge-1', 'new'].map((name) => subject({ name, status: 'ADMIN_DOWN' }))), NOW);
    assert.equal(states.of().verdict?.status, 'REPORTED - timed out');
    assert.equal(states.of('new').verdict, null);
    assert.deepEqual(states.told(), []);
  });

  it('brings a cache that was ADMIN_DOWN back with its next good poll', () => {
    const states = statesOf(subject({ status: 'ADMIN_DOWN' }));
    states.record(goodPoll());
    states.apply(configOf([subject()]), NOW);
    assert.equal(states.flags(), 'down');
    states.record(goodPoll());
    assert.equal(states.flags(), 'up 4');
  });

  it('takes a cache that cannot be polled any more down with the reason, and tells so', () => {
    const states = upStates();
    const monitoredInterfaces = [networkInterface()];
    states.apply(configOf([subject({ monitoredInterfaces })], { unpollable: { 'edge-1': noUrl } }), NOW);
    assert.equal(states.flags(), 'down');
    assert.equal(states.of().lastPollMs, null);
    const status = `REPORTED - ${noUrl}; eth0: not found in polled data`;
    assert.equal(states.of().verdict?.status, status);
    assert.deepEqual(states.told(), [`edge-1: Protocol (IPv4) ${status} (health) `]);
    states.apply(configOf([subject()], { unpollable: { 'edge-1': noUrl } }), NOW);
    assert.deepEqual(states.told(), []);
  });

  it('brings a cache that can be polled again back with its next good poll', () => {
    const states = upStates();
    states.apply(configOf([subject()], { unpollable: { 'edge-1': noUrl } }), NOW);
    states.apply(configOf([subject()]), NOW);
    assert.equal(states.flags(), 'down');
    states.record(goodPoll());
    assert.equal(states.flags(), 'up 4');
  });
});

describe('a poll', () => {
  it('changes the verdict, the time and the figures of its cache alone', () => {
    const states = statesOf(subject(), subject({ name: 'edge-2' }));
    const stats = { 'proxy.process.http.current_client_connections': '17' };
    states.record(goodPoll({ endMs: 3000, durationMs: 12.7 }, sampleOf({ sent: { eth0: 5n }, stats })));
    const { verdict, lastPollMs, health, capacityKbps, connections } = states.of();
    const { last, goodDurationMs } = health;
    assert.equal(verdict?.status, 'REPORTED - available');
    assert.equal(lastPollMs, 3000);
    assert.deepEqual(last, { endMs: 3000, durationMs: 12.7, error: null });
    assert.deepEqual([goodDurationMs, capacityKbps, connections], [12.7, 10_000_000, 17]);
    assert.equal(states.of('edge-2').health.last, null);
    assert.equal(states.polls, 1);
  });

  it('dates the cache as its answer does, rates too; a failure when it ended', () => {
    const monitoredInterfaces = [networkInterface()];
    const states = statesOf(subject({ monitoredInterfaces }));
    states.record(goodPoll({ endMs: 9000 }, sampleOf({ timestampMs: 1000, sent: { eth0: 0n } })));
    states.record(goodPoll({ endMs: 9001 }, sampleOf({ timestampMs: 2000, sent: { eth0: 125_000n } })));
    assert.equal(states.of().lastPollMs, 2000);
    assert.equal(states.of().health.vitals?.kbpsOut, 1000);
    assert.equal(states.of().health.spanMs, 1);
    states.record(failedPoll({ endMs: 9500 }));
    assert.equal(states.of().lastPollMs, 9500);
    assert.equal(states.of().health.spanMs, 499);
  });

  it('that fails leaves the figures of the last good one, from which the next rate is taken', () => {
    const states = statesOf(subject({ monitoredInterfaces: [networkInterface()] }));
    states.record(goodPoll({ endMs: 1000 }, sampleOf({ sent: { eth0: 0n } })));
    states.record(failedPoll({ endMs: 2000, durationMs: 99 }));
    assert.equal(states.of().health.vitals?.timeMs, 1000);
    assert.equal(states.of().health.goodDurationMs, 12.7);
    states.record(goodPoll({ endMs: 3000 }, sampleOf({ sent: { eth0: 250_000n } })));
    assert.equal(states.of().health.vitals?.kbpsOut, 1000);
  });

  it('is judged by whole milliseconds', () => {
    const computedThresholds = [{ stat: 'queryTime', comparator: '<=', value: 12 }] as const;
    const states = statesOf(subject({ computedThresholds }));
    states.record(goodPoll({ durationMs: 12.9 }));
    assert.equal(states.flags(), 'up 4');
    states.record(goodPoll({ durationMs: 13 }));
    assert.equal(states.of().verdict?.status, 'REPORTED - queryTime too high (13.00 >= 12.00)');
  });

  const late: readonly [why: string, config: Parameters<typeof configOf>][] = [
    ['gone', [[]]],
    ['OFFLINE', [[subject({ status: 'OFFLINE' })]]],
    ['ONLINE', [[subject({ status: 'ONLINE' })]]],
    ['not to be polled', [[subject()], { unpollable: { 'edge-1': noUrl } }]],
  ];
  for (const [why, config] of late) {
    it(`that comes late for a cache that is ${why} is passed over`, () => {
      const states = upStates();
      states.apply(configOf(...config), NOW);
      states.told();
      const { revision, polls } = states;
      const verdict = states.get(cacheName('edge-1'))?.verdict;
      states.record(goodPoll());
      states.record(failedPoll());
      assert.equal(states.get(cacheName('edge-1'))?.verdict, verdict);
      assert.deepEqual([states.revision, states.polls, states.told()], [revision, polls, []]);
    });
  }

  it('of a cache that nobody knows is passed over', () => {
    const states = new WatchedStates();
    states.record(goodPoll());
    assert.equal(states.polls, 0);
  });
});

describe('the event of a cache', () => {
  it('is told when it comes up and when it goes down, and not between', () => {
    const states = statesOf(subject({ hasIpv6: false }));
    states.record(failedPoll());
    assert.deepEqual(states.told(), [], 'it was not up before');
    states.record(goodPoll());
    assert.deepEqual(states.told(), ['edge-1: Protocol (IPv4) REPORTED - available (health) ']);
    states.record(goodPoll());
    assert.deepEqual(states.told(), []);
    states.record(failedPoll({}, 'EOF'));
    assert.deepEqual(states.told(), ['edge-1: Protocol (IPv4) REPORTED - EOF (health) ']);
    states.record(failedPoll({}, 'timed out'));
    assert.deepEqual(states.told(), []);
  });

  it('waits for both families to fail, and names the one that was polled', () => {
    const states = upStates();
    states.record(failedPoll({ family: 'ipv4' }));
    assert.deepEqual(states.told(), []);
    states.record(failedPoll({ family: 'ipv6' }));
    assert.deepEqual(states.told(), ['edge-1: Protocol (IPv6) REPORTED - timed out (health) ']);
  });

  it('has the flags, the type of the cache and the end of the poll', () => {
    const states = statesOf(subject({ type: 'MID' }));
    states.record(goodPoll({ family: 'ipv6', endMs: 7000 }, sampleOf({ timestampMs: 5000 })));
    assert.deepEqual(states.events, [
      {
        timeMs: 7000,
        description: 'Protocol (IPv6) REPORTED - available (health) ',
        name: 'edge-1',
        type: 'MID',
        isAvailable: true,
        ipv4Available: false,
        ipv6Available: true,
      },
    ]);
  });
});

describe('a cache counts as polled', () => {
  const good = goodPoll();
  const unwilling = goodPoll({}, sampleOf({ notAvailable: true }));
  const table: readonly [why: string, polls: ReturnType<typeof goodPoll>[], complete: boolean][] = [
    ['before any poll', [], false],
    ['after one good one', [good], false],
    ['after the second good one', [good, good], true],
    ['after the second good one, be it over the other family', [good, goodPoll({ family: 'ipv6' })], true],
    ['after one that failed', [failedPoll()], true],
    ['after one by which it does not want to be used', [unwilling], true],
    ['after a good one and one that failed', [good, failedPoll()], true],
  ];
  for (const [why, polls, complete] of table) {
    it(`${why}: ${complete ? 'yes' : 'no'}`, () => {
      const states = statesOf(subject());
      for (const poll of polls) states.record(poll);
      assert.equal(states.isComplete, complete);
      assert.deepEqual(states.unpolled(5), complete ? [] : ['edge-1']);
    });
  }

  it('only if it is asked for: ADMIN_DOWN yes, ONLINE and unpollable ones no', () => {
    const states = new WatchedStates();
    assert.equal(states.isComplete, false);
    const subjects = [
      subject({ name: 'admin', status: 'ADMIN_DOWN' }),
      subject({ name: 'on', status: 'ONLINE' }),
      subject({ name: 'mute' }),
    ];
    states.apply(configOf(subjects, { unpollable: { mute: noUrl } }), NOW);
    assert.deepEqual(states.unpolled(5), ['admin']);
    assert.equal(states.isComplete, false);
    states.record(failedPoll({ cache: 'admin' }));
    assert.equal(states.isComplete, true);
  });

  it('and does so for as long as it is configured', () => {
    const states = statesOf(subject());
    states.record(failedPoll());
    states.apply(configOf([subject(), subject({ name: 'new' })]), NOW);
    assert.deepEqual(states.unpolled(5), ['new']);
    states.apply(configOf([subject()]), NOW);
    assert.equal(states.isComplete, true);
  });

  it('and only so many of the others are named as asked for', () => {
    const states = statesOf(...['c', 'a', 'b'].map((name) => subject({ name })));
    assert.deepEqual(states.unpolled(2), ['a', 'b']);
    assert.deepEqual(states.unpolled(0), []);
  });
});

describe('revisions', () => {
  it('change with each poll, those of verdicts only with a verdict or its reason', () => {
    const states = upStates();
    const seen = (): [number, number] => [states.revision, states.verdictRevision];
    const { verdict } = states.of();
    const [revision, verdictRevision] = seen();
    states.record(goodPoll({ endMs: 99_000 }));
    assert.deepEqual(seen(), [revision + 1, verdictRevision]);
    assert.equal(states.of().verdict, verdict, 'the same object while nothing changes');
    states.record(failedPoll({}, 'EOF'));
    assert.deepEqual(seen(), [revision + 2, verdictRevision + 1]);
    states.record(failedPoll({}, 'timed out'));
    assert.deepEqual(seen(), [revision + 3, verdictRevision + 2], 'another reason');
    const failed = states.of().verdict;
    states.record(failedPoll({}, 'timed out'));
    assert.deepEqual(seen(), [revision + 4, verdictRevision + 2]);
    assert.equal(states.of().verdict, failed);
  });

  for (const [first, then] of [
    ['ipv4', 'ipv6'],
    ['ipv6', 'ipv4'],
  ] as const) {
    it(`of verdicts change if ${then} comes up beside ${first}, for the same reason`, () => {
      const states = statesOf(subject());
      states.record(goodPoll({ family: first }));
      const { verdictRevision } = states;
      states.record(goodPoll({ family: then }));
      assert.equal(states.verdictRevision, verdictRevision + 1);
      assert.equal(states.flags(), 'up 4 6');
    });
  }

  it('change with each config', () => {
    const states = upStates();
    const { revision, verdictRevision, sorted } = states;
    states.apply(configOf([subject()]), NOW);
    assert.ok(states.revision > revision && states.verdictRevision > verdictRevision);
    assert.notEqual(states.sorted, sorted, 'so that writers notice');
  });
});
