import type { V1OwnerReference, V1Service } from '@kubernetes/client-node';
import type { CdnName } from '../../common/ids.ts';
import type { Wire } from '../kube/wire.ts';
import type { GroupPlan, ServiceParameters } from './group-plan.ts';
import { HTTP_PORT } from './monitor-files.ts';
import {
  cdnLabels,
  cdnSelector,
  groupObjectName,
  groupSelector,
  headlessServiceName,
  routerServiceName,
} from './names.ts';
import { ownedMetadata } from './owner.ts';

const ports = [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }];

/** Gives the pods of a group their names, ready or not: peers ask one that is still starting, too. */
export function headlessService(plan: GroupPlan): Wire<V1Service> {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: ownedMetadata(plan, headlessServiceName(plan.name)),
    spec: {
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      selector: groupSelector(plan.cdn, plan.name),
      ports: [{ name: 'http', port: HTTP_PORT, targetPort: 'http', protocol: 'TCP' }],
    },
  };
}

/** The group's own Service, for routers that shall ask it alone. */
export function groupService(plan: GroupPlan): Wire<V1Service> {
  const { type, annotations } = plan.service;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: ownedMetadata(plan, groupObjectName(plan.name), { ...annotations }),
    spec: { type, selector: groupSelector(plan.cdn, plan.name), ports },
  };
}

export interface RouterService {
  readonly cdn: CdnName;
  readonly namespace: string;
  readonly owners: readonly Wire<V1OwnerReference>[];
  readonly parameters: ServiceParameters;
}

/** The Service of a CDN that routers use: every ready monitor of every group. */
export function routerService({ cdn, namespace, owners, parameters }: RouterService): Wire<V1Service> {
  const { type, annotations } = parameters;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: routerServiceName(cdn),
      namespace,
      labels: cdnLabels(cdn),
      ...(Object.keys(annotations).length > 0 ? { annotations: { ...annotations } } : {}),
      ownerReferences: [...owners],
    },
    spec: { type, selector: cdnSelector(cdn), ports },
  };
}
