import type { Snapshot } from '../common/traffic-ops/monitoring.ts';
import type { MonitorSettings } from './config/settings.ts';
import { deliveryServicesByCache, needsSnapshot, snapshotAssignments } from './health/assigned-caches.ts';
import type { HealthConfig } from './health/cache-states.ts';
import { isComputedStat, isTextualStat } from './health/computed-stats.ts';
import { subjectOf } from './health/subject.ts';
import { planTargets } from './poll/poll-targets.ts';

type PollingSettings = Pick<MonitorSettings, 'cachePollingProtocol' | 'statPolling'>;

export interface AppliedConfig {
  readonly health: HealthConfig;
  /** The parsed CDN snapshot, where a delivery service has to be looked up in it; null: there is none. */
  readonly document: unknown;
  /** For people: what in the snapshot cannot work as it is written. */
  readonly warnings: readonly string[];
}

/** Everything that health derives from one snapshot. Pure: the same snapshot gives the same plan. */
export function healthConfigOf(
  { monitoring, crConfig }: Snapshot,
  { cachePollingProtocol: protocol, statPolling }: PollingSettings,
): AppliedConfig {
  const plan = planTargets(monitoring, protocol);
  const document: unknown = needsSnapshot(monitoring)
    ? JSON.parse(crConfig.document.unpack().toString())
    : null;
  const deliveryServices = deliveryServicesByCache(monitoring, snapshotAssignments(document));
  const subjects = [...monitoring.caches.values()].map((server) =>
    subjectOf(server, monitoring, deliveryServices.get(server.name) ?? []),
  );
  const unpollable = [...plan.unpollable].map(
    ([cache, reason]) => `cache ${cache} ${reason}; it is unavailable until Traffic Ops is corrected`,
  );
  return {
    document,
    health: {
      subjects,
      deliveryServices: [...monitoring.deliveryServices.keys()],
      protocol,
      gatedBy: statPolling ? 'stat' : 'health',
      unpollable: plan.unpollable,
      polledElsewhere: new Set(),
    },
    warnings: [
      ...unpollable,
      ...plan.warnings,

      ...uncheckedThresholds(monitoring, statPolling),
    ],
  };
}

function uncheckedThresholds({ profiles }: Snapshot['monitoring'], statPolling: boolean): string[] {
  const warnings: string[] = [];
  for (const { name, thresholds } of profiles.values()) {
    for (const { stat } of thresholds) {
      if (isComputedStat(stat) || (statPolling && !isTextualStat(stat))) continue;
      const why = isTextualStat(stat)
        ? 'it is no number'
        : 'it is a statistic of the payload, and stat_polling is false';
      warnings.push(`profile "${name}": health.threshold.${stat} is not checked: ${why}`);
    }
  }
  return warnings;
}
