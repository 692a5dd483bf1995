import type { KubeApi } from '../../common/kube/api.ts';
import { isNotFound } from '../../common/kube/api-error.ts';
import type { KubeObject, Stored } from '../../common/kube/objects.ts';
import type { ResourceKind } from '../../common/kube/resource.ts';
import { isApplied } from '../resources/applied.ts';
import { TerminalError } from './controller.ts';

/** Fields of a StatefulSet that only a new one can have otherwise. */
const IMMUTABLE = ['serviceName', 'podManagementPolicy', 'selector', 'volumeClaimTemplates'] as const;

type Spec = Readonly<Record<string, unknown>>;

const specOf = (object: KubeObject): Spec => (object as { spec?: Spec }).spec ?? {};

/** Whether `desired` asks for what the API server will not change. */
export function changedImmutableFields(live: KubeObject, desired: KubeObject): boolean {
  return IMMUTABLE.some(
    (field) => field in specOf(desired) && !isApplied(specOf(desired)[field], specOf(live)[field]),
  );
}

const WAIT_MS = 200;

/**
 * Deletes a StatefulSet but leaves its pods, which the next one adopts: nobody notices.
 *
 * @throws {TerminalError} if the next one would not select these pods: then they would run on for ever, nobody's
 */
export async function recreateOrphaning(
  api: KubeApi,
  kind: ResourceKind<KubeObject>,
  live: Stored<KubeObject>,
  desired: KubeObject,
  signal: AbortSignal,
): Promise<void> {
  const { name, namespace = '', uid } = live.metadata;
  const wanted = (specOf(desired)['selector'] as { matchLabels?: Record<string, string> }).matchLabels ?? {};
  const template = specOf(live)['template'] as { metadata?: { labels?: Record<string, string> } } | undefined;
  if (!isApplied(wanted, template?.metadata?.labels ?? {})) {
    throw new TerminalError(
      `StatefulSet ${namespace}/${name}: its selector has to change, and its running pods do not have the new labels; delete it by hand when its group may be down`,
    );
  }
  try {
    await api.delete(
      kind,
      { name, namespace },
      { preconditions: { uid }, propagationPolicy: 'Orphan', signal },
    );
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  while (await exists(api, kind, { name, namespace }, uid, signal)) {
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    signal.throwIfAborted();
  }
}

async function exists(
  api: KubeApi,
  kind: ResourceKind<KubeObject>,
  at: { readonly name: string; readonly namespace: string },
  uid: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return (await api.get(kind, at, { signal })).metadata.uid === uid;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}
