import type { V1ConfigMap } from '@kubernetes/client-node';
import type { AssignmentDocument } from '../../common/assignment/document.ts';
import { encodeAssignment } from '../../common/assignment/encode-document.ts';
import type { Wire } from '../kube/wire.ts';
import type { GroupPlan } from './group-plan.ts';
import { ASSIGNMENT_FILE, MONITOR_CFG, monitorCfg, OPS_CFG, opsCfg } from './monitor-files.ts';
import { groupObjectName } from './names.ts';
import { ownedMetadata } from './owner.ts';

/** The ConfigMap of a group: both cfg files and, once there is one, the assignment document. */
export function groupConfigMap(plan: GroupPlan, assignment: AssignmentDocument | null): Wire<V1ConfigMap> {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: ownedMetadata(plan, groupObjectName(plan.name)),
    data: {
      [MONITOR_CFG]: monitorCfg(plan),
      [OPS_CFG]: opsCfg(plan),
      ...(assignment === null ? {} : { [ASSIGNMENT_FILE]: encodeAssignment(assignment) }),
    },
  };
}
