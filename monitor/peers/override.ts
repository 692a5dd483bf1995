import type { CacheName } from '../../common/ids.ts';
import type { HealthProtocol } from '../config/settings.ts';
import type { Verdict } from '../health/verdict.ts';
import type { PeerState } from './peer-states.ts';

/** What an override is told by. */
export interface OverrideView {
  readonly cache: CacheName;
  readonly local: Verdict | null;
  /** Those that are available. */
  readonly peers: readonly PeerState<string>[];
}

const CONDITION = 'Health protocol override condition';

/** Peers have overruled the local verdict. The optimistic texts are those of reference 7.3, the others are ours. */
export function detectedText({ cache, peers }: OverrideView, protocol: HealthProtocol): string {
  const overruling = peers
    .filter(({ answer }) => {
      const opinion = answer.caches.get(cache);
      return opinion !== undefined && opinion.isAvailable === (protocol === 'optimistic');
    })
    .map(({ name }) => name)
    .join(', ');
  return `${CONDITION} detected; ${protocol === 'optimistic' ? 'healthy' : 'unhealthy'} on (at least) ${overruling}`;
}

/** They do not any more. */
export function clearedText({ local, peers }: OverrideView, protocol: HealthProtocol): string {
  const isAvailable = local?.isAvailable ?? false;
  if (protocol === 'optimistic' && isAvailable) return `${CONDITION} cleared; healthy locally`;
  if (protocol === 'pessimistic' && !isAvailable) return `${CONDITION} cleared; unhealthy locally`;
  if (peers.length === 0) return `${CONDITION} irrelevant; no peers online`;
  return protocol === 'optimistic'
    ? `${CONDITION} irrelevant; not online on any peers`
    : `${CONDITION} irrelevant; online on all peers`;
}
