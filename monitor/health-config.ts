import type { Snapshot } from '../common/traffic-ops/monitoring.ts';
import type { PollingProtocol } from './config/settings.ts';
import {
  deliveryServicesByCache,
  needsSnapshot,
  noAssignments,
  snapshotAssignments,
} from './health/assigned-caches.ts';
import type { HealthConfig } from './health/cache-states.ts';
import { isComputedStat, isTextualStat } from './health/computed-stats.ts';
import { subjectOf } from './health/subject.ts';
import { type PollTarget, planTargets } from './poll/poll-targets.ts';

export interface AppliedConfig {
  readonly health: HealthConfig;
  readonly targets: readonly PollTarget[];
  /** For people: what in the snapshot cannot work as it is written. */
  readonly warnings: readonly string[];
}

/** Everything that polling and health derive from one snapshot. Pure: the same snapshot gives the same plan. */
export function healthConfigOf({ monitoring, crConfig }: Snapshot, protocol: PollingProtocol): AppliedConfig {
  const plan = planTargets(monitoring, protocol);
  const assignments = needsSnapshot(monitoring)
    ? snapshotAssignments(JSON.parse(crConfig.bytes.toString()))
    : noAssignments;
  const deliveryServices = deliveryServicesByCache(monitoring, assignments);
  const subjects = [...monitoring.caches.values()].map((server) =>
    subjectOf(server, monitoring, deliveryServices.get(server.name) ?? []),
  );
  const unpollable = [...plan.unpollable].map(
    ([cache, reason]) => `cache ${cache} ${reason}; it is unavailable until Traffic Ops is corrected`,
  );
  return {
    health: {
      subjects,
      deliveryServices: [...monitoring.deliveryServices.keys()],
      protocol,
      unpollable: plan.unpollable,
    },
    targets: plan.targets,
    warnings: [...unpollable, ...plan.warnings, ...uncheckedThresholds(monitoring)],
  };
}

function uncheckedThresholds({ profiles }: Snapshot['monitoring']): string[] {
  const warnings: string[] = [];
  for (const { name, thresholds } of profiles.values()) {
    for (const { stat } of thresholds) {
      if (isComputedStat(stat)) continue;
      const why = isTextualStat(stat)
        ? 'it is no number'
        : 'it is a statistic of the payload, and this version does not poll statistics';
      warnings.push(`profile "${name}": health.threshold.${stat} is not checked: ${why}`);
    }
  }
  return warnings;
}
