import { cachegroupName, cdnName, deliveryServiceId } from '../../../common/ids.ts';
import { KeptDocument } from '../../../common/traffic-ops/kept-document.ts';
import type {
  CacheServer,
  DeliveryService,
  MonitoringConfig,
  Profile,
  Snapshot,
} from '../../../common/traffic-ops/monitoring.ts';
import { profileOf } from './builders.ts';

interface Parts {
  readonly caches?: readonly CacheServer[];
  readonly profiles?: readonly Profile[];
  /** By xmlId, and what differs from an HTTP delivery service without a topology. */
  readonly services?: Readonly<Record<string, Partial<DeliveryService>>>;
  /** By name, the cachegroups of its nodes. */
  readonly topologies?: Readonly<Record<string, readonly string[]>>;
}

export function monitoringOf(parts: Parts = {}): MonitoringConfig {
  const { caches = [], profiles = [profileOf()], services = {}, topologies = {} } = parts;
  return {
    caches: new Map(caches.map((cache) => [cache.name, cache])),
    monitors: new Map(),
    cachegroups: new Map(),
    profiles: new Map(profiles.map((profile) => [profile.name, profile])),
    deliveryServices: new Map(
      Object.entries(services).map(([xmlId, changes]) => [
        deliveryServiceId(xmlId),
        serviceOf(xmlId, changes),
      ]),
    ),
    topologies: new Map(Object.entries(topologies).map(([name, nodes]) => [name, nodes.map(cachegroupName)])),
    parameters: new Map(),
  };
}

export const snapshotOf = (monitoring: MonitoringConfig, crConfig: unknown = {}): Snapshot => ({
  cdn: cdnName('test-cdn'),
  monitoring,
  crConfig: { document: new KeptDocument(Buffer.from(JSON.stringify(crConfig))), stats: {} },
  source: 'traffic-ops',
});

const serviceOf = (xmlId: string, changes: Partial<DeliveryService>): DeliveryService => ({
  xmlId: deliveryServiceId(xmlId),
  type: 'HTTP',
  topology: '',
  hostRegexes: [],
  totalTpsThreshold: 0,
  totalKbpsThreshold: 0,
  status: 'REPORTED',
  ...changes,
});
