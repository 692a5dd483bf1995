import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { cacheName, deliveryServiceId } from '../../common/ids.ts';
import type { HealthProtocol } from '../config/settings.ts';
import { CacheStates } from '../health/cache-states.ts';
import { DeliveryServiceStates } from '../health/delivery-service-states.ts';
import type { AvailabilityEvent } from '../health/events.ts';
import type { Subject } from '../health/subject.ts';
import { configOf, failedPoll, goodPoll, serviceIds, subject } from '../health/testing/builders.ts';
import { combine } from './combine.ts';
import { CombinedStates } from './combined-states.ts';
import { PEERS, PeerStates, type PolledPeer } from './peer-states.ts';
import { answered, answerOf, failed } from './testing/answers.ts';

/** Everything between polls and answers that decides what is available. */
class World {
  readonly events: AvailabilityEvent[] = [];
  readonly peers: PeerStates<string>;
  readonly local: CacheStates;
  readonly combined: CombinedStates;

  constructor() {
    const onEvent = (event: AvailabilityEvent): void => void this.events.push(event);
    this.peers = new PeerStates(PEERS, onEvent);
    this.combined = new CombinedStates({
      peers: this.peers,
      deliveryServices: new DeliveryServiceStates(onEvent),
      onEvent,
    });
    this.local = new CacheStates(onEvent, (state, timeMs) => this.combined.localChanged(state, timeMs));
  }

  apply(
    subjects: readonly Subject[],
    names: readonly string[],
    protocol: HealthProtocol = 'optimistic',
  ): void {
    const config = configOf(subjects, { deliveryServices: serviceIds('demo') });
    this.peers.apply(names, 5000);
    this.local.apply(config, 0);
    this.combined.apply(this.local.sorted, config.deliveryServices, protocol, 0);
  }

  peer(result: PolledPeer<string>): void {
    this.combined.peersChanged(this.peers.record(result), result.endMs);
  }

  flags(name = 'edge-1'): string {
    const { isAvailable, ipv4Available, ipv6Available } = this.combined.get(cacheName(name))?.verdict ?? {};
    return `${isAvailable ? 'up' : 'down'}${ipv4Available ? ' 4' : ''}${ipv6Available ? ' 6' : ''}`;
  }

  /** Overrides since the last call. */
  overrides(): string[] {
    return this.events
      .splice(0)
      .filter(({ description }) => description.startsWith('Health protocol override'))
      .map(
        ({ name, description }) =>
          `${name}: ${description.replace('Health protocol override condition ', '')}`,
      );
  }
}

const edge = (name = 'edge-1', changes: Partial<Omit<Subject, 'name'>> = {}): Subject =>
  subject({ name, hasIpv6: false, deliveryServices: serviceIds('demo'), ...changes });

function withPeer(protocol: HealthProtocol = 'optimistic'): World {
  const world = new World();
  world.apply([edge('edge-1'), edge('edge-2')], ['tm-b', 'tm-c'], protocol);
  for (const cache of ['edge-1', 'edge-2']) world.local.record(goodPoll({ cache }));
  return world;
}

describe('a cache that fails here', () => {
  it('stays up while a peer sees it up, and each turn of that is told once', () => {
    const world = withPeer();
    world.peer(answered('tm-b', answerOf({ 'edge-1': 'up 4' })));
    assert.deepEqual(world.overrides(), [], 'healthy here: no override (D49)');
    world.local.record(failedPoll());
    assert.equal(world.flags(), 'up 4');
    assert.deepEqual(world.overrides(), ['edge-1: detected; healthy on (at least) tm-b']);
    world.peer(answered('tm-c', answerOf({ 'edge-1': 'up 4' })));
    world.local.record(failedPoll({}, 'another reason'));
    assert.deepEqual(world.overrides(), []);
    const { verdict } = world.combined.get(cacheName('edge-1')) ?? {};
    assert.match(verdict?.status ?? '', /another reason/, 'the text is the local one');
    world.local.record(goodPoll());
    assert.deepEqual(world.overrides(), ['edge-1: cleared; healthy locally']);
  });

  it('goes down when its last peer sees it down', () => {
    const world = withPeer();
    for (const peer of ['tm-b', 'tm-c']) world.peer(answered(peer, answerOf({ 'edge-1': 'up 4' })));
    world.local.record(failedPoll());
    assert.deepEqual(world.overrides(), ['edge-1: detected; healthy on (at least) tm-b, tm-c']);
    world.peer(answered('tm-b', answerOf({ 'edge-1': 'down' })));
    assert.equal(world.flags(), 'up 4');
    world.peer(answered('tm-c', answerOf({ 'edge-1': 'down' })));
    assert.equal(world.flags(), 'down');
    assert.deepEqual(world.overrides(), ['edge-1: irrelevant; not online on any peers']);
  });

  it('goes down when its peers are gone, by failure, age or config', () => {
    const gone: readonly ((world: World) => void)[] = [
      (world) => world.peer(failed('tm-b')),
      (world) => world.combined.peersChanged(world.peers.expire(5000), 5000),
      (world) => world.apply([edge('edge-1'), edge('edge-2')], ['tm-c']),
    ];
    for (const leave of gone) {
      const world = withPeer();
      world.peer(answered('tm-b', answerOf({ 'edge-1': 'up 4' })));
      world.local.record(failedPoll());
      world.overrides();
      leave(world);
      assert.equal(world.flags(), 'down');
      assert.deepEqual(world.overrides(), ['edge-1: irrelevant; no peers online']);
    }
  });

  it('keeps its delivery service up', () => {
    const world = withPeer();
    world.peer(answered('tm-b', answerOf({ 'edge-1': 'up 4' })));
    const isUp = (): boolean => world.combined.localServices.isAvailable(deliveryServiceId('demo'));
    for (const cache of ['edge-1', 'edge-2']) world.local.record(failedPoll({ cache }));
    assert.equal(isUp(), true);
    world.peer(failed('tm-b'));
    assert.equal(isUp(), false);
  });
});

describe('a cache', () => {
  it('that Traffic Ops took out of service is down, whatever peers still say', () => {
    const world = withPeer();
    world.peer(answered('tm-b', answerOf({ 'edge-1': 'up 4', 'edge-2': 'up 4' })));
    world.apply([edge('edge-1', { status: 'ADMIN_DOWN' }), edge('edge-2')], ['tm-b']);
    assert.deepEqual([world.flags('edge-1'), world.flags('edge-2')], ['down', 'up 4']);
    assert.deepEqual(world.overrides(), []);
  });

  it('that is ONLINE is up, whatever peers say', () => {
    const world = withPeer('pessimistic');
    world.peer(answered('tm-b', answerOf({ 'edge-1': 'down' })));
    world.apply([edge('edge-1', { status: 'ONLINE' })], ['tm-b'], 'pessimistic');
    assert.equal(world.flags(), 'up 4');
  });

  it('that is new is up as soon as a peer knows it, without an override being told', () => {
    const world = new World();
    world.apply([edge('edge-1')], ['tm-b']);
    world.peer(answered('tm-b', answerOf({ 'edge-1': 'up 4', 'edge-9': 'up 4' })));
    assert.equal(world.flags(), 'up 4');
    assert.deepEqual(world.overrides(), []);
    world.local.record(failedPoll());
    assert.deepEqual(world.overrides(), ['edge-1: detected; healthy on (at least) tm-b']);
  });
});

describe('the pessimistic protocol', () => {
  it('takes a cache down that any peer sees down, and tells it', () => {
    const world = withPeer('pessimistic');
    world.peer(answered('tm-b', answerOf({ 'edge-1': 'up 4' })));
    assert.equal(world.flags(), 'up 4');
    world.peer(answered('tm-c', answerOf({ 'edge-1': 'down' })));
    assert.equal(world.flags(), 'down');
    assert.deepEqual(world.overrides(), ['edge-1: detected; unhealthy on (at least) tm-c']);
    world.peer(answered('tm-c', answerOf({ 'edge-1': 'up 4' })));
    assert.deepEqual(world.overrides(), ['edge-1: irrelevant; online on all peers']);
    world.peer(answered('tm-c', answerOf({ 'edge-1': 'down' })));
    world.local.record(failedPoll());
    assert.deepEqual(world.overrides().at(-1), 'edge-1: cleared; unhealthy locally');
  });
});

describe('a delivery service', () => {
  const demo = deliveryServiceId('demo');

  it('is up here or by an available peer', () => {
    const world = withPeer();
    for (const cache of ['edge-1', 'edge-2']) world.local.record(failedPoll({ cache }));
    const before = world.combined.revision;
    world.peer(answered('tm-b', answerOf({}, { demo: true, gone: true })));
    assert.equal(world.combined.deliveryServices.isAvailable(demo), true);
    assert.notEqual(world.combined.revision, before);
    assert.deepEqual(world.combined.deliveryServices.sorted, ['demo'], 'only those of the config');
    assert.equal(world.combined.localServices.isAvailable(demo), false);
    world.peer(failed('tm-b'));
    assert.equal(world.combined.deliveryServices.isAvailable(demo), false);
  });

  it('is down pessimistically if a peer that knows it says so', () => {
    const world = withPeer('pessimistic');
    world.peer(answered('tm-b', answerOf({}, {})));
    assert.equal(world.combined.deliveryServices.isAvailable(demo), true);
    world.peer(answered('tm-b', answerOf({}, { demo: false })));
    assert.equal(world.combined.deliveryServices.isAvailable(demo), false);
  });
});

const caches = ['edge-1', 'edge-2', 'edge-3'] as const;
const peerNames = ['tm-b', 'tm-c'] as const;
const flags = fc.constantFrom('up 4', 'up 6', 'up 4 6', 'down', 'down 4');
const step = fc.oneof(
  fc.record({ poll: fc.constantFrom(...caches), isGood: fc.boolean() }),
  fc.record({
    peer: fc.constantFrom(...peerNames),
    answer: fc.option(fc.dictionary(fc.constantFrom(...caches), flags)),
  }),
  fc.record({
    statuses: fc.tuple(...caches.map(() => fc.constantFrom('REPORTED', 'ADMIN_DOWN', 'ONLINE', 'OFFLINE'))),
    names: fc.subarray([...peerNames]),
    protocol: fc.constantFrom<HealthProtocol>('optimistic', 'pessimistic'),
  }),
);

it('after any history the combined states are those that are made from scratch', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (history) => {
      const world = new World();
      let protocol: HealthProtocol = 'optimistic';
      for (const one of history) {
        if ('poll' in one) world.local.record((one.isGood ? goodPoll : failedPoll)({ cache: one.poll }));
        else if ('peer' in one)
          world.peer(one.answer === null ? failed(one.peer) : answered(one.peer, answerOf(one.answer)));
        else {
          protocol = one.protocol;
          const subjects = caches.map((name, at) => edge(name, { status: one.statuses[at] as 'REPORTED' }));
          world.apply(subjects, one.names, protocol);
        }
        let anyUp = false;
        for (const state of world.local.sorted) {
          const { name, status } = state.subject;
          const opinions = status === 'REPORTED' ? world.peers.opinions(name) : [];
          const { verdict, isOverridden } = world.combined.get(name) ?? {};
          assert.deepEqual(verdict, combine(state.verdict, opinions, protocol), name);
          const overruled =
            state.verdict !== null && state.verdict.isAvailable !== (verdict?.isAvailable ?? false);
          assert.equal(isOverridden, overruled);
          anyUp ||= verdict?.isAvailable ?? false;
        }
        assert.equal(world.combined.localServices.isAvailable(deliveryServiceId('demo')), anyUp);
      }
    }),
    { numRuns: 400 },
  );
});
