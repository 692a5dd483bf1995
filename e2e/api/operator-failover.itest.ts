import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { DocumentRecorder } from './document-recorder.ts';
import { describeOnGround } from './on-ground.ts';

/** By the field's definition a member is dead 10 s after its last sign of life; the rest is deciding and writing. */
const FAILOVER_LIMIT_MS = 15_000;

describeOnGround('a group whose monitors die', (at) => {
  let own: readonly string[] = [];
  const ownersOfOwn = async (): Promise<Set<string>> => {
    const owners = await at().ground.owners('emea');
    return new Set(own.flatMap((cachegroup) => owners.get(cachegroup) ?? ['nobody']));
  };

  before(async () => {
    const { ground } = at();
    await ground.startOperator();
    await ground.applyGroup('emea');
    await ground.applyGroup('apac', {
      location: ground.world.cachegroups[6]?.cachegroup,
      failbackAfterSeconds: 3,
    });
    await ground.untilSettled('emea', 'apac');
    const document = await ground.assignment('apac');
    own = document?.groups.find(({ name }) => name === 'apac')?.cachegroups ?? [];
    assert.ok(own.length > 0);
  });

  test('is degraded when one of them is dead; nothing moves', async () => {
    const { ground } = at();
    const { revision } = (await ground.assignment('apac')) ?? {};
    ground.members.die('tm-apac-1');
    const message = await ground.untilReason('apac', 'Degraded', 'MonitorsDown');
    assert.match(message, /no sign of life from tm-apac-1/);
    assert.equal((await ground.assignment('apac'))?.revision, revision);
    ground.members.revive('tm-apac-1');
    await ground.untilReason('apac', 'Degraded', 'AsExpected');
  });

  test('is stood in for within seconds, and gets all back when it has stayed; no cachegroup is ever without', async () => {
    const { plane, ground } = at();
    const all = ground.world.cachegroups.map(({ cachegroup }) => cachegroup);
    const recorder = new DocumentRecorder(ground.admin, ground.namespace, () => all);
    recorder.start();
    await new Promise((resolve) => setTimeout(resolve, 2000)); // all have just been heard
    ground.members.die('tm-apac');
    const diedMs = performance.now();
    await plane.until('others to poll its cachegroups', async () => (await ownersOfOwn()).has('emea'));
    const tookMs = performance.now() - diedMs;
    console.log(`from the last sign of life to the new assignment: at most ${(tookMs / 1000).toFixed(1)} s`);
    assert.ok(tookMs < FAILOVER_LIMIT_MS, `${tookMs} ms`);
    await ground.untilReason('apac', 'Degraded', 'FailedOver');
    await plane.until('the stand-in to tell', async () => {
      return /of groups that are down/.test((await ground.condition('emea', 'Degraded'))?.message ?? '');
    });
    await ground.untilStatus('apac', 'Available', 'False');
    const status = (await ground.group('apac'))?.['status'] as { onDuty: boolean; failovers: unknown[] };
    assert.equal(status.onDuty, false);
    assert.equal(status.failovers.length, own.length);

    ground.members.revive('tm-apac');
    await plane.until('it to have all back', async () => [...(await ownersOfOwn())].join() === 'apac');
    await ground.untilSettled('emea', 'apac');
    await ground.untilReason('apac', 'Degraded', 'AsExpected');
    console.log(await recorder.stop());
  });

  test('people can read what happened, with the reasons of the conditions', async () => {
    const { plane, ground } = at();
    await plane.until('the events', async () => {
      const text = await plane.kubectl('describe', 'tmg', 'apac', '-n', ground.namespace);
      const events = text.slice(text.indexOf('Events:'));
      return ['FailedOver', 'NoMonitorReady', 'MonitorsDown', 'AsExpected'].every((reason) =>
        events.includes(reason),
      );
    });
  });

  test('stays off duty when the operator begins anew', async () => {
    const { plane, ground } = at();
    ground.members.die('tm-apac');
    await plane.until('others to poll its cachegroups', async () => (await ownersOfOwn()).has('emea'));
    await ground.untilReason('apac', 'Degraded', 'FailedOver');
    const [operator] = ground.operators;
    assert.ok(operator);
    await operator.stop();
    operator.restart();
    await plane.until(
      'it to lead',
      async () => (await operator.metric('tm_operator_assignment_revision')) > 0,
    );
    await new Promise((resolve) => setTimeout(resolve, 3000));
    assert.ok((await ownersOfOwn()).has('emea'));
    ground.members.revive('tm-apac');
    await ground.untilSettled('emea', 'apac');
  });
});
