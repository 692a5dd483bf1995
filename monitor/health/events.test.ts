import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AvailabilityEvent, EventRing, eventTypeOf } from './events.ts';

const event = (name: string): AvailabilityEvent => ({
  timeMs: 1000,
  description: 'Available caches',
  name,
  type: 'DELIVERYSERVICE',
  isAvailable: true,
  ipv4Available: false,
  ipv6Available: false,
});

function ringOf(limit: number, ...names: string[]): EventRing {
  const ring = new EventRing(limit);
  for (const name of names) ring.add(event(name));
  return ring;
}

const told = (ring: EventRing): string =>
  ring.newestFirst.map(({ index, name }) => `${index}${name}`).join(' ');

test('events are numbered from 0 and come newest first', () => {
  const ring = ringOf(5, 'a', 'b', 'c');
  assert.equal(told(ring), '2c 1b 0a');
  assert.deepEqual(ring.add(event('d')), { ...event('d'), index: 3 });
});

test('as many are kept as the limit says, not one less', () => {
  assert.equal(told(ringOf(3, 'a', 'b', 'c')), '2c 1b 0a');
  assert.equal(told(ringOf(3, 'a', 'b', 'c', 'd', 'e')), '4e 3d 2c');
  assert.equal(told(ringOf(1, 'a', 'b')), '1b');
});

test('the newest survive a smaller limit; numbers go on', () => {
  const ring = ringOf(4, 'a', 'b', 'c', 'd');
  ring.setLimit(2);
  assert.equal(told(ring), '3d 2c');
  ring.add(event('e'));
  assert.equal(told(ring), '4e 3d');
  ring.setLimit(3);
  ring.add(event('f'));
  assert.equal(told(ring), '5f 4e 3d');
});

test('the revision changes with each event, also when the ring is full', () => {
  const ring = ringOf(1, 'a');
  const before = ring.revision;
  ring.add(event('a'));
  assert.notEqual(ring.revision, before);
});

test('a cache of unknown type has a name for that', () => {
  assert.deepEqual((['EDGE', 'MID', 'invalid'] as const).map(eventTypeOf), [
    'EDGE',
    'MID',
    'INVALIDCACHETYPE',
  ]);
});
