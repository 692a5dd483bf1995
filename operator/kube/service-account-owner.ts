import type { KubeApi } from '../../common/kube/api.ts';
import { isNotFound } from '../../common/kube/api-error.ts';
import type { KubeObject, OwnerReference } from '../../common/kube/objects.ts';
import type { ResourceKind } from '../../common/kube/resource.ts';

/** An election may not wait for it any longer. */
const DEADLINE_MS = 2000;

const SERVICE_ACCOUNTS: ResourceKind<KubeObject> = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  scope: 'namespaced',
};

/**
 * The service account of this process as an owner: it lives as long as the installation, unlike pods and ReplicaSets.
 * null: there is none, or it is not known.
 */
export async function serviceAccountOwner(
  api: KubeApi,
  { namespace, serviceAccount }: { readonly namespace: string; readonly serviceAccount: string | null },
): Promise<OwnerReference | null> {
  if (serviceAccount === null) return null;
  try {
    const at = { namespace, name: serviceAccount };
    const { metadata } = await api.get(SERVICE_ACCOUNTS, at, { deadlineMs: DEADLINE_MS });
    const { apiVersion, kind } = SERVICE_ACCOUNTS;
    return { apiVersion, kind, name: metadata.name, uid: metadata.uid };
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}
