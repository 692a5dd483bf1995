import type { CdnName, GroupName } from '../../common/ids.ts';

/** One group as it is to run: its resource with the operator's defaults filled in. */
export interface GroupPlan {
  readonly name: GroupName;
  readonly namespace: string;
  readonly uid: string;
  readonly cdn: CdnName;
  readonly replicas: number;
  readonly image: string;
  readonly imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  readonly imagePullSecrets: readonly string[];
  readonly trafficOps: TrafficOpsAccess;
  readonly monitor: MonitorParameters;
  readonly resources: Readonly<Record<string, unknown>> | null;
  /** Strategic-merge overrides; null: none. */
  readonly podTemplate: PodTemplateOverrides | null;
  /** Of the group's own Service; routers use the CDN's. */
  readonly service: ServiceParameters;
  readonly networkPolicy: boolean;
}

export interface TrafficOpsAccess {
  readonly url: string;
  /** Of a Secret in the same namespace with the keys `username` and `password`. */
  readonly secretName: string;
  readonly insecure: boolean;
  /** ConfigMap with the certificates that Traffic Ops is trusted by; null: those of the image. */
  readonly ca: { readonly name: string; readonly key: string } | null;
}

/** Keys of `traffic_monitor.cfg` that a resource or the operator's settings decide; null: the monitor's own default. */
export interface MonitorParameters {
  readonly pollingProtocol: 'ipv4only' | 'ipv6only' | 'both';
  readonly healthProtocol: 'optimistic' | 'pessimistic';
  readonly statPolling: boolean;
  readonly metricsPerCache: boolean;
  readonly peerOptimisticQuorumMin: number;
  readonly healthFlushIntervalMs: number;
  readonly statFlushIntervalMs: number | null;
  readonly statBufferIntervalMs: number | null;
  /** `host:port`. */
  readonly statsdAddress: string | null;
  readonly snapshotShrinkHoldMs: number;
}

/** What a resource may say about its pods: metadata and a partial pod spec, containers merged by name. */
export interface PodTemplateOverrides {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: Readonly<Record<string, unknown>>;
}

export interface ServiceParameters {
  readonly type: 'ClusterIP' | 'NodePort' | 'LoadBalancer';
  readonly annotations: Readonly<Record<string, string>>;
}
