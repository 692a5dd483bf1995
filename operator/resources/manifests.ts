import type { AssignmentDocument } from '../../common/assignment/document.ts';
import type { KubeObject } from '../../common/kube/objects.ts';
import { role, roleBinding, serviceAccount } from './access.ts';
import { groupConfigMap } from './config-map.ts';
import type { GroupPlan } from './group-plan.ts';
import { memberLease } from './lease.ts';
import { networkPolicy } from './network-policy.ts';
import { podDisruptionBudget } from './pod-disruption-budget.ts';
import { groupService, headlessService } from './services.ts';
import { statefulSet } from './stateful-set.ts';

/**
 * All objects of a group, in the order in which they have to be there: what a pod needs before the pod. Without an
 * assignment there are no pods: a monitor that does not know what to poll would be no use.
 */
export function groupManifests(plan: GroupPlan, assignment: AssignmentDocument | null): KubeObject[] {
  return [
    serviceAccount(plan),
    role(plan),
    roleBinding(plan),
    ...Array.from({ length: plan.replicas }, (_, ordinal) => memberLease(plan, ordinal)),
    groupConfigMap(plan, assignment),
    headlessService(plan),
    groupService(plan),
    podDisruptionBudget(plan),
    ...(plan.networkPolicy ? [networkPolicy(plan)] : []),
    ...(assignment === null ? [] : [statefulSet(plan)]),
  ];
}
