import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { DocumentRecorder } from './document-recorder.ts';
import { describeOnGround } from './on-ground.ts';
import type { OperatorProcess } from './operator-process.ts';

describeOnGround('two operators', (at) => {
  let one: OperatorProcess;
  let other: OperatorProcess;

  const leader = async (): Promise<OperatorProcess> => {
    let found: OperatorProcess | undefined;
    await at().plane.until('a leader', async () => {
      found = (await one.isLeader()) ? one : (await other.isLeader()) ? other : undefined;
      return found !== undefined;
    });
    assert.ok(found);
    return found;
  };
  const standbyOf = (leading: OperatorProcess): OperatorProcess => (leading === one ? other : one);

  /** Changes a group, and waits until it is carried out. Gives how long that took, in ms. */
  let replicas = 2;
  const changeIsMade = async (): Promise<number> => {
    const { plane, ground } = at();
    replicas = replicas === 2 ? 3 : 2;
    const startMs = performance.now();
    await ground.patchGroup('emea', { replicas });
    await plane.until('the change to be carried out', async () => {
      const set = (await ground.object('apps/v1', 'statefulsets', 'tm-emea')) as {
        spec?: { replicas?: number };
      } | null;
      return set?.spec?.replicas === replicas;
    });
    return performance.now() - startMs;
  };

  before(async () => {
    const { plane, ground } = at();
    one = await ground.startOperator('operator-a');
    other = await ground.startOperator('operator-b');
    await ground.applyGroup('emea');
    await ground.applyGroup('apac', { location: ground.world.cachegroups[6]?.cachegroup });
    await ground.untilSettled('emea', 'apac');
    await plane.until('both to be ready', async () => (await one.isReady()) && (await other.isReady()));
  });

  test('only one of them leads, and both are ready', async () => {
    assert.equal(Number(await one.isLeader()) + Number(await other.isLeader()), 1);
  });

  test('the leader is killed: the other carries out a change within 20 s', async () => {
    const { ground } = at();
    const leading = await leader();
    leading.kill();
    const tookMs = await changeIsMade();
    console.log(`from the death of the leader to a change carried out: ${(tookMs / 1000).toFixed(1)} s`);
    assert.ok(tookMs < 20_000);
    assert.equal(await standbyOf(leading).isLeader(), true);
    await ground.untilSettled('emea', 'apac');
    leading.restart();
    await at().plane.until('it to be ready', () => leading.isReady());
  });

  test('the leader is asked to end: the other leads at once', async () => {
    const { ground } = at();
    const leading = await leader();
    const stopped = leading.stop();
    const tookMs = await changeIsMade();
    await stopped;
    console.log(`from SIGTERM of the leader to a change carried out: ${(tookMs / 1000).toFixed(1)} s`);
    assert.ok(tookMs < 8000, 'sooner than a Lease ends');
    await ground.untilSettled('emea', 'apac');
    leading.restart();
    await at().plane.until('it to be ready', () => leading.isReady());
  });

  test('the leader stands still and comes to: it does not write over what another has decided', async () => {
    const { plane, ground } = at();
    const all = ground.world.cachegroups.map(({ cachegroup }) => cachegroup);
    const recorder = new DocumentRecorder(ground.admin, ground.namespace, () => all);
    recorder.start();
    const leading = await leader();
    await leading.pause();
    await plane.until('the other to lead', () => standbyOf(leading).isLeader());
    await changeIsMade();
    leading.resume();
    await changeIsMade();
    await plane.until('it to end', async () => !leading.running);
    assert.match(leading.lastWords, /leadership lost/);
    await ground.untilSettled('emea', 'apac');
    console.log(await recorder.stop());
  });
});
