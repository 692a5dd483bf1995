import type { CacheName } from '../../common/ids.ts';
import type { ParseOutcome, Sample } from '../parse/sample.ts';
import type { Family } from './service-addresses.ts';
import type { Subject } from './subject.ts';
import type { Verdict } from './verdict.ts';
import type { Vitals } from './vitals.ts';

/** A poll that ended, its answer parsed. */
export interface PolledCache {
  readonly cache: CacheName;
  readonly family: Family;
  /** When the answer was complete, or the poll had failed: ms since the epoch. */
  readonly endMs: number;
  /** From the request to `endMs`, in ms. */
  readonly durationMs: number;
  readonly outcome: ParseOutcome;
}

/** What is known of one cache. A poll changes this and nothing else. */
export interface CacheState {
  subject: Subject;
  /** null: not polled yet. */
  verdict: Verdict | null;
  /** Time of the result that the verdict rests on: ms since the epoch; null: none (never polled, or ONLINE). */
  lastPollMs: number | null;
  /** Of the last good answer; the base of the next rates. */
  vitals: Vitals | null;
  /** The newest poll. */
  last: PollSummary | null;
  /** ms between the ends of the two newest polls; 0 until there are two. */
  spanMs: number;
  /** ms that the last good poll took; 0 until there was one. */
  goodDurationMs: number;
  /** Fastest interface of the last good answer, in kbps. */
  capacityKbps: number;
  /** Client connections by the last good answer, 0 if it does not say. */
  connections: number;
  goodPolls: number;
  /** Enough is known for the gate: reference 6.4. */
  polled: boolean;
}

export interface PollSummary {
  readonly endMs: number;
  readonly durationMs: number;
  /** null: a good answer. */
  readonly error: string | null;
}

export function newCacheState(subject: Subject): CacheState {
  return {
    subject,
    verdict: null,
    lastPollMs: null,
    vitals: null,
    last: null,
    spanMs: 0,
    goodDurationMs: 0,
    capacityKbps: 0,
    connections: 0,
    goodPolls: 0,
    polled: false,
  };
}

/** Latest time that RFC 3339 can write. */
const LATEST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** The time that a sample claims (reference 4.1), if it is one that can be published; else when the poll ended. */
export function resultTimeMs(sample: Sample, endMs: number): number {
  const claimed = sample.timestampMs;
  return claimed !== null && claimed >= 0 && claimed <= LATEST_MS ? claimed : endMs;
}

/** Connections of clients now, as ATS counts them; strings of digits count too (D70), anything else is 0. */
export function clientConnections(sample: Sample): number {
  const stat = sample.stats.get('proxy.process.http.current_client_connections');
  const value = typeof stat === 'string' && /^\d+$/.test(stat) ? Number(stat) : stat;
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

/** kbps of the fastest interface: reference 4.7. */
export function capacityKbpsOf(sample: Sample): number {
  let fastest = 0;
  for (const { speedMbps } of sample.interfaces.values()) fastest = Math.max(fastest, speedMbps * 1000);
  return fastest;
}
