import { cacheName, deliveryServiceId } from '../../../common/ids.ts';
import type { PeerAnswer, PeerOpinion } from '../../parse/peer-answer.ts';
import type { PolledPeer } from '../peer-states.ts';

/** Flags in short: `up 4`, `up 4 6`, `down`, `down 6`. */
export function opinion(flags: string): PeerOpinion {
  return {
    isAvailable: flags.startsWith('up'),
    ipv4Available: flags.includes('4'),
    ipv6Available: flags.includes('6'),
    status: 'REPORTED - available',
    lastPollMs: 1000,
  };
}

export const answerOf = (
  caches: Readonly<Record<string, string>>,
  deliveryServices: Readonly<Record<string, boolean>> = {},
): PeerAnswer => ({
  caches: new Map(Object.entries(caches).map(([name, flags]) => [cacheName(name), opinion(flags)])),
  deliveryServices: new Map(Object.entries(deliveryServices).map(([id, up]) => [deliveryServiceId(id), up])),
});

export const answered = (peer: string, answer: PeerAnswer, endMs = 0): PolledPeer<string> => ({
  peer,
  endMs,
  outcome: { kind: 'answer', answer },
});

export const failed = (peer: string, endMs = 0, reason = 'refused'): PolledPeer<string> => ({
  peer,
  endMs,
  outcome: { kind: 'error', reason },
});
