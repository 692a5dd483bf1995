import type { CacheState } from '../health/cache-state.ts';
import type { PeerState } from '../peers/peer-states.ts';
import type { Identity } from './identity.ts';

/** Figures of the running process, read at the edge. */
export interface ProcessFigures {
  /** End of the newest collection; null: none yet. */
  readonly collectedMs: number | null;
  /** Share of the time that collections took, 0 to 1. */
  readonly collectingShare: number;
  /** ms since the epoch. */
  readonly nowMs: number;
  readonly uptimeSeconds: number;
  readonly heapUsedBytes: number;
  readonly heapTotalBytes: number;
  readonly residentBytes: number;
  readonly freeMemoryBytes: number;
  readonly errors: number;
  readonly polls: number;
  /** The ms that a health poll of each cache is meant to take place in. */
  readonly targetIntervalMs: number;
  /** Handles that keep the process busy; the nearest thing to goroutines. */
  readonly activeResources: number;
}

const MB = 2 ** 20;
/** What the Go monitor says when no peer has been polled: the longest time it can name. */
const NO_PEER_MS = 9223372036854;

/** `/publish/Stats`: keys, order and types of reference 9.13, with real values where the Go monitor has constants (D60). */
export function processStats(
  identity: Identity,
  figures: ProcessFigures,
  caches: readonly CacheState[],
  peers: readonly PeerState<string>[],
): string {
  const oldest = oldestPolled(peers);
  const spans = caches
    .filter(({ health }) => health.spanMs > 0)
    .sort((a, b) => a.health.spanMs - b.health.spanMs);
  const slowest = spans.at(-1);
  const actual = Math.round(slowest?.health.spanMs ?? 0);
  const target = Math.round(figures.targetIntervalMs);
  // With no cache polled twice there is no percentile; the Go monitor drops the connection instead (D3).
  const percentile = Math.round(spans[Math.floor(spans.length * 0.95)]?.health.spanMs ?? 0);
  const stats = {
    'Max Memory (MB)': text(figures.residentBytes / MB),
    'git-revision': identity.gitRevision,
    'Error Count': text(figures.errors),
    uptime: text(figures.uptimeSeconds),
    'Free Memory (MB)': text(figures.freeMemoryBytes / MB),
    'Total Memory (MB)': text(figures.heapUsedBytes / MB),
    version: identity.version,
    'deploy-dir': identity.directory,
    'Fetch Count': text(figures.polls),
    'Query Interval Delta': text(actual - target),
    'Iteration Count': '0',
    name: identity.program,
    buildTimestamp: identity.buildTimestamp,
    'Query Interval Target': text(target),
    'Query Interval Actual': text(actual),
    'Slowest Cache': slowest?.subject.name ?? '',
    'Last Query Interval': text(Math.max(actual, target)),
    Goroutines: figures.activeResources,
    'Last Garbage Collection': goTime(figures.collectedMs),
    'Memory Bytes Allocated': figures.heapUsedBytes,
    'Total Bytes Allocated': figures.heapTotalBytes,
    'System Bytes Allocated': figures.residentBytes,
    'Oldest Polled Peer': oldest?.name ?? '',
    'Oldest Polled Peer Time (ms)': oldest === null ? NO_PEER_MS : Math.max(0, figures.nowMs - oldest.lastMs),
    'Query Interval 95th Percentile (ms)': percentile,
    'gc-cpu-fraction': figures.collectingShare,
  };
  return JSON.stringify({ stats });
}

/** The peer whose last result, good or bad, is the oldest. */
function oldestPolled(peers: readonly PeerState<string>[]): { name: string; lastMs: number } | null {
  let oldest: { name: string; lastMs: number } | null = null;
  for (const { name, lastMs } of peers) {
    if (lastMs !== null && (oldest === null || lastMs < oldest.lastMs)) oldest = { name, lastMs };
  }
  return oldest;
}

/** As Go prints a time; the unset one is 1970. */
const goTime = (timeMs: number | null): string =>
  new Date(timeMs ?? 0).toISOString().replace('T', ' ').replace('Z', ' +0000 UTC');

const text = (value: number): string => String(Math.trunc(value));
