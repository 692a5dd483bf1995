import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { V1ConfigMap, V1PodSpec, V1Role, V1StatefulSet } from '@kubernetes/client-node';
import type { AssignmentDocument } from '../../common/assignment/document.ts';
import { cachegroupName, cdnName, groupName, monitorName } from '../../common/ids.ts';
import type { Wire } from '../kube/wire.ts';
import { groupManifests } from './manifests.ts';
import { groupPlan } from './testing/group-plans.ts';

const assignment: AssignmentDocument = {
  version: 1,
  revision: 3,
  cdn: cdnName('cdn1'),
  group: groupName('emea'),
  redundancy: 'All',
  groups: [
    {
      name: groupName('emea'),
      cachegroups: [cachegroupName('london')],
      members: [{ name: monitorName('tm-emea-0'), host: '198.18.1.2', port: 8080 }],
    },
  ],
  handovers: [],
  failovers: [],
};

const kinds = (plan = groupPlan(), document: AssignmentDocument | null = assignment): string[] =>
  groupManifests(plan, document).map(({ kind }) => kind ?? '');

function podSpecOf(plan = groupPlan()): Wire<V1PodSpec> {
  const set = groupManifests(plan, assignment).find(
    ({ kind }) => kind === 'StatefulSet',
  ) as Wire<V1StatefulSet>;
  assert.ok(set.spec?.template.spec);
  return set.spec.template.spec;
}

test('a group becomes all that its pods need, before its pods', () => {
  assert.deepEqual(kinds(), [
    'ServiceAccount',
    'Role',
    'RoleBinding',
    'Lease',
    'Lease',
    'ConfigMap',
    'Service',
    'Service',
    'PodDisruptionBudget',
    'StatefulSet',
  ]);
});

test('without an assignment there are no pods yet', () => {
  assert.ok(!kinds(groupPlan(), null).includes('StatefulSet'));
});

test('a network policy comes when asked for', () => {
  assert.ok(!kinds().includes('NetworkPolicy'));
  assert.ok(kinds(groupPlan({ networkPolicy: true })).includes('NetworkPolicy'));
});

test('every object has its group as controlling owner', () => {
  for (const { kind, metadata } of groupManifests(groupPlan({ networkPolicy: true }), assignment)) {
    const [owner] = metadata?.ownerReferences ?? [];
    assert.equal(owner?.uid, groupPlan().uid, kind);
    assert.equal(owner?.controller, true, kind);
  }
});

test('credentials are in no file: the environment has them from the Secret', () => {
  const map = groupManifests(groupPlan(), assignment).find(
    ({ kind }) => kind === 'ConfigMap',
  ) as Wire<V1ConfigMap>;
  assert.doesNotMatch(JSON.stringify(map.data), /username|password/i);
  const secrets = podSpecOf().containers[0]?.env?.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name);
  assert.ok(secrets?.includes('traffic-ops'));
});

test('pods meet Pod Security "restricted"', () => {
  const { securityContext, containers } = podSpecOf();
  assert.equal(securityContext?.runAsNonRoot, true);
  assert.equal(securityContext?.seccompProfile?.type, 'RuntimeDefault');
  assert.deepEqual(containers[0]?.securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
});

test('overrides are laid over the pod, but cannot take it away from its group', () => {
  const plan = groupPlan({
    podTemplate: {
      labels: { team: 'cdn', 'trafficcontrol.cdn/group': 'other' },
      annotations: { note: 'x' },
      spec: {
        priorityClassName: 'high',
        containers: [{ name: 'monitor', env: [{ name: 'TZ', value: 'UTC' }] }],
      },
    },
  });
  const set = groupManifests(plan, assignment).find(
    ({ kind }) => kind === 'StatefulSet',
  ) as Wire<V1StatefulSet>;
  assert.equal(set.spec?.template.metadata?.labels?.['team'], 'cdn');
  assert.equal(set.spec?.template.metadata?.labels?.['trafficcontrol.cdn/group'], 'emea');
  const spec = podSpecOf(plan);
  assert.equal(spec.priorityClassName, 'high');
  assert.ok(spec.containers[0]?.env?.some(({ name }) => name === 'TZ'));
  assert.equal(spec.containers[0]?.image, 'traffic-monitor:1');
});

test('monitors may read their own ConfigMap and renew their own Leases, by name, and nothing else', () => {
  const role = groupManifests(groupPlan(), assignment).find(({ kind }) => kind === 'Role') as Wire<V1Role>;
  for (const rule of role.rules ?? []) {
    assert.ok((rule.resourceNames ?? []).length > 0, 'a rule without names is a rule for all');
    assert.ok(!rule.verbs.includes('create') && !rule.verbs.includes('*'));
  }
  assert.deepEqual(role.rules?.[1]?.resourceNames, ['tm-emea-0', 'tm-emea-1']);
});

test('a group scaled to zero may renew no Lease at all', () => {
  const role = groupManifests(groupPlan({ replicas: 0 }), assignment).find(
    ({ kind }) => kind === 'Role',
  ) as Wire<V1Role>;
  assert.equal(role.rules?.length, 1);
});

test('a new assignment leaves the pods as they are; a new setting replaces them', () => {
  const template = (plan: ReturnType<typeof groupPlan>, document: AssignmentDocument) =>
    JSON.stringify(
      (groupManifests(plan, document).find(({ kind }) => kind === 'StatefulSet') as Wire<V1StatefulSet>).spec
        ?.template,
    );
  const before = template(groupPlan(), assignment);
  assert.equal(template(groupPlan(), { ...assignment, revision: 4 }), before);
  const { monitor } = groupPlan();
  assert.notEqual(template(groupPlan({ monitor: { ...monitor, statPolling: false } }), assignment), before);
});
