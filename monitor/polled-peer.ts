import { readPeerAnswer } from './parse/peer-answer.ts';
import { reasonOf } from './parse/unreadable.ts';
import type { PolledPeer } from './peers/peer-states.ts';
import type { FetchOutcome } from './poll/exchange.ts';

/** poll → parse: what a poll of a peer, or of a group of peers, tells. Texts: reference 7.2. */
export function polledPeer<Name extends string>(
  peer: Name,
  url: string,
  { endMs, outcome }: { readonly endMs: number; readonly outcome: FetchOutcome },
): PolledPeer<Name> {
  return { peer, endMs, outcome: read() };

  function read(): PolledPeer<Name>['outcome'] {
    const failed = (reason: string) =>
      ({ kind: 'error', reason: `id ${peer} url ${url} ${reason}` }) as const;
    if (outcome.kind === 'failure') {
      const { text, status } = outcome.failure;
      const error = failed(`fetch error: ${text}`);
      // What a monitor answers that does not know its caches yet: reference 6.4.
      return status === 503 ? { ...error, isStarting: true } : error;
    }
    try {
      return { kind: 'answer', answer: readPeerAnswer(outcome.body.toString()) };
    } catch (error) {
      return failed(`its answer cannot be read: ${reasonOf(error)}`);
    }
  }
}
