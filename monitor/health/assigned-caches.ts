import {
  type CachegroupName,
  type CacheName,
  cachegroupName,
  cacheName,
  type DeliveryServiceId,
  deliveryServiceId,
} from '../../common/ids.ts';
import { SharedTexts } from '../../common/shared-texts.ts';
import type { MonitoringConfig } from '../../common/traffic-ops/monitoring.ts';

/** What the CDN snapshot says of who serves what; the older source, asked where the monitoring config is silent. */
export interface SnapshotAssignments {
  readonly topologyOf: ReadonlyMap<DeliveryServiceId, string>;
  readonly topologies: ReadonlyMap<string, readonly CachegroupName[]>;
  readonly explicit: ReadonlyMap<CacheName, readonly DeliveryServiceId[]>;
}

/**
 * The delivery services of each cache: those assigned to it, and those on a topology with its cachegroup among the
 * nodes. A delivery service without a type comes from a Traffic Ops that keeps topologies in the snapshot alone, so
 * there the snapshot's word is added. Reference 2.7, per delivery service (D43); only delivery services of the
 * monitoring config count (D45).
 */
export function deliveryServicesByCache(
  config: MonitoringConfig,
  snapshot: SnapshotAssignments,
): ReadonlyMap<CacheName, readonly DeliveryServiceId[]> {
  const ofCachegroup = new Map<CachegroupName, DeliveryServiceId[]>();
  const untyped = new Set<DeliveryServiceId>();
  for (const { xmlId, topology, type } of config.deliveryServices.values()) {
    let nodes = topology === '' ? undefined : config.topologies.get(topology);
    if (type === '') {
      untyped.add(xmlId);
      nodes ??= snapshot.topologies.get(snapshot.topologyOf.get(xmlId) ?? '');
    }
    for (const cachegroup of nodes ?? []) append(ofCachegroup, cachegroup, xmlId);
  }
  const assigned = new Map<CacheName, readonly DeliveryServiceId[]>();
  // Most caches have the same lists as others: these are one object.
  const shared = new SharedTexts();
  for (const { name, cachegroup, deliveryServices } of config.caches.values()) {
    const known = deliveryServices.filter((xmlId) => config.deliveryServices.has(xmlId));
    const older = (snapshot.explicit.get(name) ?? []).filter((xmlId) => untyped.has(xmlId));
    const all = new Set([...known, ...older, ...(ofCachegroup.get(cachegroup) ?? [])]);
    assigned.set(name, shared.list([...all]));
  }
  return assigned;
}

/** Whether the snapshot has to be asked at all: it is large, and Traffic Ops 8 never needs it. */
export const needsSnapshot = (config: MonitoringConfig): boolean =>
  [...config.deliveryServices.values()].some((deliveryService) => deliveryService.type === '');

/** Reads a parsed snapshot; what has not the expected shape is passed over. */
export function snapshotAssignments(document: unknown): SnapshotAssignments {
  const topologyOf = new Map<DeliveryServiceId, string>();
  for (const [xmlId, deliveryService] of members(field(document, 'deliveryServices'))) {
    const topology = field(deliveryService, 'topology');
    if (typeof topology === 'string') topologyOf.set(deliveryServiceId(xmlId), topology);
  }
  const topologies = new Map<string, readonly CachegroupName[]>();
  for (const [name, topology] of members(field(document, 'topologies'))) {
    const nodes = field(topology, 'nodes');
    if (Array.isArray(nodes)) topologies.set(name, nodes.filter(isString).map(cachegroupName));
  }
  const explicit = new Map<CacheName, readonly DeliveryServiceId[]>();
  for (const [name, server] of members(field(document, 'contentServers'))) {
    const xmlIds = members(field(server, 'deliveryServices')).map(([xmlId]) => deliveryServiceId(xmlId));
    if (xmlIds.length > 0) explicit.set(cacheName(name), xmlIds);
  }
  return { topologyOf, topologies, explicit };
}

const isString = (value: unknown): value is string => typeof value === 'string';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const members = (value: unknown): [string, unknown][] => (isObject(value) ? Object.entries(value) : []);

const field = (value: unknown, name: string): unknown => (isObject(value) ? value[name] : undefined);

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
