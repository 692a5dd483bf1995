import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DocumentRecorder } from './document-recorder.ts';
import { describeOnGround } from './on-ground.ts';
import type { OperatorProcess } from './operator-process.ts';

const OUTAGE_MS = 60_000;
/** From the return of the API server to a change being carried out. */
const RECOVERY_LIMIT_MS = 45_000;

describeOnGround('an API server that is away for a minute', (at) => {
  const operators: OperatorProcess[] = [];

  before(async () => {
    const { ground } = at();
    for (const identity of ['operator-a', 'operator-b']) operators.push(await ground.startOperator(identity));
    await ground.applyGroup('emea');
    await ground.applyGroup('apac', { location: ground.world.cachegroups[6]?.cachegroup });
    await ground.untilSettled('emea', 'apac');
  });

  test('nothing is lost, nobody is taken for dead, and changes are carried out when it is back', async () => {
    const { plane, ground } = at();
    const all = ground.world.cachegroups.map(({ cachegroup }) => cachegroup);
    const recorder = new DocumentRecorder(ground.admin, ground.namespace, () => all);
    const before = await ground.assignment('emea');
    const ends = operators.map((operator) => operator.keepRunning());
    recorder.start();
    try {
      await plane.stopApiServer();
      await sleep(OUTAGE_MS);
      await plane.startApiServer();
      const backMs = performance.now();
      // Nothing that needs Kubernetes' own controllers, which take their time to recover.
      await ground.patchGroup('emea', { redundancy: 1 });
      await plane.until('the change to be carried out', async () => {
        return (await ground.assignment('emea'))?.redundancy === 1;
      });
      const tookMs = performance.now() - backMs;
      console.log(
        `from the return of the API server to a change carried out: ${(tookMs / 1000).toFixed(1)} s`,
      );
      assert.ok(tookMs < RECOVERY_LIMIT_MS);
      await ground.untilSettled('emea', 'apac');
      await sleep(12_000); // longer than a Lease lasts: whoever is taken for dead would be by now
      await ground.untilSettled('emea', 'apac');
    } catch (error) {
      for (const operator of operators) console.log(operator.lastWords);
      throw error;
    } finally {
      for (const end of ends) end();
    }
    console.log(await recorder.stop());
    const after = await ground.assignment('emea');
    const owned = (document: typeof before) => document?.groups.map(({ cachegroups }) => cachegroups);
    assert.deepEqual(owned(after), owned(before), 'an outage is no reason to move anything');
    const events = await plane.kubectl('get', 'events.v1.events.k8s.io', '-n', ground.namespace);
    assert.doesNotMatch(events, /FailedOver/);
  });
});
