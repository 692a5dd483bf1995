import type { AssignmentDocument, GroupMember } from '../../common/assignment/document.ts';
import type { GroupName } from '../../common/ids.ts';
import { monitorName } from '../../common/ids.ts';
import type { Store } from '../../common/kube/store.ts';
import type { PodObject } from '../kube/kinds.ts';
import { HTTP_PORT } from '../resources/monitor-files.ts';
import { memberDnsName, memberName } from '../resources/names.ts';

/**
 * Who is in a group, and where peers reach each. By the pod's address, so that peers need no DNS; while a pod is being
 * replaced its last address stands, and before it ever had one its name.
 */
export function membersOf(
  group: { readonly name: GroupName; readonly namespace: string; readonly replicas: number },
  pods: Store<PodObject>,
  known: AssignmentDocument | null,
): GroupMember[] {
  const before = known?.groups.find(({ name }) => name === group.name)?.members ?? [];
  return Array.from({ length: group.replicas }, (_, ordinal) => {
    const name = monitorName(memberName(group.name, ordinal));
    const address = pods.get(`${group.namespace}/${name}`)?.status?.podIP;
    const last = before.find((member) => member.name === name)?.host;
    const host = address ?? last ?? memberDnsName(group.name, ordinal, group.namespace);
    return { name, host, port: HTTP_PORT };
  });
}
