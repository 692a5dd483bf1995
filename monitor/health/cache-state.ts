import type { CacheName } from '../../common/ids.ts';
import type { Family } from '../../common/traffic-ops/service-addresses.ts';
import type { ParseOutcome, Sample } from '../parse/sample.ts';
import type { Subject } from './subject.ts';
import type { Verdict } from './verdict.ts';
import type { Vitals } from './vitals.ts';

/** Health polls are small and frequent, stat polls bring all statistics. Each has its own base of rates. */
export type PollerName = 'health' | 'stat';

/** A poll that ended, its answer parsed. */
export interface PolledCache {
  readonly cache: CacheName;
  readonly poller: PollerName;
  readonly family: Family;
  /** When the answer was complete, or the poll had failed: ms since the epoch. */
  readonly endMs: number;
  /** From the request to `endMs`, in ms. */
  readonly durationMs: number;
  readonly outcome: ParseOutcome;
}

/** What a verdict rests on. */
export type VerdictSource =
  /** A poll by this monitor. */
  | { readonly kind: 'poll' }
  /** The config alone: ONLINE caches, and those that cannot be polled. */
  | { readonly kind: 'config' }
  /** The word of another monitor, taken over as it is; `receivedMs` since the epoch. */
  | { readonly kind: 'received'; readonly from: string; readonly receivedMs: number };

/** What is known of one cache. A poll changes this and nothing else. */
export interface CacheState {
  subject: Subject;
  /** Whether it is for this monitor to poll; ONLINE caches are for nobody. Reference 7.5. */
  isDirect: boolean;
  /** null: nothing is known yet. */
  source: VerdictSource | null;
  /** null: not polled yet. */
  verdict: Verdict | null;
  /** Time of the result that the verdict rests on: ms since the epoch; null: none (never polled, or ONLINE). */
  lastPollMs: number | null;
  /** Whose result the verdict rests on; null: none. */
  judgedBy: PollerName | null;
  health: PollerState;
  stat: PollerState;
  /** The threshold on a statistic of the payload that the last stat poll found violated (D35); null: none. */
  rawViolation: string | null;
  /** Fastest interface of the last good answer, in kbps. */
  capacityKbps: number;
  /** Client connections by the last good answer, 0 if it does not say. */
  connections: number;
  /** Enough polls by this monitor for a verdict of its own that is worth telling: reference 6.4. */
  polled: boolean;
  /** Something is known that is worth telling, by own polls or by others' word: the gate waits for it. */
  isKnown: boolean;
}

/** What one of the two pollers has found. */
export interface PollerState {
  /** Of the last good answer; the base of the next rates. */
  vitals: Vitals | null;
  /** The newest poll. */
  last: PollSummary | null;
  /** ms between the ends of the two newest polls; 0 until there are two. */
  spanMs: number;
  /** ms that the last good poll took; 0 until there was one. */
  goodDurationMs: number;
  goodPolls: number;
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
    isDirect: false,
    source: null,
    verdict: null,
    lastPollMs: null,
    judgedBy: null,
    health: NEVER_POLLED,
    stat: NEVER_POLLED,
    rawViolation: null,
    capacityKbps: 0,
    connections: 0,
    polled: false,
    isKnown: false,
  };
}

/** Before the first poll: caches that others poll, and statistics where nobody polls them, need no state of their own. */
export const NEVER_POLLED: Readonly<PollerState> = Object.freeze({
  vitals: null,
  last: null,
  spanMs: 0,
  goodDurationMs: 0,
  goodPolls: 0,
});

/** The state of a poller, to be written to. */
export function ownPollerState(state: CacheState, poller: PollerName): PollerState {
  const known = state[poller];
  if (known !== NEVER_POLLED) return known;
  const own = newPollerState();
  state[poller] = own;
  return own;
}

const newPollerState = (): PollerState => ({
  vitals: null,
  last: null,
  spanMs: 0,
  goodDurationMs: 0,
  goodPolls: 0,
});

/** Latest time that RFC 3339 can write. */
const LATEST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** The time that a sample claims (reference 4.1), if it is one that can be published; else when the poll ended. */
export function resultTimeMs(sample: Sample, endMs: number): number {
  const claimed = sample.timestampMs;
  return claimed !== null && claimed >= 0 && claimed <= LATEST_MS ? claimed : endMs;
}

/**
 * Connections of clients now, as ATS counts them; strings of digits count too (D70), anything else is 0. null: the
 * answer does not say, as those to health polls of astats do not.
 */
export function clientConnections(sample: Sample): number | null {
  const stat = sample.stats.get('proxy.process.http.current_client_connections');
  if (stat === undefined) return null;
  const value = typeof stat === 'string' && /^\d+$/.test(stat) ? Number(stat) : stat;
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

/** kbps of the fastest interface: reference 4.7. */
export function capacityKbpsOf(sample: Sample): number {
  let fastest = 0;
  for (const { speedMbps } of sample.interfaces.values()) fastest = Math.max(fastest, speedMbps * 1000);
  return fastest;
}
