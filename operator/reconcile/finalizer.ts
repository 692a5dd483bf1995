import type { KubeApi } from '../../common/kube/api.ts';
import { isNotFound } from '../../common/kube/api-error.ts';
import type { Stored } from '../../common/kube/objects.ts';
import type { TrafficMonitorGroup } from '../api/v1alpha1/trafficmonitorgroup.ts';
import { GROUPS } from '../kube/kinds.ts';
import { FIELD_MANAGER } from '../resources/names.ts';

/** Keeps a deleted group until others poll what it polled. */
export const FINALIZER = 'trafficcontrol.cdn/hand-over';

export async function setFinalizer(
  api: KubeApi,
  group: Stored<TrafficMonitorGroup>,
  signal: AbortSignal,
): Promise<void> {
  await writeFinalizers(api, group, [...(group.metadata.finalizers ?? []), FINALIZER], signal);
}

/** Lets a deleted group go; one that is gone already is no error. */
export async function unsetFinalizer(
  api: KubeApi,
  group: Stored<TrafficMonitorGroup>,
  signal: AbortSignal,
): Promise<void> {
  const rest = (group.metadata.finalizers ?? []).filter((one) => one !== FINALIZER);
  try {
    await writeFinalizers(api, group, rest, signal);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** A conflict if somebody else has changed the group since: a list is replaced as a whole. */
async function writeFinalizers(
  api: KubeApi,
  { metadata }: Stored<TrafficMonitorGroup>,
  finalizers: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const { name, namespace = '', resourceVersion } = metadata;
  await api.mergePatch(
    GROUPS,
    { name, namespace },
    { metadata: { finalizers, resourceVersion } },
    { fieldManager: FIELD_MANAGER, signal },
  );
}
