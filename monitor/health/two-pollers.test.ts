import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Threshold } from '../../common/traffic-ops/monitoring.ts';
import { CacheStates } from './cache-states.ts';
import type { AvailabilityEvent } from './events.ts';
import { configOf, failedPoll, goodPoll, SECOND, sampleOf, subject } from './testing/builders.ts';

const memoryThreshold: Threshold = { stat: 'free.memory', comparator: '>', value: 100 };
const withMemory = (free: unknown) => sampleOf({ stats: { 'free.memory': free } });
const tooLow = 'REPORTED - free.memory too low (50.00 < 100.00)';

/** States of one cache, gated by stat polls, and the events that they tell. */
function watched(changes: Parameters<typeof subject>[0] = {}) {
  const events: AvailabilityEvent[] = [];
  const states = new CacheStates(
    (event) => events.push(event),
    () => {},
  );
  states.apply(configOf([subject(changes)], { gatedBy: 'stat' }), 0);
  const state = () => {
    const [only] = states.sorted;
    if (only === undefined) throw new Error('no cache');
    return only;
  };
  return { states, events, state };
}

describe('health and stat polls of one cache', () => {
  it('have rates of their own, so that polls just after one another measure nothing between them', () => {
    const { states, state } = watched({ monitoredInterfaces: [{ ...eth0 }] });
    const at = (poller: 'health' | 'stat', endMs: number, sent: bigint) =>
      states.record(goodPoll({ poller, endMs }, sampleOf({ sent: { eth0: sent } })));
    at('health', SECOND, 0n);
    at('stat', SECOND + 5, 625n);
    at('health', 2 * SECOND, 125_000n);
    at('stat', 2 * SECOND + 5, 125_625n);
    assert.equal(state().health.vitals?.kbpsOut, 1000);
    assert.equal(state().stat.vitals?.kbpsOut, 1000);
  });

  it('tell in events and statuses which of them judged', () => {
    const { states, events, state } = watched();
    states.record(goodPoll({ poller: 'stat' }));
    assert.equal(events.at(-1)?.description, 'Protocol (IPv4) REPORTED - available (stat) ');
    assert.equal(state().judgedBy, 'stat');
    states.record(failedPoll({ poller: 'health' }, 'gone'));
    assert.equal(events.at(-1)?.description, 'Protocol (IPv4) REPORTED - gone (health) ');
    assert.equal(state().judgedBy, 'health');
  });

  it('leave the number of connections that a stat poll told where health polls do not tell it', () => {
    const { states, state } = watched();
    const stats = { 'proxy.process.http.current_client_connections': 17 };
    states.record(goodPoll({ poller: 'stat' }, sampleOf({ stats })));
    states.record(goodPoll({ poller: 'health' }));
    assert.equal(state().connections, 17);
  });
});

describe('a threshold on a statistic of the payload', () => {
  it('is checked by stat polls, and its verdict stands through the health polls until the next (D35)', () => {
    const { states, events, state } = watched({ rawThresholds: [memoryThreshold] });
    states.record(goodPoll({ poller: 'health' }));
    assert.equal(state().verdict?.isAvailable, true);
    states.record(goodPoll({ poller: 'stat' }, withMemory(50)));
    for (let poll = 0; poll < 3; poll++) {
      states.record(goodPoll({ poller: 'health' }));
      assert.equal(state().verdict?.status, tooLow);
      assert.equal(state().verdict?.isAvailable, false);
    }
    states.record(goodPoll({ poller: 'stat' }, withMemory('150')));
    assert.equal(state().verdict?.isAvailable, true);
    assert.equal(events.length, 3);
  });

  for (const value of [50, '50', '5e1', '+50.0', '.5e2']) {
    it(`is violated by ${JSON.stringify(value)}`, () => {
      const { states, state } = watched({ rawThresholds: [memoryThreshold] });
      states.record(goodPoll({ poller: 'stat' }, withMemory(value)));
      assert.equal(state().verdict?.status, tooLow);
    });
  }

  for (const value of [true, 'plenty', '', ' 50', '0x10', [50], null, undefined]) {
    it(`holds if the payload has ${JSON.stringify(value)} for it`, () => {
      const { states, state } = watched({ rawThresholds: [memoryThreshold] });
      states.record(goodPoll({ poller: 'stat' }, withMemory(value)));
      assert.equal(state().verdict?.isAvailable, true);
    });
  }

  it('is forgotten with the cache no longer polled', () => {
    const { states, state } = watched({ rawThresholds: [memoryThreshold] });
    states.record(goodPoll({ poller: 'stat' }, withMemory(50)));
    states.apply(configOf([subject({ status: 'ONLINE' })], { gatedBy: 'stat' }), 0);
    states.apply(configOf([subject()], { gatedBy: 'stat' }), 0);
    states.record(goodPoll({ poller: 'health' }));
    assert.equal(state().verdict?.isAvailable, true);
  });
});

describe('the gate, where there are stat polls', () => {
  it('does not count health polls, good or bad', () => {
    const { states } = watched();
    states.record(goodPoll({ poller: 'health' }));
    states.record(goodPoll({ poller: 'health', endMs: 2 * SECOND }));
    states.record(failedPoll({ poller: 'health' }));
    assert.equal(states.isComplete, false);
  });

  it('counts a cache once its statistics are enough, or its stat poll fails', () => {
    const { states } = watched();
    states.record(goodPoll({ poller: 'stat' }));
    assert.equal(states.isComplete, false);
    states.markPolled(subject().name);
    assert.equal(states.isComplete, true);
    states.markPolled(subject().name);
    assert.equal(states.isComplete, true);

    const failing = watched();
    failing.states.record(failedPoll({ poller: 'stat' }));
    assert.equal(failing.states.isComplete, true);
  });
});

const eth0 = { name: 'eth0', monitor: true, maxBandwidth: null, mtu: null, addresses: [] };
