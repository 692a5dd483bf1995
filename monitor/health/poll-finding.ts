import {
  type CacheState,
  capacityKbpsOf,
  clientConnections,
  ownPollerState,
  type PolledCache,
  type PollerName,
  resultTimeMs,
} from './cache-state.ts';
import { firstRawViolation } from './thresholds.ts';
import type { Finding } from './verdict.ts';
import { vitalsOf } from './vitals.ts';

/** What the last health poll found, as far as it is still known. */
export function lastFinding({ health: { vitals, last } }: CacheState): Finding {
  if (vitals === null || last === null || last.error !== null) {
    return { kind: 'error', reason: last?.error ?? 'not polled yet' };
  }
  return {
    kind: 'vitals',
    vitals,
    notAvailable: false,
    rawViolation: null,
    queryTimeMs: Math.trunc(last.durationMs),
  };
}

/** What a poll yielded; a stat poll also settles which of its thresholds is violated. */
export function findingOf(state: CacheState, { poller, outcome, endMs, durationMs }: PolledCache): Finding {
  if (outcome.kind === 'error') return outcome;
  const { sample } = outcome;
  const timeMs = resultTimeMs(sample, endMs);
  const vitals = vitalsOf(sample, timeMs, state.subject.monitoredInterfaces, state[poller].vitals);
  // Health polls do not bring these statistics: what the last stat poll found stands until the next one (D35).
  if (poller === 'stat') state.rawViolation = firstRawViolation(state.subject.rawThresholds, sample.stats);
  return {
    kind: 'vitals',
    vitals,
    notAvailable: sample.notAvailable,
    rawViolation: state.rawViolation,
    queryTimeMs: Math.trunc(durationMs),
  };
}

/** Keeps of a poll what rates and figures need later. */
export function summarize(state: CacheState, poll: PolledCache, finding: Finding): void {
  const { poller, outcome, endMs, durationMs } = poll;
  const own = ownPollerState(state, poller);
  if (own.last !== null) own.spanMs = endMs - own.last.endMs;
  own.last = { endMs, durationMs, error: outcome.kind === 'error' ? outcome.reason : null };
  if (outcome.kind === 'error' || finding.kind === 'error') return;
  own.vitals = finding.vitals;
  own.goodDurationMs = durationMs;
  own.goodPolls++;
  state.capacityKbps = capacityKbpsOf(outcome.sample);
  state.connections = clientConnections(outcome.sample) ?? state.connections;
}

/** What the cache claims, if it answered; else when the poll had failed. */
export const resultTimeOf = ({ endMs }: PolledCache, finding: Finding): number =>
  finding.kind === 'vitals' ? finding.vitals.timeMs : endMs;

/**
 * One bad result, or the second good one: only then are there rates. A good stat poll is enough when statistics say so,
 * `markPolled`. Reference 6.4.
 */
export function isEnough(state: CacheState, poller: PollerName, finding: Finding): boolean {
  if (finding.kind === 'error' || finding.notAvailable) return true;
  return poller === 'health' && state.health.goodPolls >= 2;
}
