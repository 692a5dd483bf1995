import type { V1Container, V1EnvVar, V1PodTemplateSpec, V1Volume } from '@kubernetes/client-node';
import type { Wire } from '../kube/wire.ts';
import type { GroupPlan, TrafficOpsAccess } from './group-plan.ts';
import { type Json, mergeByName } from './merge-by-name.ts';
import {
  CA_DIR,
  CONFIG_DIR,
  configHash,
  DRAIN_MS,
  HTTP_PORT,
  MONITOR_CFG,
  OPS_CFG,
  SNAPSHOT_DIR,
  STATE_DIR,
} from './monitor-files.ts';
import { groupLabels, groupObjectName, groupSelector, snapshotConfigMapName } from './names.ts';
import { SNAPSHOT_PIECES } from './snapshot-config-maps.ts';

/** How overrides name it. */
const CONTAINER = 'monitor';

/** What is left out of a resource's `resources`: enough for 2,000 caches; docs/sizing.md. */
const defaultResources = { requests: { cpu: '200m', memory: '384Mi' }, limits: { memory: '1Gi' } };

/** The pods of a group: Pod Security "restricted", with the overrides of its resource laid over. */
export function podTemplate(plan: GroupPlan): Wire<V1PodTemplateSpec> {
  const { podTemplate: overrides } = plan;
  const template = basePodTemplate(plan);
  if (overrides === null) return template;
  return {
    metadata: {
      // The selector's labels win: pods that it does not select would be nobody's.
      labels: { ...overrides.labels, ...template.metadata?.labels },
      annotations: { ...overrides.annotations, ...template.metadata?.annotations },
    },
    spec: mergeByName(template.spec as unknown as Json, overrides.spec as Json) as unknown as NonNullable<
      Wire<V1PodTemplateSpec>['spec']
    >,
  };
}

function basePodTemplate(plan: GroupPlan): Wire<V1PodTemplateSpec> {
  return {
    metadata: {
      labels: groupLabels(plan.cdn, plan.name),
      annotations: { 'trafficcontrol.cdn/config-hash': configHash(plan) },
    },
    spec: {
      serviceAccountName: groupObjectName(plan.name),
      automountServiceAccountToken: true,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: DRAIN_MS / 1000 + 22,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 65532,
        runAsGroup: 65532,
        fsGroup: 65532,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      ...(plan.imagePullSecrets.length > 0
        ? { imagePullSecrets: plan.imagePullSecrets.map((name) => ({ name })) }
        : {}),
      topologySpreadConstraints: ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map(
        (topologyKey) => ({
          maxSkew: 1,
          topologyKey,
          whenUnsatisfiable: 'ScheduleAnyway',
          labelSelector: { matchLabels: groupSelector(plan.cdn, plan.name) },
        }),
      ),
      containers: [container(plan)],
      volumes: volumes(plan),
    },
  };
}

function container(plan: GroupPlan): Wire<V1Container> {
  return {
    name: CONTAINER,
    image: plan.image,
    imagePullPolicy: plan.imagePullPolicy,
    args: [
      'monitor/main.ts',
      '--opsCfg',
      `${CONFIG_DIR}/${OPS_CFG}`,
      '--config',
      `${CONFIG_DIR}/${MONITOR_CFG}`,
    ],
    env: environment(plan.trafficOps),
    ports: [{ name: 'http', containerPort: HTTP_PORT, protocol: 'TCP' }],
    resources: (plan.resources ?? defaultResources) as NonNullable<V1Container['resources']>,
    readinessProbe: {
      httpGet: { path: '/readyz', port: 'http' },
      periodSeconds: 2,
      timeoutSeconds: 2,
      failureThreshold: 2,
    },
    // A busy monitor is not a dead one: a restart loses all it knows.
    livenessProbe: {
      httpGet: { path: '/healthz', port: 'http' },
      periodSeconds: 10,
      timeoutSeconds: 5,
      failureThreshold: 6,
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [
      { name: 'config', mountPath: CONFIG_DIR, readOnly: true },
      { name: 'snapshot', mountPath: SNAPSHOT_DIR, readOnly: true },
      { name: 'state', mountPath: STATE_DIR },
      ...(plan.trafficOps.ca === null ? [] : [{ name: 'traffic-ops-ca', mountPath: CA_DIR, readOnly: true }]),
    ],
  };
}

function environment({ secretName, ca }: TrafficOpsAccess): Wire<V1EnvVar>[] {
  const ofSecret = (name: string, key: string): Wire<V1EnvVar> => ({
    name,
    valueFrom: { secretKeyRef: { name: secretName, key } },
  });
  return [
    ofSecret('TRAFFIC_OPS_USERNAME', 'username'),
    ofSecret('TRAFFIC_OPS_PASSWORD', 'password'),
    { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
    ...(ca === null ? [] : [{ name: 'NODE_EXTRA_CA_CERTS', value: `${CA_DIR}/ca.crt` }]),
  ];
}

function volumes({ name, cdn, trafficOps }: GroupPlan): Wire<V1Volume>[] {
  // All pieces that there may be, so that a snapshot that grows replaces no pod.
  const pieces = Array.from({ length: SNAPSHOT_PIECES }, (_, piece) => ({
    configMap: { name: snapshotConfigMapName(cdn, piece), optional: true },
  }));
  const { ca } = trafficOps;
  return [
    { name: 'config', configMap: { name: groupObjectName(name) } },
    { name: 'snapshot', projected: { sources: pieces } },
    { name: 'state', emptyDir: {} },
    ...(ca === null
      ? []
      : [{ name: 'traffic-ops-ca', configMap: { name: ca.name, items: [{ key: ca.key, path: 'ca.crt' }] } }]),
  ];
}
