import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cacheName } from '../../common/ids.ts';
import { CacheStates } from './cache-states.ts';
import { Gate } from './gate.ts';
import { configOf, failedPoll, subject } from './testing/builders.ts';

function gated(lost: () => string | null = () => null): { states: CacheStates; gate: Gate } {
  const states = new CacheStates(
    () => {},
    () => {},
  );
  return { states, gate: new Gate(states, () => null, lost) };
}

const named = (count: number) =>
  Array.from({ length: count }, (_, at) => subject({ name: `edge-${String(at).padStart(2, '0')}` }));

describe('the gate', () => {
  it('is shut before there is a config', () => {
    assert.equal(gated().gate.closedBecause(), 'service still starting, no config from Traffic Ops yet');
  });

  it('names the caches that it waits for', () => {
    const { states, gate } = gated();
    states.apply(configOf([subject({ name: 'b' }), subject({ name: 'a' })]), 0);
    assert.equal(gate.closedBecause(), 'service still starting, some caches unpolled: a, b');
    states.record(failedPoll({ cache: 'a' }));
    assert.equal(gate.closedBecause(), 'service still starting, some caches unpolled: b');
    states.record(failedPoll({ cache: 'b' }));
    assert.equal(gate.closedBecause(), null);
  });

  it('waits for whatever else is to be known, but for that only once', () => {
    const { states } = gated();
    let awaited: string | null = 'some peers not asked yet: tm-b';
    const gate = new Gate(states, () => awaited);
    states.apply(configOf([]), 0);
    assert.equal(gate.closedBecause(), 'service still starting, some peers not asked yet: tm-b');
    awaited = null;
    assert.equal(gate.closedBecause(), null);
    awaited = 'some peers not asked yet: tm-c';
    assert.equal(gate.closedBecause(), null);
  });

  it('names ten at most', () => {
    const { states, gate } = gated();
    const ten = 'edge-00, edge-01, edge-02, edge-03, edge-04, edge-05, edge-06, edge-07, edge-08, edge-09';
    states.apply(configOf(named(10)), 0);
    assert.equal(gate.closedBecause(), `service still starting, some caches unpolled: ${ten}`);
    states.apply(configOf(named(11)), 0);
    assert.equal(gate.closedBecause(), `service still starting, some caches unpolled: ${ten} and more`);
  });

  it('once open stays open, whatever caches come', () => {
    const { states, gate } = gated();
    states.apply(configOf([]), 0);
    assert.equal(gate.closedBecause(), null);
    states.apply(configOf(named(3)), 0);
    assert.equal(states.isComplete, false);
    assert.equal(gate.closedBecause(), null);
  });

  it('is shut while this monitor is cut off, whether it was open before or not', () => {
    let lost: string | null = 'cut off';
    const { states, gate } = gated(() => lost);
    states.apply(configOf([]), 0);
    for (const expected of ['cut off', null, 'cut off', null]) {
      lost = expected;
      assert.equal(gate.closedBecause(), expected);
    }
  });

  it('opens at once where nothing is to be polled', () => {
    const { states, gate } = gated();
    const caches = [
      subject({ status: 'ONLINE' }),
      subject({ name: 'off', status: 'OFFLINE' }),
      subject({ name: 'bad' }),
    ];
    states.apply(configOf(caches, { unpollable: { bad: 'cannot be polled' } }), 0);
    assert.equal(gate.closedBecause(), null);
  });

  it('lets other monitors ask for what this one polls before it knows what the others poll', () => {
    const { states, gate } = gated();
    const caches = [subject({ name: 'far' }), subject({ name: 'near' })];
    states.apply(configOf(caches, { polledElsewhere: new Set([cacheName('far')]) }), 0);
    assert.match(gate.closedBecause('direct') ?? '', /unpolled: near$/);
    states.record(failedPoll({ cache: 'near' }));
    assert.equal(gate.closedBecause('direct'), null);
    assert.match(gate.closedBecause() ?? '', /unpolled: far$/);
  });
});
