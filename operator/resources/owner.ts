import type { V1ObjectMeta, V1OwnerReference } from '@kubernetes/client-node';
import type { Wire } from '../kube/wire.ts';
import type { GroupPlan } from './group-plan.ts';
import { groupLabels } from './names.ts';

/** Kubernetes removes what a deleted group owned. */
export function ownerReference({ name, uid }: Pick<GroupPlan, 'name' | 'uid'>): Wire<V1OwnerReference> {
  return { ...sharedOwnerReference({ name, uid }), controller: true, blockOwnerDeletion: true };
}

/** For what belongs to all groups of a CDN: it goes with the last of them. */
export function sharedOwnerReference({ name, uid }: Pick<GroupPlan, 'name' | 'uid'>): Wire<V1OwnerReference> {
  return { apiVersion: 'trafficcontrol.cdn/v1alpha1', kind: 'TrafficMonitorGroup', name, uid };
}

/** Metadata of an object that belongs to one group. */
export function ownedMetadata(
  plan: GroupPlan,
  name: string,
  annotations: Record<string, string> = {},
): Wire<V1ObjectMeta> {
  const metadata: Wire<V1ObjectMeta> = {
    name,
    namespace: plan.namespace,
    labels: groupLabels(plan.cdn, plan.name),
    ownerReferences: [ownerReference(plan)],
  };
  return Object.keys(annotations).length === 0 ? metadata : { ...metadata, annotations };
}
