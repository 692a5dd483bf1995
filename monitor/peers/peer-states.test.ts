import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cacheName } from '../../common/ids.ts';
import type { AvailabilityEvent } from '../health/events.ts';
import { DISTRIBUTED_PEERS, PEERS, type PeerKind, PeerStates } from './peer-states.ts';
import { answered, answerOf, failed } from './testing/answers.ts';

const STALE_MS = 5000;
const edge1 = cacheName('edge-1');

function watched(names: readonly string[] = ['tm-b', 'tm-c'], kind: PeerKind = PEERS) {
  const events: AvailabilityEvent[] = [];
  const peers = new PeerStates<string>(kind, (event) => events.push(event));
  peers.apply(names, STALE_MS);
  return {
    peers,
    told: () => events.splice(0).map((event) => `${event.name}: ${event.description}`),
    events,
  };
}

const namesOf = (peers: readonly { readonly name: string }[]): string[] => peers.map(({ name }) => name);

describe('a peer', () => {
  it('counts from its first good answer on, and from no other config than the present (D47)', () => {
    const { peers, told } = watched();
    assert.deepEqual(namesOf(peers.sorted), ['tm-b', 'tm-c']);
    assert.deepEqual(peers.available, []);
    peers.record(answered('tm-b', answerOf({ 'edge-1': 'up 4' })));
    assert.deepEqual(namesOf(peers.available), ['tm-b']);
    assert.equal(peers.opinions(edge1)[0]?.isAvailable, true);
    assert.deepEqual(peers.opinions(cacheName('edge-9')), []);
    assert.deepEqual(told(), ['tm-b: Peer is reachable']);
  });

  it('is told of when it comes and when it goes, not in between', () => {
    const { peers, told, events } = watched();
    peers.record(failed('tm-b'));
    assert.deepEqual(told(), [], 'it was never there');
    for (const endMs of [1, 2]) peers.record(answered('tm-b', answerOf({}), endMs));
    assert.deepEqual(told(), ['tm-b: Peer is reachable']);
    peers.record(failed('tm-b', 3, 'connection refused'));
    const [event] = events;
    assert.deepEqual(event, {
      timeMs: 3,
      description: 'connection refused',
      name: 'tm-b',
      type: 'PEER',
      isAvailable: false,
      ipv4Available: false,
      ipv6Available: false,
    });
    peers.record(failed('tm-b', 4));
    assert.equal(events.length, 1);
  });

  it('that fails says nothing any more', () => {
    const { peers } = watched();
    peers.record(answered('tm-b', answerOf({ 'edge-1': 'up 4' }, { demo: true })));
    const change = peers.record(failed('tm-b', 1));
    assert.deepEqual(change, { caches: ['edge-1'], deliveryServices: ['demo'] });
    assert.deepEqual(peers.opinions(edge1), []);
    assert.equal(peers.get('tm-b')?.answer.caches.size, 0);
    assert.equal(peers.get('tm-b')?.error, 'refused');
  });

  it('counts for nothing when its last result is too old', () => {
    const { peers, told } = watched();
    peers.record(answered('tm-b', answerOf({ 'edge-1': 'up 4' }), 1000));
    told();
    assert.deepEqual(peers.expire(1000 + STALE_MS - 1), { caches: [], deliveryServices: [] });
    assert.deepEqual(peers.expire(1000 + STALE_MS), { caches: ['edge-1'], deliveryServices: [] });
    assert.deepEqual(peers.available, []);
    assert.deepEqual(told(), ['tm-b: no result for 5000 ms']);
    assert.deepEqual(peers.expire(20_000), { caches: [], deliveryServices: [] });
    peers.record(answered('tm-b', answerOf({ 'edge-1': 'up 4' }), 20_000));
    assert.deepEqual(told(), ['tm-b: Peer is reachable']);
  });

  it('is forgotten as soon as it is none (D48), and what it still says is passed over', () => {
    const { peers, told } = watched();
    for (const peer of ['tm-b', 'tm-c']) peers.record(answered(peer, answerOf({ 'edge-1': 'up 4' })));
    told();
    peers.apply(['tm-c', 'tm-d'], STALE_MS);
    assert.deepEqual(namesOf(peers.sorted), ['tm-c', 'tm-d']);
    assert.deepEqual(namesOf(peers.available), ['tm-c'], 'who stays keeps its state');
    peers.record(answered('tm-b', answerOf({ 'edge-1': 'down' })));
    assert.equal(peers.opinions(edge1).length, 1);
    assert.deepEqual(told(), []);
  });

  it('changes only what it says otherwise than before', () => {
    const { peers } = watched();
    const first = answerOf(
      { 'edge-1': 'up 4', 'edge-2': 'up 4', 'edge-3': 'down' },
      { demo: true, other: false },
    );
    peers.record(answered('tm-b', first));
    assert.deepEqual(peers.record(answered('tm-b', { ...first })), { caches: [], deliveryServices: [] });
    const next = answerOf(
      { 'edge-1': 'up 4', 'edge-2': 'up 4 6', 'edge-4': 'up 6' },
      { demo: false, other: false },
    );
    assert.deepEqual(peers.record(answered('tm-b', next)), {
      caches: ['edge-2', 'edge-4', 'edge-3'],
      deliveryServices: ['demo'],
    });
  });
});

it('a group of peers is told of as one', () => {
  const { peers, told, events } = watched(['far'], DISTRIBUTED_PEERS);
  peers.record(answered('far', answerOf({})));
  assert.equal(events[0]?.type, 'DISTRIBUTED_PEER');
  assert.deepEqual(told(), ['far: Distributed peer group is reachable']);
});
