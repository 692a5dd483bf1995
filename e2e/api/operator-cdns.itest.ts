import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SimulatedTrafficOps } from '../../sim/traffic-ops.ts';
import { buildWorld } from '../../sim/world.ts';
import { describeOnGround } from './on-ground.ts';
import { OperatorProcess } from './operator-process.ts';
import type { KubeObject } from './rest.ts';

/** The ground's own CDN has twelve cachegroups. */
const video = 'demo-cdn';
const software = buildWorld({
  cdn: 'software',
  cachePort: 1,
  cachegroups: 6,
  edges: 12,
  intervals: { trafficOps: 500 },
});
/** Longer than any delay with which an operator looks at something again. */
const restMs = 3000;

/** Kinds that an operator makes, for groups and for CDNs. */
const kinds = [
  ['v1', 'configmaps'],
  ['v1', 'services'],
  ['v1', 'serviceaccounts'],
  ['apps/v1', 'statefulsets'],
  ['policy/v1', 'poddisruptionbudgets'],
  ['rbac.authorization.k8s.io/v1', 'roles'],
  ['rbac.authorization.k8s.io/v1', 'rolebindings'],
] as const;

describeOnGround('two operators with a CDN each in one namespace', (at) => {
  let softwareOps: SimulatedTrafficOps;
  let ofVideo: OperatorProcess;
  let ofSoftware: OperatorProcess;

  const start = (cdn: string, trafficOpsUrl: string): Promise<OperatorProcess> => {
    const { plane, ground } = at();
    const { namespace, logFolder } = ground;
    const kubeconfig = plane.kubeconfigFile('operator', namespace);
    return OperatorProcess.start({
      kubeconfig,
      namespace,
      identity: `operator-${cdn}`,
      trafficOpsUrl,
      logFolder,
      cdn,
    });
  };
  /** Everything of one CDN that an operator has made, with the version of each. */
  const objectsOf = async (cdn: string): Promise<readonly string[]> => {
    const all: string[] = [];
    for (const [apiVersion, plural] of kinds) {
      const found = await at().ground.list(apiVersion, plural);
      all.push(
        ...found.filter((object) => isOf(object, cdn)).map((object) => `${plural} ${versionOf(object)}`),
      );
    }
    return all.sort();
  };

  before(async () => {
    const { ground } = at();
    const { username, password } = ground.trafficOps;
    softwareOps = await SimulatedTrafficOps.start(software, { username, password });
    ofVideo = await start(video, ground.trafficOps.url);
    ofSoftware = await start(software.cdn, softwareOps.url);
    await ground.applyGroup('emea', { location: 'london' });
    await ground.applyGroup('downloads', { cdn: software.cdn, location: 'tokyo' });
  });

  after(async () => {
    await Promise.all([ofVideo?.stop(), ofSoftware?.stop()]);
    await softwareOps?.close();
  });

  test('each leads, and gives its groups the cachegroups of its own Traffic Ops', async () => {
    const { plane, ground } = at();
    await ground.untilSettled('emea', 'downloads');
    await plane.until(
      'both to lead',
      async () => (await ofVideo.isLeader()) && (await ofSoftware.isLeader()),
    );
    assert.equal((await ground.owners('emea')).size, ground.world.cachegroups.length);
    assert.equal((await ground.owners('downloads')).size, software.cachegroups.length);
    for (const [group, cdn] of [
      ['emea', video],
      ['downloads', software.cdn],
    ] as const) {
      const document = await ground.assignment(group);
      assert.equal(document?.cdn, cdn);
      assert.deepEqual(
        document?.groups.map(({ name }) => name),
        [group],
      );
    }
    assert.equal(await ofVideo.metric('tm_operator_groups'), 1);
    assert.equal(await ofVideo.metric('tm_operator_groups', software.cdn), 0);
    assert.equal(await ofSoftware.metric('tm_operator_groups', software.cdn), 1);
  });

  test('without its operator a CDN stays as it is, whatever is asked for; the other operator takes no hand in it', async () => {
    const { plane, ground } = at();
    await ofSoftware.stop();
    const before = await objectsOf(software.cdn);
    assert.ok(before.length > 5, before.join('\n'));
    await ground.patchGroup('downloads', { replicas: 3 });
    await ground.applyGroup('more-downloads', { cdn: software.cdn, location: 'london' });
    ground.members.die('tm-downloads');
    // The other one is at work meanwhile.
    await ground.patchGroup('emea', { replicas: 3 });
    await plane.until('emea to have grown', async () => {
      const set = await ground.object('apps/v1', 'statefulsets', 'tm-emea');
      return (set?.['spec'] as { replicas?: number } | undefined)?.replicas === 3;
    });
    await sleep(restMs);
    assert.deepEqual(await objectsOf(software.cdn), before);
    assert.equal((await ground.group('more-downloads'))?.['status'], undefined);
  });

  test('its operator carries it out when it is back, and leaves the other CDN alone', async () => {
    const { ground } = at();
    await ground.untilSettled('emea');
    const before = await objectsOf(video);
    ground.members.revive('tm-downloads');
    ofSoftware.restart();
    await ground.untilSettled('downloads', 'more-downloads');
    const owners = [...(await ground.owners('downloads')).values()].flat();
    assert.deepEqual([...new Set(owners)].sort(), ['downloads', 'more-downloads']);
    await sleep(restMs);
    assert.deepEqual(await objectsOf(video), before);
  });

  test('a CDN whose last group is deleted takes nothing of the other along', async () => {
    const { plane, ground } = at();
    const before = await objectsOf(video);
    await ground.deleteGroup('downloads');
    await plane.until('the first to go', async () => (await ground.group('downloads')) === null);
    await ground.deleteGroup('more-downloads');
    await plane.until('all of it to go', async () => (await objectsOf(software.cdn)).length === 0);
    assert.deepEqual(await objectsOf(video), before);
    assert.equal(await ofSoftware.metric('tm_operator_groups'), 0);
  });
});

const isOf = ({ metadata: { labels = {} } }: KubeObject, cdn: string): boolean =>
  labels['trafficcontrol.cdn/cdn'] === cdn;

const versionOf = ({ metadata }: KubeObject): string => `${metadata.name} ${metadata.resourceVersion}`;
