import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CacheType } from '../../common/traffic-ops/monitoring.ts';
import { PEERS, PeerStates } from '../peers/peer-states.ts';
import { answered, answerOf, failed } from '../peers/testing/answers.ts';
import { peerStates } from './peer-states.ts';
import { parseQuery } from './query.ts';
import type { Reply } from './reply.ts';

const T = Date.UTC(2026, 4, 7, 4, 5, 6);
const types = new Map<string, CacheType>([
  ['edge-1', 'EDGE'],
  ['mid-1', 'MID'],
]);

/** `tm-b` knows three caches, one of them strange; `tm-c` fails. */
function ask(query: string, argument = ''): Reply {
  const peers = new PeerStates<string>(PEERS, () => {});
  peers.apply(['tm-c', 'tm-b'], 1000);
  peers.record(answered('tm-b', answerOf({ 'edge-1': 'up 4', 'mid-1': 'down 6', stranger: 'up 4 6' })));
  peers.record(failed('tm-c'));
  const typeOf = (name: string) => types.get(name);
  return peerStates(parseQuery(query), argument, { peers: peers.sorted, typeOf, nowMs: T });
}

const edge1 = '"edge-1":[{"value":true,"ipv4Available":true,"ipv6Available":false}]';
const mid1 = '"mid-1":[{"value":false,"ipv4Available":false,"ipv6Available":true}]';
const stranger = '"stranger":[{"value":true,"ipv4Available":true,"ipv6Available":true}]';
const all = `"tm-b":{${edge1},${mid1},${stranger}},"tm-c":{}`;

describe('the states of peers', () => {
  const good: readonly [query: string, pp: string, peers: string, argument?: string][] = [
    ['', '', all],
    ['hc=7', 'hc=[7]', all],
    ['type=', 'type=[]', all],
    ['stats=&peers=', 'stats=[], peers=[]', all],
    ['stats=edge-1', 'stats=[edge-1]', `"tm-b":{${edge1}},"tm-c":{}`],
    ['stats=ge-1', 'stats=[ge-1]', '"tm-b":{},"tm-c":{}'],
    [
      'stats=ge-1,str&wildcard=true',
      'stats=[ge-1,str], wildcard=[true]',
      `"tm-b":{${edge1},${stranger}},"tm-c":{}`,
    ],
    ['type=edge', 'type=[edge]', `"tm-b":{${edge1}},"tm-c":{}`],
    ['type=MID_01', 'type=[MID_01]', `"tm-b":{${mid1}},"tm-c":{}`],
    ['peers=tm-c,tm-z', 'peers=[tm-c,tm-z]', '"tm-c":{}'],
    ['', '', '"tm-c":{}', 'tm-c'],
    ['peers=tm-c', 'peers=[tm-c]', all, 'tm-b'],
  ];
  for (const [query, pp, peers, argument = ''] of good) {
    it(`/${argument}?${query}`, () => {
      const reply = ask(query, argument);
      assert.deepEqual([reply.status, reply.contentType], [200, 'application/json']);
      assert.equal(reply.body, `{"pp":"${pp}","date":"Thu May 07 04:05:06 UTC 2026","peers":{${peers}}}`);
    });
  }

  const bad: readonly [query: string, message: string][] = [
    ['x=1', "invalid query parameter 'x'"],
    ['Type=edge', "invalid query parameter 'Type'"],
    ['type=tr', "invalid query parameter type 'tr' - valid types are: {edge, mid}"],
    ['hc=1&stats=a&wildcard=1&type=edge&peers=p&x=1', 'invalid query parameters'],
  ];
  for (const [query, message] of bad) {
    it(`?${query} is refused: ${message}`, () => {
      const { status, contentType, body } = ask(query);
      assert.deepEqual([status, contentType, body], [400, 'application/json', message]);
    });
  }
});
