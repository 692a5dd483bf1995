import { cdnName, groupName } from '../../../common/ids.ts';
import type { GroupPlan } from '../group-plan.ts';

/** A group of two monitors with nothing unusual in it. */
export function groupPlan(changes: Partial<GroupPlan> = {}): GroupPlan {
  return {
    name: groupName('emea'),
    namespace: 'cdn',
    uid: '7d1f7e3a-0000-4000-8000-000000000001',
    cdn: cdnName('cdn1'),
    replicas: 2,
    image: 'traffic-monitor:1',
    imagePullPolicy: 'IfNotPresent',
    imagePullSecrets: [],
    trafficOps: { url: 'https://to.example.net', secretName: 'traffic-ops', insecure: false, ca: null },
    monitor: {
      pollingProtocol: 'both',
      healthProtocol: 'optimistic',
      statPolling: true,
      metricsPerCache: false,
      peerOptimisticQuorumMin: 0,
      healthFlushIntervalMs: 200,
      statFlushIntervalMs: null,
      statBufferIntervalMs: null,
      statsdAddress: null,
      snapshotShrinkHoldMs: 300_000,
    },
    resources: null,
    podTemplate: null,
    service: { type: 'ClusterIP', annotations: {} },
    networkPolicy: false,
    ...changes,
  };
}
