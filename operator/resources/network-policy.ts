import type { V1NetworkPolicy } from '@kubernetes/client-node';
import type { Wire } from '../kube/wire.ts';
import type { GroupPlan } from './group-plan.ts';
import { HTTP_PORT } from './monitor-files.ts';
import { groupObjectName, groupSelector } from './names.ts';
import { ownedMetadata } from './owner.ts';

/**
 * Lets in what asks the monitor's port and nothing else. Outgoing traffic stays free: caches may be anywhere, on any
 * port that Traffic Ops names.
 */
export function networkPolicy(plan: GroupPlan): Wire<V1NetworkPolicy> {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: ownedMetadata(plan, groupObjectName(plan.name)),
    spec: {
      podSelector: { matchLabels: groupSelector(plan.cdn, plan.name) },
      policyTypes: ['Ingress'],
      ingress: [{ ports: [{ protocol: 'TCP', port: HTTP_PORT }] }],
    },
  };
}
