import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, describe, test } from 'node:test';
import { closeServer } from '../../sim/listening.ts';
import { SimulatedTrafficOps } from '../../sim/traffic-ops.ts';
import { buildWorld } from '../../sim/world.ts';
import { ControlPlane } from '../api/control-plane.ts';
import type { KubeObject } from '../api/rest.ts';
import { SimulatedMembers } from '../api/simulated-members.ts';
import { programSets } from '../tools/programs.ts';
import { findTools, whyMissing } from '../tools/tools.ts';
import { chartFolder, Helm, type Values } from './helm.ts';
import { ReleaseOperators } from './release-operators.ts';
import { ReleasePods } from './release-pods.ts';

const missing = whyMissing([...programSets.api, ...programSets.chart]);
if (missing !== null) console.log(`SKIPPED: releases of the chart: ${missing}`);

const groupsPath = '/apis/trafficcontrol.cdn/v1alpha1';
const crdPath =
  '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/trafficmonitorgroups.trafficcontrol.cdn';

describe('releases of the chart, on a real API server,', { skip: missing ?? false }, () => {
  let plane: ControlPlane;
  let namespace: string;
  let helm: Helm;
  let pods: ReleasePods;
  let members: SimulatedMembers;
  let trafficOps: SimulatedTrafficOps;
  let operators: ReleaseOperators;

  const world = buildWorld({ cachePort: 1, cachegroups: 4, edges: 4, intervals: { trafficOps: 500 } });
  const location = world.cachegroups[0]?.cachegroup;
  const values = (groups: Values, more: Values = {}): Values => ({
    cdn: world.cdn,
    trafficOps: { url: trafficOps.url, username: trafficOps.username, password: trafficOps.password },
    groupDefaults: { location },
    groups,
    ...more,
  });
  const install = (release: string, all: Values): Promise<string> =>
    helm.run(['upgrade', '--install', release, chartFolder, '--namespace', namespace], all);
  const groups = async (): Promise<readonly KubeObject[]> =>
    plane.admin.list(`${groupsPath}/namespaces/${namespace}/trafficmonitorgroups`);
  /** What the last pod of a hook printed. */
  const lastLog = (): string => [...pods.logs.values()].at(-1) ?? '';
  /** Every object in the namespace, by kind and name. */
  const everything = async (): Promise<readonly string[]> => {
    const kinds = (await plane.kubectl('api-resources', '--namespaced', '--verbs=list', '-o', 'name'))
      .split('\n')
      .filter((kind) => kind !== '' && !kind.startsWith('events'));
    return (await plane.kubectl('get', '-n', namespace, kinds.join(), '-o', 'name', '--ignore-not-found'))
      .split('\n')
      .filter((line) => line !== '');
  };
  /** What was there before. */
  let foreign: readonly string[];
  /** What a group's spec holds. */
  const specOf = async (name: string): Promise<Values> => {
    const found = (await groups()).find(({ metadata }) => metadata.name === name);
    assert.ok(found !== undefined, name);
    return found['spec'] as Values;
  };
  const names = async (): Promise<readonly string[]> => (await groups()).map(({ metadata }) => metadata.name);

  before(async () => {
    const { tools } = await findTools(programSets.chart);
    assert.ok(tools !== null);
    plane = await ControlPlane.start();
    namespace = await plane.createNamespace('chart');
    await plane.admin.mergePatch(`/api/v1/namespaces/${namespace}`, {
      metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    });
    foreign = await everything();
    helm = new Helm(tools.helm, plane.kubeconfigFile('admin', namespace));
    trafficOps = await SimulatedTrafficOps.start(world);
    pods = new ReleasePods(plane, namespace);
    pods.start();
    operators = new ReleaseOperators(plane, namespace, pods);
    members = new SimulatedMembers(plane.admin, namespace);
    members.start();
  });

  after(async () => {
    await operators?.close();
    await members?.stop();
    await pods?.stop();
    await trafficOps?.close();
    helm?.close();
    await plane?.stop();
  });

  test('an install makes definition, operator and groups at once', async () => {
    await install('one', values({ emea: { replicas: 3 }, apac: null }));
    assert.deepEqual(await names(), ['apac', 'emea']);
    const { cdn, replicas, location: place } = await specOf('emea');
    assert.deepEqual([cdn, replicas, place], [world.cdn, 3, location]);
    await operators.start('one');
    await plane.until('pods of both groups', async () => {
      const selector = encodeURIComponent('app.kubernetes.io/component=monitor');
      const found = await plane.admin.list(`/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`);
      return found.length === 5;
    });
  });

  test('the operator and its hooks run under Pod Security "restricted"', async () => {
    const where = `/api/v1/namespaces/${namespace}/pods?labelSelector=app.kubernetes.io%2Fcomponent%3Doperator`;
    await plane.until('two pods', async () => (await plane.admin.list(where)).length === 2);
  });

  test('an upgrade adds groups and removes them, in this order', async () => {
    await install('one', values({ emea: { replicas: 3 }, amer: {} }));
    await plane.until('apac to go', async () => (await names()).join() === 'amer,emea');
  });

  test('a refused group changes nothing, and the reason is told', async () => {
    const bad = { emea: { replicas: 1 }, amer: { redundancy: 9 } };
    await assert.rejects(
      helm.run(
        ['upgrade', 'one', chartFolder, '--namespace', namespace, '--timeout', '15s'],
        values(bad, { hooks: { applySeconds: 5 } }),
      ),
    );
    assert.match(lastLog(), /nothing was changed:\ngroup amer: .*redundancy may not be more than replicas/);
    assert.equal((await specOf('emea'))['replicas'], 3);
  });

  test('a rollback brings the groups back too', async () => {
    await helm.run(['rollback', 'one', '1', '--namespace', namespace]);
    await plane.until('the groups of revision 1', async () => (await names()).join() === 'apac,emea');
  });

  test('helm test asks as a router does, and fails while no monitor answers', async () => {
    const states = { caches: { a: { isAvailable: true }, b: { isAvailable: false } }, deliveryServices: {} };
    let body: string | null = null;
    const router = http.createServer((_request, response) => {
      response.statusCode = body === null ? 503 : 200;
      response.end(body ?? 'Service Unavailable: 2 caches are not known yet');
    });
    await new Promise<void>((resolve) => router.listen(0, '127.0.0.1', resolve));
    const { port } = router.address() as { readonly port: number };
    pods.replaced.set('ROUTER_URL', `http://127.0.0.1:${port}/publish/CrStates`);
    pods.replaced.set('DEADLINE_SECONDS', '1');
    try {
      await assert.rejects(helm.run(['test', 'one', '--namespace', namespace]));
      assert.match(lastLog(), /503: Service Unavailable: 2 caches are not known yet\. Look at the groups/);
      body = JSON.stringify(states);
      await helm.run(['test', 'one', '--namespace', namespace]);
      assert.match(lastLog(), /1 of 2 caches are available/);
    } finally {
      pods.replaced.clear();
      await closeServer(router);
    }
  });

  test('a second CDN lives in the same namespace', async () => {
    const second = (groups: Values): Values =>
      values(groups, { cdn: 'second', crds: { enabled: false }, groupDefaults: { strategy: 'buckets' } });
    await assert.rejects(install('two', second({ emea: {} })));
    assert.match(lastLog(), /not of release two, and nothing was changed: emea/);
    assert.equal((await specOf('emea'))['cdn'], world.cdn);
    await install('two', second({ nord: {} }));
    await operators.start('two');
    await plane.until('the group', async () => {
      const sets = await plane.admin.list(`/apis/apps/v1/namespaces/${namespace}/statefulsets`);
      const leases = await plane.admin.list(`/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`);
      return (
        (await names()).join() === 'apac,emea,nord' &&
        sets.length === 2 &&
        leases.filter(({ metadata }) => metadata.name.endsWith('-operator')).length === 2
      );
    });
    await helm.run(['uninstall', 'two', '--namespace', namespace]);
    assert.deepEqual(await names(), ['apac', 'emea']);
  });

  test('an uninstall leaves the definition and what is not of the release, and nothing else', async () => {
    await helm.run(['uninstall', 'one', '--namespace', namespace]);
    assert.deepEqual(await names(), []);
    assert.ok((await plane.admin.get(crdPath)) !== null);
    await operators.stop();
    let left: readonly string[] = [];
    await plane
      .until('all to be gone', async () => {
        left = (await everything()).filter((one) => !foreign.includes(one));
        return left.length === 0;
      })
      .catch(() => assert.deepEqual(left, []));
  });

  test('the same release can come again, and takes the definition along if told so', async () => {
    await install('one', values({}, { crds: { keep: false } }));
    await helm.run(['uninstall', 'one', '--namespace', namespace]);
    await plane.until('the definition to go', async () => (await plane.admin.get(crdPath)) === null);
  });

  test('a release that was never whole can be uninstalled: without operator, without definition', async () => {
    await assert.rejects(
      helm.run(
        ['install', 'one', chartFolder, '--namespace', namespace, '--timeout', '15s'],
        values({ emea: {} }, { crds: { enabled: false }, hooks: { applySeconds: 1 } }),
      ),
    );
    assert.match(lastLog(), /does not know TrafficMonitorGroups: install the chart with crds\.enabled=true/);
    await helm.run(['uninstall', 'one', '--namespace', namespace]);
    await install('one', values({ emea: {} }, { hooks: { removeSeconds: 2 } }));
    // As an operator leaves it that has ended for ever.
    await plane.admin.mergePatch(`${groupsPath}/namespaces/${namespace}/trafficmonitorgroups/emea`, {
      metadata: { finalizers: ['trafficcontrol.cdn/hand-over'] },
    });
    await helm.run(['uninstall', 'one', '--namespace', namespace]);
    assert.match(lastLog(), /group emea: the operator did not let it go in time; released without it/);
    assert.deepEqual(await names(), []);
  });
});
