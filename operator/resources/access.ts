import type { V1PolicyRule, V1Role, V1RoleBinding, V1ServiceAccount } from '@kubernetes/client-node';
import type { Wire } from '../kube/wire.ts';
import type { GroupPlan } from './group-plan.ts';
import { groupObjectName, memberName } from './names.ts';
import { ownedMetadata } from './owner.ts';

/** The identity of a group's monitors. */
export function serviceAccount(plan: GroupPlan): Wire<V1ServiceAccount> {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: ownedMetadata(plan, groupObjectName(plan.name)),
    // The pods ask for their token themselves; nothing else that runs under this account gets one.
    automountServiceAccountToken: false,
  };
}

/**
 * All that a group's monitors may do: read their group's ConfigMap, renew their group's Leases. The operator creates
 * the Leases, as the right to create cannot be limited to names.
 */
export function monitorRules(plan: GroupPlan): Wire<V1PolicyRule>[] {
  const leases = Array.from({ length: plan.replicas }, (_, ordinal) => memberName(plan.name, ordinal));
  const rules: Wire<V1PolicyRule>[] = [
    {
      apiGroups: [''],
      resources: ['configmaps'],
      resourceNames: [groupObjectName(plan.name)],
      verbs: ['get', 'list', 'watch'],
    },
  ];
  // A rule without names would be a rule for all names.
  if (leases.length > 0) {
    rules.push({
      apiGroups: ['coordination.k8s.io'],
      resources: ['leases'],
      resourceNames: leases,
      verbs: ['get', 'update', 'patch'],
    });
  }
  return rules;
}

export function role(plan: GroupPlan): Wire<V1Role> {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: ownedMetadata(plan, groupObjectName(plan.name)),
    rules: monitorRules(plan),
  };
}

export function roleBinding(plan: GroupPlan): Wire<V1RoleBinding> {
  const name = groupObjectName(plan.name);
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: ownedMetadata(plan, name),
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace: plan.namespace }],
  };
}
