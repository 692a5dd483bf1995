import type { KubeObject } from '../../api/rest.ts';
import type { ProvingCluster } from '../proving-cluster.ts';

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** Kinds of objects in the namespace that chart, hooks and operator make. */
const kinds = [
  ['Pod', '/api/v1', 'pods'],
  ['Service', '/api/v1', 'services'],
  ['ConfigMap', '/api/v1', 'configmaps'],
  ['Secret', '/api/v1', 'secrets'],
  ['ServiceAccount', '/api/v1', 'serviceaccounts'],
  ['Deployment', '/apis/apps/v1', 'deployments'],
  ['StatefulSet', '/apis/apps/v1', 'statefulsets'],
  ['ControllerRevision', '/apis/apps/v1', 'controllerrevisions'],
  ['Job', '/apis/batch/v1', 'jobs'],
  ['Lease', '/apis/coordination.k8s.io/v1', 'leases'],
  ['Role', '/apis/rbac.authorization.k8s.io/v1', 'roles'],
  ['RoleBinding', '/apis/rbac.authorization.k8s.io/v1', 'rolebindings'],
  ['PodDisruptionBudget', '/apis/policy/v1', 'poddisruptionbudgets'],
  ['NetworkPolicy', '/apis/networking.k8s.io/v1', 'networkpolicies'],
  ['TrafficMonitorGroup', '/apis/trafficcontrol.cdn/v1alpha1', 'trafficmonitorgroups'],
] as const;

/** What Kubernetes itself puts into every namespace, sooner or later. */
const everywhere: ReadonlySet<string> = new Set(['ConfigMap kube-root-ca.crt', 'ServiceAccount default']);

/** Kinds and names of what a release may have left: definitions of ours, and what is in the namespace. */
export async function inventory({ admin, namespace }: ProvingCluster): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { metadata } of await admin.list(definitions)) {
    if (metadata.name.endsWith('.trafficcontrol.cdn'))
      found.push(`CustomResourceDefinition ${metadata.name}`);
  }
  for (const [kind, path, plural] of kinds) {
    // Not there: there is no such kind as long as the definition has not been brought.
    const { status, body } = await admin.ask('GET', `${path}/namespaces/${namespace}/${plural}`);
    if (status !== 404 && status !== 200) throw new Error(`${plural} cannot be listed: status ${status}`);
    const { items = [] } = (body ?? {}) as { readonly items?: readonly KubeObject[] };
    found.push(...items.map(({ metadata }) => `${kind} ${metadata.name}`));
  }
  return found.filter((one) => !everywhere.has(one));
}
