import { cachegroupName, cdnName } from '../../../../common/ids.ts';
import type { TrafficMonitorGroupSpec } from '../trafficmonitorgroup.ts';

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
