import type { KubeObject } from '../../common/kube/objects.ts';
import { CONFIG_MAPS, LEASES, type ResourceKind } from '../../common/kube/resource.ts';
import type { TrafficMonitorGroup } from '../api/v1alpha1/trafficmonitorgroup.ts';

const namespaced = (apiVersion: string, kind: string, plural: string): ResourceKind<KubeObject> => ({
  apiVersion,
  kind,
  plural,
  scope: 'namespaced',
});

/** Every kind that the operator applies, by its name. */
export const APPLIED_KINDS: readonly ResourceKind<KubeObject>[] = [
  namespaced('v1', 'ServiceAccount', 'serviceaccounts'),
  namespaced('rbac.authorization.k8s.io/v1', 'Role', 'roles'),
  namespaced('rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings'),
  LEASES,
  CONFIG_MAPS,
  namespaced('v1', 'Service', 'services'),
  namespaced('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets'),
  namespaced('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies'),
  namespaced('apps/v1', 'StatefulSet', 'statefulsets'),
];

export const GROUPS: ResourceKind<TrafficMonitorGroup> = {
  apiVersion: 'trafficcontrol.cdn/v1alpha1',
  kind: 'TrafficMonitorGroup',
  plural: 'trafficmonitorgroups',
  scope: 'namespaced',
};

export const PODS: ResourceKind<PodObject> = {
  apiVersion: 'v1',
  kind: 'Pod',
  plural: 'pods',
  scope: 'namespaced',
};

/** What the operator reads of a pod. */
export interface PodObject extends KubeObject {
  readonly spec?: { readonly nodeName?: string };
  readonly status?: {
    readonly podIP?: string;
    readonly phase?: string;
    readonly conditions?: readonly PodCondition[];
  };
}

export interface PodCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
}

/**
 * The kind of a manifest.
 *
 * @throws {Error} for one that the operator does not apply
 */
export function kindOf({ kind = '' }: KubeObject): ResourceKind<KubeObject> {
  const found = APPLIED_KINDS.find((known) => known.kind === kind);
  if (found === undefined) throw new Error(`the operator applies no ${kind}`);
  return found;
}
