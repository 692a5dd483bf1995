import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { describeOnGround } from './on-ground.ts';
import type { KubeObject } from './rest.ts';

describeOnGround('a group follows its resource', (at) => {
  /** Names of cachegroups, in the order of the world. */
  const cachegroup = (index: number): string => {
    const found = at().ground.world.cachegroups[index]?.cachegroup;
    assert.ok(found);
    return found;
  };
  const polledBy = async (group: string): Promise<readonly string[]> => {
    const document = await at().ground.assignment(group);
    return document?.groups.find(({ name }) => name === group)?.cachegroups ?? [];
  };
  const names = async (apiVersion: string, plural: string): Promise<string[]> => {
    const objects = await at().ground.list(apiVersion, plural);
    return objects
      .map(({ metadata }) => metadata.name)
      .filter((name) => name.startsWith('tm-emea-'))
      .sort();
  };
  const leasesInRole = async (): Promise<readonly string[]> => {
    const role = (await at().ground.object('rbac.authorization.k8s.io/v1', 'roles', 'tm-emea')) as
      | (KubeObject & { rules: { resources: string[]; resourceNames: string[] }[] })
      | null;
    return role?.rules.find(({ resources }) => resources.includes('leases'))?.resourceNames ?? [];
  };
  const untilMembers = async (count: number): Promise<void> => {
    const { plane, ground } = at();
    const wanted = Array.from({ length: count }, (_, ordinal) => `tm-emea-${ordinal}`);
    const same = (found: readonly string[]): boolean => found.join() === wanted.join();
    await plane.until(`${count} members`, async () => {
      const document = await ground.assignment('apac');
      const members = document?.groups.find(({ name }) => name === 'emea')?.members ?? [];
      return (
        same(await names('v1', 'pods')) &&
        same(await names('coordination.k8s.io/v1', 'leases')) &&
        same(await leasesInRole()) &&
        same(members.map(({ name }) => name))
      );
    });
    await ground.untilSettled('emea', 'apac');
  };

  before(async () => {
    const { ground } = at();
    await ground.startOperator();
    await ground.applyGroup('emea');
    await ground.applyGroup('apac', { location: cachegroup(6) });
    await ground.untilSettled('emea', 'apac');
  });

  test('more replicas: pods, Leases, rights and what peers are told go up together', async () => {
    const { plane, ground } = at();
    await plane.kubectl('scale', 'tmg', 'emea', '--replicas=4', '-n', ground.namespace);
    await untilMembers(4);
    const table = await plane.kubectl('get', 'tmg', 'emea', '-n', ground.namespace);
    assert.match(table, /\b4\/4\b/);
  });

  test('fewer replicas: what belonged to those that go is removed', async () => {
    await at().ground.patchGroup('emea', { replicas: 1 });
    await untilMembers(1);
    await at().ground.patchGroup('emea', { replicas: 2 });
    await untilMembers(2);
  });

  test('cacheGroups gives a group what it names', async () => {
    const { plane, ground } = at();
    const far = (await polledBy('apac'))[0] ?? '';
    await ground.patchGroup('emea', { cacheGroups: [far] });
    await plane.until('the hand-over', async () => {
      const owners = await ground.owners('emea');
      return owners.get(far)?.join() === 'emea';
    });
    await ground.patchGroup('emea', { cacheGroups: [] });
    await ground.untilSettled('emea', 'apac');
  });

  test('exclude takes away what it names, once somebody else polls it', async () => {
    const { plane, ground } = at();
    const own = (await polledBy('emea'))[0] ?? '';
    ground.members.slowDown('tm-apac');
    await ground.patchGroup('emea', { exclude: [own] });
    await plane.until('both to poll it', async () => {
      return (await ground.owners('emea')).get(own)?.join() === 'apac,emea';
    });
    await ground.untilReason('emea', 'Progressing', 'HandingOver');
    ground.members.speedUp('tm-apac');
    await plane.until('only the other to poll it', async () => {
      return (await ground.owners('emea')).get(own)?.join() === 'apac';
    });
    await ground.untilSettled('emea', 'apac');
  });

  test('what every group excludes is polled by nobody, and every group says so', async () => {
    const { ground } = at();
    const own = cachegroup(3);
    await ground.patchGroup('emea', { exclude: [own] });
    await ground.patchGroup('apac', { exclude: [own] });
    for (const name of ['emea', 'apac']) {
      const message = await ground.untilReason(name, 'CoverageComplete', 'CachegroupsUnpolled');
      assert.match(message, new RegExp(`nobody polls cachegroup "${own}": every group excludes it`));
    }
    await ground.patchGroup('emea', { exclude: [] });
    await ground.patchGroup('apac', { exclude: [] });
    await ground.untilReason('apac', 'CoverageComplete', 'AllAssigned');
    await ground.untilSettled('emea', 'apac');
  });

  test('a cachegroup that Traffic Ops does not know is told of, and harms nothing else', async () => {
    const { ground } = at();
    await ground.patchGroup('emea', { cacheGroups: ['atlantis'] });
    const message = await ground.untilReason('emea', 'Degraded', 'SpecProblem');
    assert.match(message, /"atlantis"/);
    await ground.patchGroup('emea', { cacheGroups: [] });
    await ground.untilReason('emea', 'Degraded', 'AsExpected');
  });

  test('a paused group is left as it is, until it is no longer paused', async () => {
    const { plane, ground } = at();
    await ground.patchGroup('emea', { paused: true });
    await ground.untilReason('emea', 'Progressing', 'Paused');
    const before = await ground.assignment('emea');
    const kept = await polledBy('emea');
    // Something changes for the other one: what the paused one polls stays.
    await ground.patchGroup('emea', { replicas: 3 });
    await ground.patchGroup('apac', { redundancy: 1 });
    await plane.until('a revision without the paused one', async () => {
      return ((await ground.assignment('apac'))?.revision ?? 0) > (before?.revision ?? 0);
    });
    assert.equal((await ground.assignment('emea'))?.revision, before?.revision);
    assert.deepEqual(await polledBy('emea'), kept);
    assert.deepEqual(await names('v1', 'pods'), ['tm-emea-0', 'tm-emea-1']);
    assert.equal((await ground.owners('apac')).size, ground.world.cachegroups.length);
    await ground.patchGroup('emea', { paused: false });
    await untilMembers(3);
    assert.equal((await ground.assignment('emea'))?.revision, (await ground.assignment('apac'))?.revision);
  });
});
