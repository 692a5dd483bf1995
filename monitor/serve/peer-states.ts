import type { CacheName } from '../../common/ids.ts';
import type { CacheType } from '../../common/traffic-ops/monitoring.ts';
import type { PeerState } from '../peers/peer-states.ts';
import { commonDate } from './json-text.ts';
import { type Query, queryText } from './query.ts';
import { badRequest, json, type Reply } from './reply.ts';
import { type PeerFilter, passes, peerFilter } from './stat-filters.ts';

/** What `/publish/PeerStates` tells of. */
export interface PeerStatesSource {
  /** Peers, or groups of them, by name. */
  readonly peers: readonly PeerState<string>[];
  /** undefined: the cache is not in the config. */
  readonly typeOf: (cache: CacheName) => CacheType | undefined;
  readonly nowMs: number;
}

/**
 * `/publish/PeerStates` and `/publish/DistributedPeerStates`: reference 9.11.
 *
 * @param argument what follows the route in the path: one more peer
 */
export function peerStates(
  query: Query,
  argument: string,
  { peers, typeOf, nowMs }: PeerStatesSource,
): Reply {
  const filter = peerFilter(query, argument);
  if ('problem' in filter) return badRequest(filter.problem);
  const told = peers
    .filter(({ name }) => filter.peers?.has(name) ?? true)
    .map((peer) => [peer.name, opinionsOf(peer, filter, typeOf)]);
  return json(
    JSON.stringify({ pp: queryText(query), date: commonDate(nowMs), peers: Object.fromEntries(told) }),
  );
}

function opinionsOf(
  { answer }: PeerState<string>,
  { caches, type }: PeerFilter,
  typeOf: PeerStatesSource['typeOf'],
): Record<string, unknown> {
  const told: [string, unknown][] = [];
  for (const [name, { isAvailable, ipv4Available, ipv6Available }] of answer.caches) {
    if (!passes(caches, name) || (type !== null && typeOf(name) !== type)) continue;
    told.push([name, [{ value: isAvailable, ipv4Available, ipv6Available }]]);
  }
  return Object.fromEntries(told);
}
