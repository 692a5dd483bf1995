import type { CacheServer } from '../../../common/traffic-ops/monitoring.ts';
import { PollTally } from '../../poll/poll-tally.ts';
import { cacheServer, snapshotOf, statesOf } from '../../testing/configs.ts';
import type { MonitorFigures } from '../metrics-values.ts';

export const NOW_MS = Date.UTC(2026, 4, 7, 4, 5, 6);

/** A monitor of these caches that is in order and has polled nothing; its states are the caller's to change. */
export function monitorOf(
  caches: readonly CacheServer[] = [cacheServer('edge-1')],
  changes: Partial<MonitorFigures> = {},
) {
  const states = statesOf({ caches, deliveryServices: ['ds-1', 'ds-2'] });
  const health = new PollTally();
  health.retain(new Set(caches.map(({ cachegroup }) => cachegroup)));
  const figures = (): MonitorFigures => ({
    nowMs: NOW_MS,
    identity: {
      version: '1.2.3',
      gitRevision: '0123456789',
      buildTimestamp: 'today',
      program: 'traffic_monitor',
      directory: '/opt',
      startedMs: NOW_MS - 60_000,
    },
    nodeVersion: 'v24.0.0',
    cdn: 'test-cdn',
    gateOpen: true,
    ready: true,
    errors: 0,
    events: 0,
    caches: states.sorted,
    isAvailable: ({ subject }) => states.combined.get(subject.name)?.isAvailable ?? false,
    isOverridden: ({ subject }) => states.combined.get(subject.name)?.isOverridden ?? false,
    peers: [],
    groups: null,
    quorum: true,
    quorumMinimum: 0,
    deliveryServices: states.combined.deliveryServices,
    bandwidthKbps: 0,
    capacityKbps: 0,
    polls: new Map([['health', health]]),
    pollIntervalMs: 2000,
    snapshot: snapshotOf({ caches }),
    trafficOps: {
      cdn: undefined,
      usingDummyTo: false,
      lastError: null,
      trafficOpsReachable: true,
      acceptedAt: NOW_MS - 3000,
      remoteAddress: '',
      heldBackCaches: 0,
    },
    ...changes,
  });
  return { states, health, figures };
}
