import type { CachegroupName } from '../../common/ids.ts';
import { groupName } from '../../common/ids.ts';
import type { Stored } from '../../common/kube/objects.ts';
import type { TrafficMonitorGroup, TrafficMonitorGroupSpec } from '../api/v1alpha1/trafficmonitorgroup.ts';
import type { GroupFacts } from '../planning/group-facts.ts';
import type { GroupPlan, TrafficOpsAccess } from '../resources/group-plan.ts';
import type { OperatorSettings } from '../settings.ts';

/** A group's resource with the operator's defaults filled in. */
export interface ResolvedGroup {
  readonly plan: GroupPlan;
  readonly state: GroupFacts['state'];
  /** RFC 3339. */
  readonly createdAt: string;
  /** Whether its cachegroups were its own when its status was last written. */
  readonly wasOnDuty: boolean;
  /** The cachegroup where it stands; null: nowhere in particular. */
  readonly location: CachegroupName | null;
  readonly assignment: Pick<GroupFacts, 'strategy' | 'claims' | 'excludes' | 'redundancy' | 'times'>;
}

const SECOND_MS = 1000;

/** What a resource asks for, as the controllers work with it. Pure. */
export function resolveGroup(
  { metadata, spec, status }: Stored<TrafficMonitorGroup>,
  settings: OperatorSettings,
): ResolvedGroup {
  const trafficOps = accessOf(spec, settings);
  return {
    plan: {
      name: groupName(metadata.name),
      namespace: metadata.namespace ?? settings.namespace,
      uid: metadata.uid,
      cdn: spec.cdn,
      replicas: spec.replicas,
      image: spec.image ?? settings.image,
      imagePullPolicy: spec.imagePullPolicy ?? settings.imagePullPolicy,
      imagePullSecrets: settings.imagePullSecrets,
      trafficOps,
      monitor: {
        pollingProtocol: spec.pollingProtocol,
        healthProtocol: spec.healthProtocol,
        statPolling: spec.statPolling,
        metricsPerCache: spec.metricsPerCache,
        peerOptimisticQuorumMin: spec.peerOptimisticQuorumMin,
        healthFlushIntervalMs: spec.healthFlushIntervalMs,
        statFlushIntervalMs: spec.statFlushIntervalMs ?? null,
        statBufferIntervalMs: spec.statBufferIntervalMs ?? null,
        statsdAddress: spec.statsdAddress ?? null,
        snapshotShrinkHoldMs: settings.snapshotShrinkHoldMs,
      },
      resources: spec.resources ?? null,
      podTemplate:
        spec.podTemplate === undefined
          ? null
          : {
              labels: spec.podTemplate.metadata?.labels ?? {},
              annotations: spec.podTemplate.metadata?.annotations ?? {},
              spec: spec.podTemplate.spec ?? {},
            },
      service: { type: spec.service.type, annotations: spec.service.annotations ?? {} },
      networkPolicy: spec.networkPolicy || settings.networkPolicy,
    },
    state: metadata.deletionTimestamp !== undefined ? 'leaving' : spec.paused ? 'paused' : 'active',
    wasOnDuty: status?.onDuty ?? true,
    createdAt: metadata.creationTimestamp ?? '',
    location: spec.location ?? null,
    assignment: {
      strategy: spec.strategy,
      claims: spec.cacheGroups,
      excludes: spec.exclude,
      redundancy: spec.redundancy,
      times: {
        failoverAfterMs: spec.failoverAfterSeconds * SECOND_MS,
        failbackAfterMs: spec.failbackAfterSeconds * SECOND_MS,
        handoverTimeoutMs: spec.handoverTimeoutSeconds * SECOND_MS,
      },
    },
  };
}

/** The Traffic Ops that the operator follows for a CDN: that of its first group by name. */
export function trafficOpsOf(groups: readonly [ResolvedGroup, ...ResolvedGroup[]]): TrafficOpsAccess {
  return groups.reduce((first, group) => (group.plan.name < first.plan.name ? group : first)).plan.trafficOps;
}

function accessOf({ trafficOps }: TrafficMonitorGroupSpec, settings: OperatorSettings): TrafficOpsAccess {
  const defaults = settings.trafficOps;
  const ca = trafficOps?.caConfigMapRef ?? null;
  return {
    url: (trafficOps?.url ?? defaults.url).replace(/\/$/, ''),
    secretName: trafficOps?.secretRef?.name ?? defaults.secretName,
    // What is said of another URL must not weaken or replace the trust in this one.
    insecure: trafficOps === undefined ? defaults.insecure : trafficOps.insecure,
    ca:
      ca ??
      (trafficOps?.url === undefined && defaults.caConfigMap !== null
        ? { name: defaults.caConfigMap, key: 'ca.crt' }
        : null),
  };
}
