import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { withoutHalf } from '../../sim/without-half.ts';
import { buildWorld } from '../../sim/world.ts';
import { describeOnGround } from './on-ground.ts';
import type { OperatorProcess } from './operator-process.ts';

const base = { cachePort: 1, intervals: { trafficOps: 500 } };

describeOnGround('the operator and Traffic Ops', (at) => {
  let operator: OperatorProcess;
  const polled = async (): Promise<number> => (await at().ground.owners('emea')).size;

  before(async () => {
    const { ground } = at();
    await ground.trafficOps.setMode('refuse');
    await ground.admin.delete(`${ground.path('v1', 'secrets')}/traffic-ops`);
    ground.members.die('tm-emea'); // no pods, no monitors
    operator = await ground.startOperator();
    await ground.applyGroup('emea');
  });

  test('a Secret that is not there is named, and nothing is planned without a snapshot', async () => {
    const { ground } = at();
    const message = await ground.untilReason('emea', 'TrafficOpsReachable', 'Unreachable');
    assert.match(message, /secrets? "?traffic-ops"? not found/i);
    await ground.untilReason('emea', 'CoverageComplete', 'NoSnapshot');
    assert.match(await ground.untilReason('emea', 'Progressing', 'Starting'), /tm-emea-0/);
    assert.deepEqual(await ground.list('v1', 'pods'), []);
  });

  test('with the Secret, the outage of Traffic Ops itself is told', async () => {
    const { plane, ground } = at();
    await ground.createSecret();
    await plane.until('the outage to be told', async () => {
      const condition = await ground.condition('emea', 'TrafficOpsReachable');
      return /ECONNREFUSED|refused/.test(condition?.message ?? '');
    });
  });

  test('it goes on by itself when Traffic Ops is back', async () => {
    const { plane, ground } = at();
    await ground.trafficOps.setMode('up');
    await plane.until('pods', async () => (await ground.list('v1', 'pods')).length === 2);
    ground.members.revive('tm-emea');
    await ground.untilSettled('emea');
    await ground.untilStatus('emea', 'TrafficOpsReachable', 'True');
    assert.equal(await polled(), ground.world.cachegroups.length);
  });

  test('a snapshot with another cachegroup is carried out within seconds', async () => {
    const { plane, ground } = at();
    ground.relay({ ...base, cachegroups: 13, edges: 26 });
    const startMs = performance.now();
    await plane.until('the new revision', async () => (await polled()) === 13);
    console.log(`from the snapshot to the assignment: ${Math.round(performance.now() - startMs)} ms`);
    await ground.untilSettled('emea');
  });

  const refusals: readonly (readonly [what: string, serve: () => Promise<void> | void, told: RegExp])[] = [
    [
      'an older snapshot',
      () =>
        at().ground.trafficOps.serveVerbatim({
          snapshot: buildWorld({ ...base, date: 1_600_000_000 }).snapshot,
        }),
      /older/,
    ],
    [
      'a snapshot of another CDN',
      () =>
        at().ground.trafficOps.serveVerbatim({
          snapshot: buildWorld({ ...base, cdn: 'other-cdn', date: 1_900_000_000 }).snapshot,
        }),
      /other-cdn/,
    ],
    ['no snapshot at all', () => at().ground.trafficOps.serveVerbatim({ snapshot: { surprise: true } }), /./],
    ['a page of a proxy', () => at().ground.trafficOps.setMode('garbage'), /./],
    ['nothing but errors', () => at().ground.trafficOps.setMode('error'), /500/],
  ];
  for (const [what, serve, told] of refusals) {
    test(`${what} is refused and told of, and the last good one stays`, async () => {
      const { plane, ground } = at();
      const before = await ground.assignment('emea');
      await serve();
      await ground.untilStatus('emea', 'TrafficOpsReachable', 'False');
      await plane.until('the reason', async () => {
        const condition = await ground.condition('emea', 'TrafficOpsReachable');
        return told.test(condition?.message ?? '') && /stays in force/.test(condition?.message ?? '');
      });
      assert.deepEqual(await ground.assignment('emea'), before);
      await ground.trafficOps.setMode('up');
      ground.relay({ ...base, cachegroups: 13, edges: 26 });
      await ground.untilStatus('emea', 'TrafficOpsReachable', 'True');
      await ground.untilSettled('emea');
    });
  }

  test('a snapshot without half of the caches is held back, and told in condition, event and metric', async () => {
    const { plane, ground } = at();
    const held = () => operator.metric('tm_operator_snapshot_held_back_caches');
    const before = await ground.assignment('emea');
    assert.equal(await held(), 0);
    ground.trafficOps.replace(withoutHalf(ground.world));
    const message = await ground.untilReason('emea', 'TrafficOpsReachable', 'SnapshotHeldBack');
    assert.match(message, /lacks 13 of the 26 caches .* held back until 20.*shrinkHoldSeconds\) to 0/);
    await plane.until('the metric', async () => (await held()) === 13);
    assert.deepEqual(await ground.assignment('emea'), before);
    await plane.until('the event', async () => {
      const events = await ground.list('events.k8s.io/v1', 'events');
      return events.some((event) => event['reason'] === 'SnapshotHeldBack' && event['type'] === 'Warning');
    });
    ground.trafficOps.replace(ground.world);
    await ground.untilReason('emea', 'TrafficOpsReachable', 'Answers');
    await plane.until('the metric to be 0', async () => (await held()) === 0);
  });

  test('an operator that starts while Traffic Ops is away plans with the snapshot that was kept', async () => {
    const { plane, ground } = at();
    await ground.trafficOps.setMode('refuse');
    await operator.stop();
    operator.restart();
    await ground.applyGroup('apac', { location: ground.world.cachegroups[6]?.cachegroup });
    await plane.until('both to poll', async () => {
      const owners = [...(await ground.owners('apac')).values()].flat();
      return owners.includes('apac') && owners.includes('emea');
    });
    const message = await ground.untilReason('apac', 'TrafficOpsReachable', 'Unreachable');
    assert.match(message, /the snapshot of .* stays in force/);
    await ground.trafficOps.setMode('up');
    await ground.untilStatus('apac', 'TrafficOpsReachable', 'True');
    await ground.untilSettled('emea', 'apac');
    assert.equal(await polled(), 13);
  });

  test('a group that is deleted just when the operator starts is handed over nevertheless', async () => {
    const { plane, ground } = at();
    await ground.trafficOps.setMode('refuse');
    await operator.stop();
    ground.members.slowDown('tm-emea');
    await ground.deleteGroup('apac');
    operator.restart();
    await ground.untilReason('apac', 'Progressing', 'HandingOver');
    await plane.until('emea to be named', async () => {
      return [...(await ground.owners('emea')).values()].every((owners) => owners.includes('emea'));
    });
    assert.notEqual(await ground.group('apac'), null);
    ground.members.speedUp('tm-emea');
    await plane.until('its end', async () => (await ground.group('apac')) === null);
    await ground.trafficOps.setMode('up');
  });
});
