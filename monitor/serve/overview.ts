import type { TrafficOpsStatus } from '../../common/traffic-ops/feed.ts';
import type { Snapshot } from '../../common/traffic-ops/monitoring.ts';
import type { Settings } from '../config/settings.ts';
import type { CacheState } from '../health/cache-state.ts';
import { type Identity, versionText } from './identity.ts';

/** What `/api/overview` is made of. */
export interface Overview {
  readonly identity: Identity;
  readonly monitor: string;
  readonly settings: Settings;
  readonly snapshot: Snapshot | null;
  readonly trafficOps: TrafficOpsStatus;
  readonly closedBecause: string | null;
  /** Why routers get no combined states; null: they do. */
  readonly quorumProblem: string | null;
  readonly healthIntervalMs: number;
  readonly caches: readonly CacheState[];
  readonly isAvailable: (state: CacheState) => boolean;
  readonly bandwidthKbps: number;
  readonly capacityKbps: number;
  readonly nowMs: number;
}

/** `/api/overview`: one answer that tells the page what stands above everything else. Ours, never gated. */
export function overview(told: Overview): string {
  const { identity, settings, snapshot, trafficOps } = told;
  return JSON.stringify({
    monitor: told.monitor,
    version: versionText(identity),
    cdn: snapshot?.cdn ?? trafficOps.cdn ?? settings.ops.cdnName,
    trafficOps: settings.ops.url,
    isTrafficOpsReachable: trafficOps.trafficOpsReachable,
    trafficOpsError: trafficOps.lastError,
    usingDummyTO: trafficOps.usingDummyTo,
    startedMs: identity.startedMs,
    nowMs: told.nowMs,
    closedBecause: told.closedBecause,
    quorumProblem: told.quorumProblem,
    statPolling: settings.monitor.statPolling,
    healthIntervalMs: told.healthIntervalMs,
    snapshot:
      snapshot === null
        ? null
        : {
            source: snapshot.source,
            // Traffic Ops gives seconds.
            dateMs: dateMs(snapshot.crConfig.stats.date),
            acceptedMs: trafficOps.acceptedAt,
          },
    caches: counts(told),
    bandwidthKbps: told.bandwidthKbps,
    capacityKbps: told.capacityKbps,
  });
}

function dateMs(date: unknown): number | null {
  return typeof date === 'number' ? date * 1000 : null;
}

/** `down`: not available although they ought to be, as `/api/cache-down-count`. */
function counts({ caches, isAvailable }: Overview) {
  const count = { all: caches.length, available: 0, down: 0, outOfService: 0, unpolled: 0 };
  for (const state of caches) {
    if (isAvailable(state)) count.available++;
    else if (state.verdict === null) count.unpolled++;
    else if (state.subject.status === 'REPORTED') count.down++;
    else count.outOfService++;
  }
  return count;
}
