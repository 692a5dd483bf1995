import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deliveryServiceId } from '../../common/ids.ts';
import { configOf, failedPoll, goodPoll, SECOND, serviceIds, subject } from './testing/builders.ts';
import { WatchedStates } from './testing/watched-states.ts';

const NOW = 50 * SECOND;
const edge = (name: string, ...services: string[]) =>
  subject({ name, hasIpv6: false, deliveryServices: serviceIds(...services) });

/** Both caches serve `shared`, each also its own. */
const twoEdges = [edge('edge-1', 'shared', 'one'), edge('edge-2', 'shared', 'two', 'stranger')];
const threeServices = { deliveryServices: serviceIds('two', 'shared', 'one') };

function served(): WatchedStates {
  const states = new WatchedStates();
  states.apply(configOf(twoEdges, threeServices), NOW);
  return states;
}

const up = ({ deliveryServices }: WatchedStates): string[] =>
  deliveryServices.sorted.filter((id) => deliveryServices.isAvailable(id));

/** Changes of delivery services alone. */
const changes = (states: WatchedStates): string[] =>
  states.told().filter((text) => !text.includes('Protocol'));

describe('a delivery service', () => {
  it('is up while any of its caches is', () => {
    const states = served();
    assert.deepEqual(up(states), []);
    states.record(goodPoll({ cache: 'edge-1' }));
    assert.deepEqual(up(states), ['one', 'shared']);
    states.record(goodPoll({ cache: 'edge-2' }));
    assert.deepEqual(up(states), ['one', 'shared', 'two']);
    states.record(failedPoll({ cache: 'edge-1' }));
    assert.deepEqual(up(states), ['shared', 'two']);
    states.record(failedPoll({ cache: 'edge-1' }));
    assert.deepEqual(up(states), ['shared', 'two'], 'a second failure takes nothing more away');
    states.record(failedPoll({ cache: 'edge-2' }));
    assert.deepEqual(up(states), []);
  });

  it('is of the monitoring config, by name; others that caches speak of are none', () => {
    const states = served();
    states.record(goodPoll({ cache: 'edge-2' }));
    assert.deepEqual(states.deliveryServices.sorted, ['one', 'shared', 'two']);
    assert.equal(states.deliveryServices.isAvailable(deliveryServiceId('stranger')), false);
  });

  it('tells when it comes up and when it goes down, after its cache did', () => {
    const states = served();
    states.record(goodPoll({ cache: 'edge-1', endMs: 7000 }));
    const [ofCache, ...ofServices] = states.events.splice(0);
    assert.equal(ofCache?.name, 'edge-1');
    const event = {
      timeMs: 7000,
      description: 'Available caches',
      type: 'DELIVERYSERVICE',
      isAvailable: true,
      ipv4Available: false,
      ipv6Available: false,
    };
    assert.deepEqual(ofServices, [
      { ...event, name: 'shared' },
      { ...event, name: 'one' },
    ]);
    states.record(goodPoll({ cache: 'edge-2' }));
    assert.deepEqual(changes(states), ['two: Available caches']);
    states.record(failedPoll({ cache: 'edge-1' }));
    assert.deepEqual(changes(states), ['one: Unavailable']);
    states.record(failedPoll({ cache: 'edge-2', endMs: 9000 }));
    const { isAvailable, timeMs } = states.events.at(-1) ?? {};
    assert.deepEqual([isAvailable, timeMs], [false, 9000]);
    assert.deepEqual(changes(states), ['shared: Unavailable', 'two: Unavailable']);
  });

  const bothUp = (): WatchedStates => {
    const states = served();
    for (const cache of ['edge-1', 'edge-2']) states.record(goodPoll({ cache }));
    states.told();
    return states;
  };

  it('follows a config that takes its caches away, or gives it others', () => {
    const states = bothUp();
    states.apply(configOf([edge('edge-1', 'two')], threeServices), NOW);
    assert.deepEqual(up(states), ['two']);
    assert.deepEqual(changes(states), ['shared: Unavailable', 'one: Unavailable']);
    states.record(failedPoll({ cache: 'edge-1' }));
    assert.deepEqual(changes(states), ['two: Unavailable']);
  });

  it('follows a config that takes caches out of service', () => {
    const states = bothUp();
    const [first, second] = twoEdges.map((each) => ({ ...each, status: 'ADMIN_DOWN' as const }));
    assert.ok(first !== undefined && second !== undefined);
    const unpollable = { 'edge-2': 'cannot be polled' };
    states.apply(configOf([first, { ...second, status: 'REPORTED' }], { ...threeServices, unpollable }), NOW);
    assert.deepEqual(up(states), []);
    assert.deepEqual(changes(states), ['two: Unavailable', 'shared: Unavailable', 'one: Unavailable']);
    for (const cache of ['edge-1', 'edge-2']) states.record(goodPoll({ cache }));
    assert.deepEqual(up(states), []);
  });

  it('is up by an ONLINE cache at once', () => {
    const states = new WatchedStates();
    const online = subject({ status: 'ONLINE', deliveryServices: serviceIds('one') });
    states.apply(configOf([online], threeServices), NOW);
    assert.deepEqual(up(states), ['one']);
    assert.deepEqual(states.told(), ['one: Available caches']);
    states.apply(configOf([online], threeServices), NOW);
    assert.deepEqual(states.told(), []);
  });

  it('that is gone is down, and says nothing', () => {
    const states = bothUp();
    states.apply(configOf(twoEdges, { deliveryServices: serviceIds('one') }), NOW);
    assert.deepEqual(up(states), ['one']);
    assert.equal(states.deliveryServices.isAvailable(deliveryServiceId('shared')), false);
    assert.deepEqual(changes(states), []);
  });
});
