import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { customResourceDefinition } from '../../operator/api/v1alpha1/custom-resource-definition.ts';
import { plainSpec } from '../../operator/api/v1alpha1/testing/plain-spec.ts';
import { programSets } from '../tools/programs.ts';
import { whyMissing } from '../tools/tools.ts';
import { ControlPlane } from './control-plane.ts';
import { least, many, refused } from './refused-groups.ts';
import { reasonOf } from './rest.ts';

const missing = whyMissing(programSets.api);
if (missing !== null) console.log(`SKIPPED: the definition of TrafficMonitorGroup: ${missing}`);

const crds = path.join(import.meta.dirname, '../../crds');
describe('the definition of TrafficMonitorGroup, on a real API server,', { skip: missing ?? false }, () => {
  let plane: ControlPlane;
  let namespace: string;
  let groups: string;
  const group = (name: string, spec: object | null) => ({
    apiVersion: 'trafficcontrol.cdn/v1alpha1',
    kind: 'TrafficMonitorGroup',
    metadata: { name },
    ...(spec === null ? {} : { spec }),
  });

  const object = async (url: string) => {
    const found = await plane.admin.get(url);
    assert.ok(found !== null, url);
    return found;
  };

  before(async () => {
    plane = await ControlPlane.start();
    namespace = await plane.createNamespace();
    groups = `/apis/trafficcontrol.cdn/v1alpha1/namespaces/${namespace}/trafficmonitorgroups`;
    await plane.kubectl('apply', '-f', crds);
    await plane.until('the resource', async () => (await plane.admin.ask('GET', groups)).status === 200);
  });

  after(() => plane?.stop());

  test('is taken as it is written: nothing of it is dropped or warned of', async () => {
    const { metadata, spec } = customResourceDefinition();
    const crd = await object(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${metadata.name}`);
    const { conditions } = crd['status'] as {
      conditions: { type: string; status: string; message: string }[];
    };
    assert.deepEqual(
      conditions.filter(({ status }) => status !== 'True'),
      [],
    );
    assert.deepEqual((crd['spec'] as typeof spec).versions, JSON.parse(JSON.stringify(spec.versions)));
  });

  test('fills in every default', async () => {
    const made = await plane.admin.create(groups, group('plain', least));
    assert.deepEqual(made['spec'], plainSpec);
  });

  test('takes everything that a group can have', async () => {
    await plane.admin.create(
      groups,
      group('everything', {
        ...least,
        replicas: 5,
        redundancy: 2,
        strategy: 'buckets',
        cacheGroups: many(500),
        exclude: ['cg-far'],
        statPolling: true,
        statFlushIntervalMs: 20,
        statBufferIntervalMs: 0,
        peerOptimisticQuorumMin: 2,
        statsdAddress: '[2001:db8::1]:8125',
        trafficOps: {
          url: 'https://ops.example.net:8443/',
          secretRef: { name: 'ops' },
          caConfigMapRef: { name: 'ca' },
        },
        image: 'registry.example.net/tm@sha256:0123',
        imagePullPolicy: 'IfNotPresent',
        resources: { requests: { cpu: 1, memory: '512Mi' }, limits: { memory: '1Gi' } },
        podTemplate: {
          metadata: { labels: { team: 'cdn' }, annotations: { 'example.net/a': 'b' } },
          spec: {
            nodeSelector: { disk: 'ssd' },
            containers: [{ name: 'monitor', env: [{ name: 'A', value: 'b' }] }],
          },
        },
        service: { type: 'LoadBalancer', annotations: { 'example.net/internal': 'true' } },
        networkPolicy: true,
        paused: true,
      }),
    );
    const kept = await object(`${groups}/everything`);
    const { podTemplate } = kept['spec'] as { podTemplate: { spec: object } };
    assert.deepEqual(podTemplate.spec, {
      nodeSelector: { disk: 'ssd' },
      containers: [{ name: 'monitor', env: [{ name: 'A', value: 'b' }] }],
    });
  });

  for (const [what, spec, message] of refused) {
    test(`refuses ${what}`, async () => {
      const answer = await plane.admin.ask('POST', groups, group('bad', spec));
      const reason = reasonOf(answer);
      assert.ok(answer.status === 422 || answer.status === 400, `${answer.status}: ${reason}`);
      assert.ok(reason.includes(message), reason);
    });
  }

  for (const name of ['a-name.with-dots', '1st', `g${'o'.repeat(40)}`]) {
    test(`refuses the name ${name}`, async () => {
      const reason = reasonOf(await plane.admin.ask('POST', groups, group(name, least)));
      assert.match(reason, /the name of a group must have 40 characters at most, letters, digits and -/);
    });
  }

  test('refuses another CDN for a group that exists', async () => {
    const url = `${groups}/plain`;
    const answer = await plane.admin.ask(
      'PATCH',
      url,
      { spec: { cdn: 'cdn2' } },
      'application/merge-patch+json',
    );
    assert.equal(answer.status, 422);
    assert.match(
      reasonOf(answer),
      /cdn cannot be changed: create a group for the other CDN, then delete this one/,
    );
  });

  test('refuses a misspelt field when asked strictly, as kubectl does', async () => {
    const answer = await plane.admin.ask(
      'POST',
      `${groups}?fieldValidation=Strict`,
      group('bad', { ...least, replica: 3 }),
    );
    assert.match(reasonOf(answer), /unknown field "spec.replica"/);
  });

  test('scales, within its rules', async () => {
    await plane.admin.create(groups, group('scaled', { ...least, redundancy: 2 }));
    await plane.kubectl('scale', 'tmg/scaled', '--replicas=4', '-n', namespace);
    const spec = (await object(`${groups}/scaled`))['spec'] as { replicas: number };
    assert.equal(spec.replicas, 4);
    await assert.rejects(
      plane.kubectl('scale', 'tmg/scaled', '--replicas=1', '-n', namespace),
      /redundancy may not be more than replicas/,
    );
  });

  test('keeps status apart from spec, and shows health at a glance', async () => {
    await plane.admin.create(groups, group('shown', { ...least, replicas: 3 }));
    const lastTransitionTime = '2026-01-02T03:04:05Z';
    await plane.admin.mergePatch(`${groups}/shown/status`, {
      spec: { replicas: 7 },
      status: {
        observedGeneration: 1,
        replicas: 3,
        readyReplicas: 2,
        revision: 12,
        appliedMembers: '2/3',
        cachegroupCount: 1,
        cachegroups: ['cg-london'],
        members: [{ name: 'shown-0', ready: true, live: true, appliedRevision: 12 }],
        conditions: [
          { type: 'Available', status: 'True', reason: 'Answering', message: '', lastTransitionTime },
          { type: 'Degraded', status: 'True', reason: 'MemberDown', message: '', lastTransitionTime },
        ].map((condition) => ({ ...condition, observedGeneration: 1 })),
      },
    });
    const [head = '', row = ''] = (await plane.kubectl('get', 'tmg', 'shown', '-n', namespace)).split('\n');
    assert.deepEqual(head.trim().split(/\s+/), [
      'NAME',
      'CDN',
      'LOCATION',
      'DESIRED',
      'READY',
      'CACHEGROUPS',
      'APPLIED',
      'AVAILABLE',
      'DEGRADED',
      'REASON',
      'AGE',
    ]);
    const cells = row.trim().split(/\s+/);
    assert.deepEqual(cells.slice(0, -1), [
      'shown',
      'cdn1',
      'cg-london',
      '3',
      '2',
      '1',
      '2/3',
      'True',
      'True',
      'MemberDown',
    ]);
    assert.match(await plane.kubectl('get', 'trafficcontrol', '-n', namespace), /shown/);
  });

  test('lets groups be chosen by their CDN', async () => {
    await plane.admin.create(groups, group('other', { ...least, cdn: 'cdn9' }));
    const found = await plane.admin.list(`${groups}?fieldSelector=spec.cdn%3Dcdn9`);
    assert.deepEqual(
      found.map(({ metadata }) => metadata.name),
      ['other'],
    );
  });

  test('explains every field', async () => {
    const told = await plane.kubectl('explain', 'tmg.spec', '--recursive=false');
    assert.match(told, /failoverAfterSeconds\s+<integer>\s+A group without a sign of life for so long gives/);
    assert.doesNotMatch(told, /<no description>/);
  });
});
