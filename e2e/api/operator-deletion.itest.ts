import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { operatorRules } from '../../operator/resources/operator-rules.ts';
import { describeOnGround } from './on-ground.ts';

const kinds = [
  ['v1', 'serviceaccounts'],
  ['rbac.authorization.k8s.io/v1', 'roles'],
  ['rbac.authorization.k8s.io/v1', 'rolebindings'],
  ['coordination.k8s.io/v1', 'leases'],
  ['v1', 'configmaps'],
  ['v1', 'services'],
  ['policy/v1', 'poddisruptionbudgets'],
  ['apps/v1', 'statefulsets'],
  ['v1', 'pods'],
] as const;

describeOnGround('a deleted group', (at) => {
  /** Everything that bears the operator's label and one of these texts in its name. */
  const objectsNamed = async (part: string): Promise<string[]> => {
    const found: string[] = [];
    for (const [apiVersion, plural] of kinds) {
      for (const { metadata } of await at().ground.list(apiVersion, plural)) {
        if (metadata.name.includes(part)) found.push(`${plural} ${metadata.name}`);
      }
    }
    return found;
  };

  before(async () => {
    const { ground } = at();
    await ground.startOperator();
    await ground.applyGroup('emea');
    await ground.applyGroup('apac', { location: ground.world.cachegroups[6]?.cachegroup });
    await ground.untilSettled('emea', 'apac');
  });

  test('stays until others poll all that it polls, then it goes with all that belonged to it', async () => {
    const { plane, ground } = at();
    const all = ground.world.cachegroups.length;
    ground.members.slowDown('tm-emea');
    await ground.deleteGroup('apac');
    await ground.untilReason('apac', 'Progressing', 'HandingOver');
    await plane.until('both to poll', async () => {
      const owners = [...(await ground.owners('emea')).values()];
      return (
        owners.every((names) => names.includes('emea')) && owners.some((names) => names.includes('apac'))
      );
    });
    await sleep(3000);
    assert.notEqual(await ground.group('apac'), null, 'nobody else polls its cachegroups yet');
    assert.ok((await objectsNamed('apac')).includes('statefulsets tm-apac'), 'its pods run on');
    ground.members.speedUp('tm-emea');
    await plane.until('the end of the group', async () => (await ground.group('apac')) === null);
    const owners = await ground.owners('emea');
    assert.equal(owners.size, all);
    assert.ok([...owners.values()].every((names) => names.join() === 'emea'));
    await plane.until('the end of its objects', async () => (await objectsNamed('apac')).length === 0);
    await ground.untilSettled('emea');
  });

  test('what all groups share stays with those that stay, as the same objects', async () => {
    const { plane, ground } = at();
    const service = `traffic-monitor-${ground.world.cdn}`;
    const uid = (await ground.object('v1', 'services', service))?.metadata.uid;
    await ground.applyGroup('latam', { location: ground.world.cachegroups[8]?.cachegroup });
    await ground.untilSettled('emea', 'latam');
    await ground.deleteGroup('emea'); // the first owner
    await plane.until('the end of the group', async () => (await ground.group('emea')) === null);
    await plane.until('the end of its objects', async () => (await objectsNamed('emea')).length === 0);
    assert.equal((await ground.object('v1', 'services', service))?.metadata.uid, uid);
    await ground.untilSettled('latam');
  });

  test('the last one goes at once, and nothing is left', async () => {
    const { plane, ground } = at();
    ground.members.die('tm-latam');
    await ground.deleteGroup('latam');
    await plane.until('the end of the group', async () => (await ground.group('latam')) === null, 10_000);
    await plane.until('the end of all', async () => {
      return (await objectsNamed('tm-')).length + (await objectsNamed('traffic-monitor-')).length === 1; // the leader's Lease
    });
    ground.members.revive('tm-latam');
  });

  test('one that comes again under the same name begins anew', async () => {
    const { plane, ground } = at();
    await ground.applyGroup('emea');
    await ground.untilSettled('emea');
    await ground.deleteGroup('emea');
    await plane.until('the end of the group', async () => (await ground.group('emea')) === null);
    await ground.applyGroup('emea'); // while Kubernetes still removes what was before
    await ground.untilSettled('emea');
    assert.equal((await ground.owners('emea')).size, ground.world.cachegroups.length);
  });

  test('a namespace with groups can be deleted while the operator has its rights', async () => {
    const { plane, ground } = at();
    // Those of the namespace's own Roles may go before the groups: docs/operator.md says what to do then.
    await plane.grantEverywhere('operator', operatorRules);
    await ground.applyGroup('apac', { location: ground.world.cachegroups[6]?.cachegroup });
    await ground.untilSettled('emea', 'apac');
    await plane.deleteNamespace(ground.namespace);
  });
});
