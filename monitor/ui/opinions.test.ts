import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { opinionsOf } from './page/opinions.js';
import type { CacheDetail } from './types.ts';

const own = {
  isAvailable: false,
  ipv4Available: false,
  ipv6Available: false,
  reason: 'REPORTED - gone',
  poller: 'health',
  timeMs: 1,
  from: null,
  receivedMs: null,
};

const cache = (changes: Partial<CacheDetail> = {}): CacheDetail =>
  ({ name: 'edge-1', isAvailable: true, own, ...changes }) as CacheDetail;

const up = { value: true, ipv4Available: true, ipv6Available: false };
const told = (says: ReturnType<typeof opinionsOf>) => says.map(({ who, isAvailable }) => [who, isAvailable]);

describe('opinions on a cache', () => {
  it('are what routers are told, what this monitor sees, then peers and groups by name', () => {
    const says = opinionsOf(cache(), [
      { kind: 'peer', states: { peers: { 'tm-3': { 'edge-1': [up] }, 'tm-2': { 'edge-2': [up] } } } },
      { kind: 'group', states: { peers: { apac: { 'edge-1': [up] } } } },
    ]);
    assert.deepEqual(told(says), [
      ['Routers are told', true],
      ['This monitor', false],
      ['peer tm-2', null],
      ['peer tm-3', true],
      ['group apac', true],
    ]);
  });

  it('name the monitor whose word this one passes on', () => {
    const says = opinionsOf(cache({ own: { ...own, from: 'apac-0' } }), []);
    assert.equal(says[1]?.who, 'This monitor, by word of apac-0');
  });

  it('of a cache that nobody has polled are none', () => {
    assert.deepEqual(told(opinionsOf(cache({ isAvailable: null, own: null }), [])), [
      ['Routers are told', null],
      ['This monitor', null],
    ]);
  });
});
