import type { MonitoringConfig } from '../../common/traffic-ops/monitoring.ts';

export interface PollingParameters {
  /** ms between two health polls of one cache. */
  readonly healthIntervalMs: number;
  readonly healthKeepAlive: boolean;
  /** ms between two stat polls of one cache. */
  readonly statIntervalMs: number;
  readonly statKeepAlive: boolean;
  /** ms between two polls of one peer, or of one group of peers. */
  readonly peerIntervalMs: number;
  readonly peerKeepAlive: boolean;
  /** For people: values that cannot be used as they are. */
  readonly warnings: readonly string[];
}

/** The Go monitor polls a little more often than it is told, so that a late poll is still in time: reference 2.5. */
export const EAGERNESS = 0.97;

/** Intervals and keep-alive switches of the monitoring config's `config`: reference 2.5. */
export function pollingParameters({ parameters }: MonitoringConfig): PollingParameters {
  const interval = parameters.get('heartbeat.polling.interval');
  // The name is historical: this one is for stat polls.
  const fallback = parameters.get('health.polling.interval');
  const peers = parameters.get('peers.polling.interval');
  const wanted = isInterval(interval) ? interval : isInterval(fallback) ? fallback : DEFAULT_INTERVAL_MS;
  const bounded = inBounds(wanted);
  return {
    healthIntervalMs: bounded * EAGERNESS,
    healthKeepAlive: keepsAlive(parameters.get('health.polling.keepalive')),
    statIntervalMs: inBounds(isInterval(fallback) ? fallback : DEFAULT_INTERVAL_MS) * EAGERNESS,
    statKeepAlive: keepsAlive(parameters.get('stat.polling.keepalive')),
    peerIntervalMs: inBounds(isInterval(peers) ? peers : DEFAULT_INTERVAL_MS) * EAGERNESS,
    peerKeepAlive: keepsAlive(parameters.get('peer.polling.keepalive')),
    warnings: interval === bounded ? [] : [intervalWarning(interval, bounded)],
  };
}

/** Only if neither key can be used; decoding refuses such documents, so this is a last resort (D6). */
const DEFAULT_INTERVAL_MS = 6000;

/** Shorter, and there is time for nothing else; longer, and a mistyped value leaves the CDN unwatched (D6). */
const SHORTEST_MS = 10;
const LONGEST_MS = 3_600_000;

const inBounds = (ms: number): number => Math.min(Math.max(Math.trunc(ms), SHORTEST_MS), LONGEST_MS);

const intervalWarning = (given: unknown, used: number): string =>
  `heartbeat.polling.interval is ${given === undefined ? 'missing' : JSON.stringify(given)}: caches are polled every ${used} ms; set it in Traffic Ops to a whole number of ms from ${SHORTEST_MS} to ${LONGEST_MS}`;

const isInterval = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 1;

/** Off only by a string that does not begin with `t`; numbers and booleans are ignored. */
const keepsAlive = (value: unknown): boolean =>
  typeof value !== 'string' || value.toLowerCase().startsWith('t');
