import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { programSets } from '../tools/programs.ts';
import { whyMissing } from '../tools/tools.ts';
import { ControlPlane } from './control-plane.ts';
import { OperatorGround } from './operator-ground.ts';

const missing = whyMissing(programSets.api);
if (missing !== null) console.log(`SKIPPED: the operator against an API server: ${missing}`);

describe('the operator on a real API server', { skip: missing ?? false }, () => {
  let plane: ControlPlane;
  let ground: OperatorGround;

  before(async () => {
    plane = await ControlPlane.start();
    ground = await OperatorGround.open(plane);
    await ground.startOperator();
  });

  after(async () => {
    await ground?.close();
    await plane?.stop();
  });

  test('makes of a group all that its monitors need', async () => {
    await ground.applyGroup('emea');
    await plane.until('two pods', async () => (await ground.list('v1', 'pods')).length === 2);
    for (const [apiVersion, plural, name] of [
      ['v1', 'serviceaccounts', 'tm-emea'],
      ['v1', 'configmaps', 'tm-emea'],
      ['v1', 'services', 'tm-emea'],
      ['v1', 'services', 'tm-emea-peers'],
      ['v1', 'services', `tm-${ground.world.cdn}`],
      ['rbac.authorization.k8s.io/v1', 'roles', 'tm-emea'],
      ['rbac.authorization.k8s.io/v1', 'rolebindings', 'tm-emea'],
      ['policy/v1', 'poddisruptionbudgets', 'tm-emea'],
      ['apps/v1', 'statefulsets', 'tm-emea'],
      ['coordination.k8s.io/v1', 'leases', 'tm-emea-0'],
      ['coordination.k8s.io/v1', 'leases', 'tm-emea-1'],
    ] as const) {
      assert.ok(await ground.object(apiVersion, plural, name), `${plural} ${name}`);
    }
    const owners = await ground.owners('emea');
    assert.equal(owners.size, ground.world.cachegroups.length);
    await plane.until('the group to be well', async () => {
      const available = await ground.condition('emea', 'Available');
      const progressing = await ground.condition('emea', 'Progressing');
      return available?.status === 'True' && progressing?.reason === 'Settled';
    });
  });
});
