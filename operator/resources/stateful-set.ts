import type { V1StatefulSet } from '@kubernetes/client-node';
import type { Wire } from '../kube/wire.ts';
import type { GroupPlan } from './group-plan.ts';
import { groupObjectName, groupSelector, headlessServiceName } from './names.ts';
import { ownedMetadata } from './owner.ts';
import { podTemplate } from './pod-template.ts';

/** The pods of a group. They start side by side and are replaced one by one. */
export function statefulSet(plan: GroupPlan): Wire<V1StatefulSet> {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: ownedMetadata(plan, groupObjectName(plan.name)),
    spec: {
      replicas: plan.replicas,
      serviceName: headlessServiceName(plan.name),
      podManagementPolicy: 'Parallel',
      updateStrategy: { type: 'RollingUpdate' },
      // Ready for this long before the next one is replaced: peers have to hear the new one first.
      minReadySeconds: 5,
      revisionHistoryLimit: 5,
      selector: { matchLabels: groupSelector(plan.cdn, plan.name) },
      template: podTemplate(plan),
    },
  };
}
