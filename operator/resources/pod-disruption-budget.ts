import type { V1PodDisruptionBudget } from '@kubernetes/client-node';
import type { Wire } from '../kube/wire.ts';
import type { GroupPlan } from './group-plan.ts';
import { groupObjectName, groupSelector } from './names.ts';
import { ownedMetadata } from './owner.ts';

/** Drains and upgrades of nodes take one monitor of a group at a time. */
export function podDisruptionBudget(plan: GroupPlan): Wire<V1PodDisruptionBudget> {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: ownedMetadata(plan, groupObjectName(plan.name)),
    spec: {
      maxUnavailable: 1,
      selector: { matchLabels: groupSelector(plan.cdn, plan.name) },
      // A pod that is not ready serves nobody: it must not keep a node from being drained.
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    },
  };
}
