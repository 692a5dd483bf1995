import type { KubeObject, Rest } from '../../api/rest.ts';
import { untilHolds } from '../until-holds.ts';
import { allGroups, definitionPath } from './occupancy.ts';

/** Tells a namespace of ours from one that happens to have its name. */
const runLabel = 'trafficcontrol.cdn/e2e';
const limitMs = 240_000;

/** What a run makes outside of its namespace is known by this name, too. */
export interface Run {
  readonly id: string;
  readonly namespace: string;
}

/** @throws {Error} when the namespace is there already */
export async function createRunNamespace(admin: Rest, { id, namespace }: Run): Promise<void> {
  const labels = { [runLabel]: id, 'pod-security.kubernetes.io/enforce': 'restricted' };
  await admin.create('/api/v1/namespaces', { metadata: { name: namespace, labels } });
}

/**
 * Removes all that a run has made: its namespace, and the definition if its release has brought it. Anything else
 * stays. @throws {Error} that says what is left when it does not go in time
 */
export async function removeTraces(admin: Rest, { id, namespace }: Run): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}`;
  const groups = `${allGroups.replace('/trafficmonitorgroups', '')}/namespaces/${namespace}/trafficmonitorgroups`;
  const gone = (what: string, check: () => Promise<boolean>): Promise<void> =>
    untilHolds(what, check, limitMs, async () => `look at namespace ${namespace}, and delete it by hand`);

  await gone(`namespace ${namespace} to go`, async () => {
    const found = await admin.get(path);
    if (found === null) return true;
    if (found.metadata.labels?.[runLabel] !== id) return true;
    await releaseGroups(admin, groups);
    if (found.metadata['deletionTimestamp'] === undefined) await admin.delete(path);
    return false;
  });
  const isBroughtByUs = (definition: KubeObject): boolean =>
    definition.metadata.annotations?.['meta.helm.sh/release-namespace'] === namespace;
  await gone('the definition of TrafficMonitorGroup to go', async () => {
    const definition = await admin.get(definitionPath);
    if (definition === null || !isBroughtByUs(definition)) return true;
    if ((await admin.list(allGroups)).length > 0) {
      console.log('the definition of TrafficMonitorGroup stays: somebody has made groups meanwhile');
      return true;
    }
    await admin.delete(definitionPath);
    return false;
  });
}

/** The operator goes with its namespace, so nobody else takes its finalizer off. */
async function releaseGroups(admin: Rest, groups: string): Promise<void> {
  const answer = await admin.ask('GET', groups);
  if (answer.status !== 200) return;
  for (const { metadata } of (answer.body as { readonly items: readonly KubeObject[] }).items) {
    const path = `${groups}/${metadata.name}`;
    await admin.delete(path);
    // It may have gone with the deletion.
    const patch = { metadata: { finalizers: null } };
    await admin.ask('PATCH', path, patch, 'application/merge-patch+json');
  }
}
