import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { describeOnGround } from './on-ground.ts';
import type { KubeObject } from './rest.ts';

/** What a group called emea becomes, in the order in which it is made. */
const objectsOfEmea = [
  ['v1', 'serviceaccounts', 'tm-emea'],
  ['rbac.authorization.k8s.io/v1', 'roles', 'tm-emea'],
  ['rbac.authorization.k8s.io/v1', 'rolebindings', 'tm-emea'],
  ['coordination.k8s.io/v1', 'leases', 'tm-emea-0'],
  ['coordination.k8s.io/v1', 'leases', 'tm-emea-1'],
  ['v1', 'configmaps', 'tm-emea'],
  ['v1', 'services', 'peers-emea'],
  ['v1', 'services', 'tm-emea'],
  ['policy/v1', 'poddisruptionbudgets', 'tm-emea'],
  ['apps/v1', 'statefulsets', 'tm-emea'],
] as const;

interface Owner {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
}

const ownersOf = (object: KubeObject | null): readonly Owner[] =>
  (object?.metadata['ownerReferences'] ?? []) as readonly Owner[];

describeOnGround('a group becomes all that its monitors need', (at) => {
  before(async () => {
    const { ground } = at();
    await ground.startOperator();
    await ground.applyGroup('emea');
    await ground.untilSettled('emea');
  });

  test('every object is there, and belongs to the group', async () => {
    const { ground } = at();
    const group = await ground.group('emea');
    for (const [apiVersion, plural, name] of objectsOfEmea) {
      const object = await ground.object(apiVersion, plural, name);
      assert.ok(object, `${plural} ${name}`);
      const [owner, ...others] = ownersOf(object);
      assert.equal(owner?.uid, group?.metadata.uid, `owner of ${plural} ${name}`);
      assert.equal(owner?.controller, true);
      assert.equal(others.length, 0);
    }
    assert.deepEqual(group?.metadata['finalizers'], ['trafficcontrol.cdn/hand-over']);
  });

  test("its pods pass the namespace's Pod Security restricted", async () => {
    const { ground } = at();
    const pods = await ground.list('v1', 'pods');
    assert.deepEqual(
      pods.map(({ metadata }) => metadata.name),
      ['tm-emea-0', 'tm-emea-1'],
    );
  });

  test('what belongs to the CDN is shared by its groups', async () => {
    const { ground } = at();
    const { cdn } = ground.world;
    for (const [plural, name] of [
      ['services', `traffic-monitor-${cdn}`],
      ['configmaps', `traffic-monitor-${cdn}-snapshot-0`],
    ] as const) {
      const [owner] = ownersOf(await ground.object('v1', plural, name));
      assert.equal(owner?.name, 'emea', `${plural} ${name}`);
      assert.notEqual(owner?.controller, true, 'a shared object is controlled by no group');
    }
  });

  test('the assignment gives it every cachegroup, and names its members', async () => {
    const { ground } = at();
    const document = await ground.assignment('emea');
    const [emea] = document?.groups ?? [];
    assert.deepEqual(
      [...(emea?.cachegroups ?? [])].sort(),
      ground.world.cachegroups.map(({ cachegroup }) => cachegroup).sort(),
    );
    assert.deepEqual(
      emea?.members.map(({ name, host }) => `${name} ${host}`),
      [0, 1].map((n) => `tm-emea-${n} tm-emea-${n}.peers-emea.${ground.namespace}.svc`),
    );
  });

  test('its status tells how it is', async () => {
    const { plane, ground } = at();
    const table = await plane.kubectl('get', 'tmg', '-n', ground.namespace, '-o', 'wide');
    const [head = '', row = ''] = table.split('\n');
    const columns = ['CACHEGROUPS', 'APPLIED', 'AVAILABLE', 'DEGRADED', 'COVERAGE', 'TRAFFICOPS'];
    assert.deepEqual(
      columns.map((column) => row.slice(head.indexOf(column)).split(' ')[0]),
      [String(ground.world.cachegroups.length), '2/2', 'True', 'False', 'True', 'True'],
      table,
    );
  });

  test('a group called like its CDN has Services of its own', async () => {
    const { plane, ground } = at();
    const { cdn } = ground.world;
    await ground.applyGroup(cdn);
    await ground.untilSettled(cdn, 'emea');
    const selectorOf = async (name: string): Promise<unknown> => {
      const service = (await ground.object('v1', 'services', name)) as {
        spec?: { selector?: unknown };
      } | null;
      return service?.spec?.selector;
    };
    assert.deepEqual(await selectorOf(`tm-${cdn}`), {
      'app.kubernetes.io/name': 'traffic-monitor',
      'trafficcontrol.cdn/cdn': cdn,
      'trafficcontrol.cdn/group': cdn,
    });
    assert.deepEqual(await selectorOf(`traffic-monitor-${cdn}`), {
      'app.kubernetes.io/name': 'traffic-monitor',
      'trafficcontrol.cdn/cdn': cdn,
    });
    await ground.deleteGroup(cdn);
    await plane.until('its end', async () => (await ground.group(cdn)) === null);
    await ground.untilSettled('emea');
  });

  test('podTemplate is laid over the pods, and taken away again', async () => {
    const { plane, ground } = at();
    const podSpec = async () => {
      const set = (await ground.object('apps/v1', 'statefulsets', 'tm-emea')) as KubeObject & {
        spec: {
          template: { spec: { priorityClassName?: string; containers: { env: { name: string }[] }[] } };
        };
      };
      return set.spec.template.spec;
    };
    const hasZone = async (): Promise<boolean> =>
      (await podSpec()).containers[0]?.env.some(({ name }) => name === 'TZ') ?? false;
    await ground.patchGroup('emea', {
      podTemplate: { spec: { containers: [{ name: 'monitor', env: [{ name: 'TZ', value: 'UTC' }] }] } },
    });
    await plane.until('the override to be applied', hasZone);
    assert.equal((await podSpec()).containers.length, 1);
    await ground.patchGroup('emea', { podTemplate: null });
    await plane.until('the override to be gone', async () => !(await hasZone()));
    await ground.untilSettled('emea');
  });

  test('a network policy comes when asked for, and goes when not', async () => {
    const { plane, ground } = at();
    const policy = () => ground.object('networking.k8s.io/v1', 'networkpolicies', 'tm-emea');
    await ground.patchGroup('emea', { networkPolicy: true });
    await plane.until('the policy', async () => (await policy()) !== null);
    await ground.patchGroup('emea', { networkPolicy: false });
    await plane.until('the end of the policy', async () => (await policy()) === null);
  });
});
