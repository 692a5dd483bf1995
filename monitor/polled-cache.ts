import type { PolledCache, PollerName } from './health/cache-state.ts';
import { formatNamed, unknownFormatReason } from './parse/formats.ts';
import type { ParseOutcome } from './parse/sample.ts';
import type { ShapeMemory } from './parse/shape-memory.ts';
import type { PollResult } from './poll/cache-poller.ts';
import type { PollFailure } from './poll/poll-tally.ts';

/**
 * poll → parse: what a finished poll tells the health protocol. Texts: reference 3.4.
 *
 * @param shapes what the caches' payloads looked like before
 */
export function polledCache(
  { target, probe, endMs, durationMs, outcome }: PollResult,
  poller: PollerName,
  shapes: ShapeMemory,
): PolledCache {
  return { cache: target.cache, poller, family: probe.family, endMs, durationMs, outcome: parsed() };

  function parsed(): ParseOutcome {
    const { cache } = target;
    if (outcome.kind === 'failure') {
      const url = probe.kind === 'http' ? probe.url : '';
      return { kind: 'error', reason: `id ${cache} url ${url} fetch error: ${outcome.failure.text}` };
    }
    const format = formatNamed(target.format);
    if (format === undefined) return { kind: 'error', reason: unknownFormatReason(target.format) };
    return format.parse({ cache, body: outcome.body, contentType: outcome.contentType, shapes });
  }
}

/** Whether nobody said anything, not even no. */
export const isSilence = (failure: PollFailure | null): boolean =>
  failure === 'timeout' || failure === 'unreachable' || failure === 'dns';

/** Why a poll failed, for metrics: decided where it failed, never by its text. null: it did not. */
export function failureOf({ outcome }: PollResult, polled: PolledCache): PollFailure | null {
  if (outcome.kind === 'failure') return outcome.failure.class;
  return polled.outcome.kind === 'error' ? 'parse' : null;
}
