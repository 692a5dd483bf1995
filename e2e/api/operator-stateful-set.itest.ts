import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { describeOnGround } from './on-ground.ts';
import type { KubeObject } from './rest.ts';

/** What a StatefulSet says that cannot be changed any more, and another version of the operator may have said. */
const olderSpecs: readonly (readonly [what: string, spec: Readonly<Record<string, unknown>>])[] = [
  ['pods that start one after the other', { podManagementPolicy: 'OrderedReady' }],
  ['another headless Service', { serviceName: 'monitors-of-emea' }],
];

describeOnGround('fields of a StatefulSet that cannot be changed', (at) => {
  const set = (): Promise<KubeObject | null> => at().ground.object('apps/v1', 'statefulsets', 'tm-emea');
  const podUids = async (): Promise<readonly (string | undefined)[]> => {
    const pods = await at().ground.list('v1', 'pods');
    return pods.map(({ metadata }) => metadata.uid).sort();
  };

  before(async () => {
    const { ground } = at();
    await ground.startOperator();
    await ground.applyGroup('emea');
    await ground.untilSettled('emea');
  });

  for (const [what, older] of olderSpecs) {
    test(`${what}: it is made anew around the same pods`, async () => {
      const { plane, ground } = at();
      const { paused } = { paused: true };
      await ground.patchGroup('emea', { paused });
      await ground.untilReason('emea', 'Progressing', 'Paused');
      const now = (await set()) as KubeObject & { spec: Record<string, unknown> };
      const before = await podUids();
      const where = `${ground.path('apps/v1', 'statefulsets')}/tm-emea`;
      await ground.admin.delete(where, { propagationPolicy: 'Orphan' });
      await plane.until('the end of the StatefulSet', async () => (await set()) === null);
      const { name, labels, ownerReferences } = now.metadata;
      const made = await ground.admin.create(ground.path('apps/v1', 'statefulsets'), {
        metadata: { name, labels, ownerReferences },
        spec: { ...now.spec, ...older },
      });
      await plane.until('its pods to be adopted', async () => {
        const [pod] = await ground.list('v1', 'pods');
        return JSON.stringify(pod?.metadata['ownerReferences'] ?? '').includes(made.metadata.uid ?? '?');
      });
      assert.deepEqual(await podUids(), before);

      await ground.patchGroup('emea', { paused: false });
      await plane.until('another StatefulSet', async () => {
        const found = await set();
        return found !== null && found.metadata.uid !== made.metadata.uid;
      });
      const after = (await set()) as KubeObject & { spec: Record<string, unknown> };
      assert.equal(after.spec['podManagementPolicy'], 'Parallel');
      assert.equal(after.spec['serviceName'], 'peers-emea');
      await plane.until('it to adopt the pods', async () => {
        const pods = await ground.list('v1', 'pods');
        const uid = after.metadata.uid ?? '?';
        return pods.every(({ metadata }) => JSON.stringify(metadata['ownerReferences'] ?? '').includes(uid));
      });
      assert.deepEqual(await podUids(), before, 'not one pod was replaced');
      await ground.untilSettled('emea');
    });
  }
});
