import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { FaultProxy } from './fault-proxy.ts';
import { describeOnGround } from './on-ground.ts';
import type { OperatorProcess } from './operator-process.ts';

/** How long nothing is changed while requests are counted. */
const QUIET_MS = 20_000;

describeOnGround('what is as it should be is left alone, what is not is repaired', (at) => {
  let proxy: FaultProxy;
  let operator: OperatorProcess;

  before(async () => {
    const { plane, ground } = at();
    const { server, authority } = plane.access('operator');
    proxy = await FaultProxy.start({ server, authority, certificate: plane.servingCertificate });
    operator = await ground.startOperator('operator-0', proxy.address);
    await ground.applyGroup('emea', { resources: { limits: { memory: '1024Mi', cpu: '1000m' } } });
    await ground.applyGroup('apac', { location: ground.world.cachegroups[5]?.cachegroup });
    await ground.untilSettled('emea', 'apac');
  });

  after(() => proxy?.stop());

  /** Writes of others than the leader's Lease. */
  const writesSince = (earlier: FaultProxy['counts']): number => {
    const since = proxy.counts.since(earlier);
    const renewals = since.all.find(
      ({ verb, resource }) => verb === 'update' && resource.startsWith('leases'),
    );
    return since.writes - (renewals?.count ?? 0);
  };

  test('nothing is written while nothing changes', async () => {
    const { ground } = at();
    await sleep(3000); // the last renewals are told
    const earlier = proxy.counts;
    await sleep(QUIET_MS);
    console.log(`requests in a quiet time of two groups:\n${proxy.counts.since(earlier).describe(QUIET_MS)}`);
    assert.equal(writesSince(earlier), 0);
    await ground.untilSettled('emea', 'apac');
  });

  test('the same resource again changes nothing', async () => {
    const { ground } = at();
    const earlier = proxy.counts;
    await ground.applyGroup('apac', { location: ground.world.cachegroups[5]?.cachegroup });
    await sleep(3000);
    assert.equal(writesSince(earlier), 0, proxy.counts.since(earlier).describe());
  });

  test('an operator that starts anew finds all as it should be, and writes nothing', async () => {
    const { plane, ground } = at();
    await operator.stop();
    const earlier = proxy.counts;
    operator.restart();
    await plane.until('the operator to lead and to have planned', async () => {
      return (await operator.metric('tm_operator_assignment_revision')) > 0;
    });
    await sleep(12_000); // longer than a Lease lasts: who is alive must have been seen
    assert.equal(writesSince(earlier), 0, proxy.counts.since(earlier).describe());
    await ground.untilSettled('emea', 'apac');
  });

  const drifts: readonly [what: string, apiVersion: string, plural: string, name: string, patch: unknown][] =
    [
      [
        'a Service that selects others',
        'v1',
        'services',
        'tm-emea',
        { spec: { selector: { 'trafficcontrol.cdn/group': 'x' } } },
      ],
      [
        'a StatefulSet that was scaled by hand',
        'apps/v1',
        'statefulsets',
        'tm-emea',
        { spec: { replicas: 5 } },
      ],
      ['an assignment that was edited', 'v1', 'configmaps', 'tm-emea', { data: { 'assignment.json': '{}' } }],
      ['rights that were taken away', 'rbac.authorization.k8s.io/v1', 'roles', 'tm-emea', { rules: [] }],
      [
        'an owner reference that was removed',
        'policy/v1',
        'poddisruptionbudgets',
        'tm-emea',
        { metadata: { ownerReferences: null } },
      ],
    ];
  for (const [what, apiVersion, plural, name, patch] of drifts) {
    test(`${what} is set right`, async () => {
      const { plane, ground } = at();
      const essence = async () => {
        const object = await ground.object(apiVersion, plural, name);
        const { spec, data, rules } = (object ?? {}) as Record<string, unknown>;
        return JSON.stringify({ spec, data, rules, owners: object?.metadata['ownerReferences'] });
      };
      const before = await essence();
      await ground.admin.mergePatch(`${ground.path(apiVersion, plural)}/${name}`, patch);
      await plane.until('it to be as before', async () => (await essence()) === before);
    });
  }

  for (const [apiVersion, plural, name] of [
    ['v1', 'services', 'peers-apac'],
    ['v1', 'configmaps', 'tm-apac'],
    ['coordination.k8s.io/v1', 'leases', 'tm-apac-1'],
  ] as const) {
    test(`a ${plural.slice(0, -1)} that was deleted comes back`, async () => {
      const { plane, ground } = at();
      const uid = (await ground.object(apiVersion, plural, name))?.metadata.uid;
      assert.ok(uid);
      await ground.admin.delete(`${ground.path(apiVersion, plural)}/${name}`);
      await plane.until('another one', async () => {
        const found = (await ground.object(apiVersion, plural, name))?.metadata.uid;
        return found !== undefined && found !== uid;
      });
      await ground.untilSettled('apac', 'emea');
    });
  }

  test('a piece of a snapshot that has become smaller is removed', async () => {
    const { plane, ground } = at();
    const first = await ground.object('v1', 'configmaps', `traffic-monitor-${ground.world.cdn}-snapshot-0`);
    const name = `traffic-monitor-${ground.world.cdn}-snapshot-3`;
    assert.ok(first);
    const { labels, ownerReferences } = first.metadata;
    await ground.admin.create(ground.path('v1', 'configmaps'), {
      metadata: { name, labels, ownerReferences },
      binaryData: { 'crconfig.json.gz.1': 'AAAA' },
    });
    await plane.until('it to be gone', async () => (await ground.object('v1', 'configmaps', name)) === null);
  });

  test('an object of the same name that somebody else made is left alone, and told of', async () => {
    const { plane, ground } = at();
    const where = `${ground.path('v1', 'services')}/tm-latam`;
    await ground.admin.create(ground.path('v1', 'services'), {
      metadata: { name: 'tm-latam', labels: { team: 'other' } },
      spec: { selector: { app: 'other' }, ports: [{ port: 80 }] },
    });
    await ground.applyGroup('latam', { location: ground.world.cachegroups[8]?.cachegroup });
    const message = await ground.untilReason('latam', 'Degraded', 'ApplyFailed');
    assert.match(
      message,
      /Service .*\/tm-latam exists and was not made by this operator; rename or delete it/,
    );
    const foreign = await ground.admin.get(where);
    assert.deepEqual(foreign?.metadata.labels, { team: 'other' });
    assert.match(JSON.stringify(foreign?.['spec']), /"selector":\{"app":"other"\}/);
    // All else is done nevertheless: its caches are polled.
    await plane.until('its pods', async () => {
      return (await ground.list('v1', 'pods')).some(({ metadata }) => metadata.name === 'tm-latam-1');
    });
    const owners = await ground.owners('emea');
    assert.equal(owners.size, ground.world.cachegroups.length);
    await ground.admin.delete(where);
    await ground.untilSettled('latam');
    await ground.untilStatus('latam', 'Degraded', 'False');
    await ground.deleteGroup('latam');
    await plane.until('its end', async () => (await ground.group('latam')) === null);
  });
});
