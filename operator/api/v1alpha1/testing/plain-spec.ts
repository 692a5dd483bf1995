import { cachegroupName, cdnName } from '../../../../common/ids.ts';
import type { TrafficMonitorGroup, TrafficMonitorGroupSpec } from '../trafficmonitorgroup.ts';

/** What the API server makes of a spec with nothing but a CDN and a location. */
export const plainSpec: TrafficMonitorGroupSpec = {
  cdn: cdnName('cdn1'),
  location: cachegroupName('cg-london'),
  replicas: 2,
  redundancy: 'All',
  strategy: 'closest',
  cacheGroups: [],
  exclude: [],
  failoverAfterSeconds: 10,
  failbackAfterSeconds: 60,
  handoverTimeoutSeconds: 60,
  pollingProtocol: 'both',
  statPolling: false,
  healthProtocol: 'optimistic',
  peerOptimisticQuorumMin: 0,
  healthFlushIntervalMs: 200,
  metricsPerCache: false,
  service: { type: 'ClusterIP' },
  networkPolicy: false,
  paused: false,
};

/** A group as the API server hands it out. */
export function trafficMonitorGroup(
  name: string,
  spec: Partial<TrafficMonitorGroupSpec> = {},
): TrafficMonitorGroup {
  return {
    apiVersion: 'trafficcontrol.cdn/v1alpha1',
    kind: 'TrafficMonitorGroup',
    metadata: { name, namespace: 'cdn', uid: `uid-of-${name}`, generation: 1, resourceVersion: '1' },
    spec: { ...plainSpec, ...spec },
  };
}
