import type { V1Lease } from '@kubernetes/client-node';
import type { Wire } from '../kube/wire.ts';
import type { GroupPlan } from './group-plan.ts';
import { memberName } from './names.ts';
import { ownedMetadata } from './owner.ts';

/** s without renewal after which a monitor counts as dead. */
export const LEASE_DURATION_S = 10;

/** The Lease that a member renews; created empty, for the operator owns only its being there. */
export function memberLease(plan: GroupPlan, ordinal: number): Wire<V1Lease> {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: ownedMetadata(plan, memberName(plan.name, ordinal)),
  };
}
