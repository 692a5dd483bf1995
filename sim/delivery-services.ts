import { type CachegroupName, type DeliveryServiceId, deliveryServiceId } from '../common/ids.ts';
import type { WorldCachegroup } from './world-parts.ts';

export interface WorldDeliveryService {
  readonly xmlId: DeliveryServiceId;
  readonly type: 'HTTP' | 'DNS';
  readonly routingName: string;
  /** Empty: assigned to servers by name. */
  readonly topology: string;
  /** Edge cachegroups of the topology; all of the CDN where there is none. */
  readonly cachegroups: readonly CachegroupName[];
  readonly domain: string;
  readonly hostRegex: string;
}

const names = ['live', 'movies', 'images', 'software', 'api', 'radio', 'maps', 'news'];

/**
 * Delivery services in a fixed pattern: every second one on a topology (one a region, then the whole world),
 * every fourth one with DNS routing.
 */
export function buildDeliveryServices(
  count: number,
  groups: readonly WorldCachegroup[],
  cdnDomain: string,
): WorldDeliveryService[] {
  const regions = [...new Set(groups.map((group) => group.region)), 'world'];
  return Array.from({ length: count }, (_, index) => {
    const region = index % 2 === 1 ? (regions[Math.floor(index / 2) % regions.length] ?? 'world') : '';
    const members = groups.filter((group) => region === '' || region === 'world' || group.region === region);
    const xmlId = deliveryServiceId(names[index] ?? `service-${index + 1}`);
    const type = index % 4 === 2 ? 'DNS' : 'HTTP';
    return {
      xmlId,
      type,
      routingName: type === 'DNS' ? 'edge' : 'cdn',
      topology: region === '' ? '' : `topology-${region}`,
      cachegroups: members.map((group) => group.cachegroup),
      domain: `${xmlId}.${cdnDomain}`,
      hostRegex: `.*\\.${xmlId}\\..*`,
    };
  });
}

/** What the edges of a cachegroup deliver. */
export function deliveryServicesOf(
  services: readonly WorldDeliveryService[],
  cachegroup: CachegroupName,
): WorldDeliveryService[] {
  return services.filter((service) => service.cachegroups.includes(cachegroup));
}

/** Topology name → `{nodes}`, as both documents of Traffic Ops have it. */
export function topologiesOf(services: readonly WorldDeliveryService[]): Record<string, { nodes: string[] }> {
  return Object.fromEntries(
    services
      .filter((service) => service.topology !== '')
      .map((service) => [service.topology, { nodes: [...service.cachegroups] }]),
  );
}
