import type { HealthProtocol } from '../config/settings.ts';
import { DOWN, sameVerdict, type Verdict } from '../health/verdict.ts';
import type { PeerOpinion } from '../parse/peer-answer.ts';

/**
 * One verdict from the local one and what the available peers say of the same cache. Optimistic (reference 7.3): up if
 * anybody sees it up, over each family that anybody sees it up over. Pessimistic: up only if all who see it see it up.
 * Peers that do not know the cache have no say. The text is the local one (D50).
 *
 * @param local null: not polled yet
 * @returns `local` itself if the peers change nothing
 */
export function combine(
  local: Verdict | null,
  opinions: readonly PeerOpinion[],
  protocol: HealthProtocol,
): Verdict | null {
  if (opinions.length === 0) return local;
  const known = local ?? DOWN;
  const combined = protocol === 'optimistic' ? optimistic(known, opinions) : pessimistic(known, opinions);
  return sameVerdict(known, combined) ? local : combined;
}

function optimistic(local: Verdict, opinions: readonly PeerOpinion[]): Verdict {
  if (!opinions.some(({ isAvailable }) => isAvailable)) return local;
  return {
    isAvailable: true,
    ipv4Available: local.ipv4Available || opinions.some(({ ipv4Available }) => ipv4Available),
    ipv6Available: local.ipv6Available || opinions.some(({ ipv6Available }) => ipv6Available),
    status: local.status,
  };
}

function pessimistic(local: Verdict, opinions: readonly PeerOpinion[]): Verdict {
  return {
    isAvailable: local.isAvailable && opinions.every(({ isAvailable }) => isAvailable),
    ipv4Available: local.ipv4Available && opinions.every(({ ipv4Available }) => ipv4Available),
    ipv6Available: local.ipv6Available && opinions.every(({ ipv6Available }) => ipv6Available),
    status: local.status,
  };
}
