import type { V1PolicyRule } from '@kubernetes/client-node';
import type { Wire } from '../kube/wire.ts';

const read = ['get', 'list', 'watch'];
const own = [...read, 'create', 'update', 'patch', 'delete'];

/**
 * All that the operator may do, and only in its own namespace: the chart's Role is this. What its monitors may do is
 * part of it, for nobody can give away more than he has.
 */
export const operatorRules: readonly Wire<V1PolicyRule>[] = [
  {
    apiGroups: ['trafficcontrol.cdn'],
    resources: ['trafficmonitorgroups'],
    verbs: [...read, 'update', 'patch'],
  },
  {
    apiGroups: ['trafficcontrol.cdn'],
    resources: ['trafficmonitorgroups/status', 'trafficmonitorgroups/finalizers'],
    verbs: ['get', 'update', 'patch'],
  },
  { apiGroups: [''], resources: ['configmaps', 'services', 'serviceaccounts'], verbs: own },
  // Credentials of Traffic Ops, which groups name.
  { apiGroups: [''], resources: ['secrets'], verbs: ['get'] },
  { apiGroups: [''], resources: ['pods'], verbs: read },
  // To take dead monitors out of the routers' Service.
  { apiGroups: [''], resources: ['pods/status'], verbs: ['patch'] },
  { apiGroups: ['apps'], resources: ['statefulsets'], verbs: own },
  { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: own },
  { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: own },
  { apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'rolebindings'], verbs: own },
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: own },
  { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
];
