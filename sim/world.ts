import {
  type CachegroupName,
  type CacheName,
  cachegroupName,
  cacheName,
  monitorName,
} from '../common/ids.ts';
import { type City, midCities, takeCities } from './cities.ts';
import { buildCrConfig, type CrConfigDocument } from './crconfig-document.ts';
import { buildDeliveryServices, deliveryServicesOf, type WorldDeliveryService } from './delivery-services.ts';
import {
  buildMonitoring,
  type MonitoringDocument,
  type PollIntervals,
  type ProfileSettings,
} from './monitoring-document.ts';
import type { PayloadFormatName } from './payloads/payload.ts';
import { buildServerList, type ServerRecord } from './server-list.ts';
import type { WorldCache, WorldCachegroup, WorldMonitor } from './world-parts.ts';

/** What a simulated CDN should look like. Everything has a default but the port of the caches. */
export interface WorldOptions {
  /** Port of every cache that `ports` does not name. */
  readonly cachePort: number;
  readonly ports?: ReadonlyMap<CacheName, number>;
  readonly cdn?: string;
  readonly domain?: string;
  /** Edge cachegroups; each stands in a city. */
  readonly cachegroups?: number;
  /** Edges altogether, dealt to the cachegroups in turn. */
  readonly edges?: number;
  /** Mids altogether, dealt to the three regions in turn. */
  readonly mids?: number;
  /** Cachegroups that get one edge more, each time they are named. Everybody else keeps name and address. */
  readonly extraEdges?: readonly CachegroupName[];
  /** Configured status where it is not REPORTED. Traffic Ops leaves OFFLINE caches out of both documents. */
  readonly statuses?: ReadonlyMap<CacheName, string>;
  readonly monitors?: readonly WorldMonitor[];
  readonly deliveryServices?: number;
  /** Caches take these in turn. */
  readonly formats?: readonly PayloadFormatName[];
  readonly profile?: Partial<ProfileSettings>;
  readonly intervals?: Partial<PollIntervals>;
  /** Also gives each cache the address ::1; the farm must listen there too. */
  readonly ipv6?: boolean;
  /** All caches at this address, told apart by their Host header: where not all of 127.0.0.0/8 is at hand. */
  readonly oneAddress?: string;
  /** Date of the snapshot in Unix seconds. */
  readonly date?: number;
}

/** A simulated CDN as plain data: what exists, and the documents in which Traffic Ops tells of it. */
export interface World {
  readonly cdn: string;
  readonly domain: string;
  readonly cachegroups: readonly WorldCachegroup[];
  readonly caches: readonly WorldCache[];
  readonly monitors: readonly WorldMonitor[];
  readonly deliveryServices: readonly WorldDeliveryService[];
  readonly monitoring: MonitoringDocument;
  readonly snapshot: CrConfigDocument;
  readonly servers: readonly ServerRecord[];
}

const interfaceName = 'bond0';

/** Lays out a CDN and writes its documents in the shapes of Traffic Ops 8. Pure: same options, same world. */
export function buildWorld(options: WorldOptions): World {
  const cdn = options.cdn ?? 'demo-cdn';
  const domain = options.domain ?? `${cdn}.example.net`;
  const edgeGroups = takeCities(options.cachegroups ?? 12).map((city) => groupOf(city, 'EDGE'));
  const mids = options.mids ?? 0;
  const midGroups = midCities.slice(0, mids).map((city) => groupOf(city, 'MID'));
  const cachegroups = [...edgeGroups, ...midGroups];
  const deliveryServices = buildDeliveryServices(options.deliveryServices ?? 8, edgeGroups, domain);

  const places = [
    ...deal(edgeGroups, options.edges ?? 48),
    ...deal(midGroups, mids),
    ...(options.extraEdges ?? []).map((name) => findGroup(edgeGroups, name)),
  ];
  const counts = new Map<CachegroupName, number>();
  const caches = places.map((group, index): WorldCache => {
    const number = (counts.get(group.cachegroup) ?? 0) + 1;
    counts.set(group.cachegroup, number);
    return placeCache(options, { cdnDomain: domain, deliveryServices, group, number, index });
  });
  const listed = caches.filter((cache) => cache.status !== 'OFFLINE');
  const monitors = options.monitors ?? [defaultMonitor(edgeGroups, domain)];
  const parts = { cdn, domain, cachegroups, caches: listed, monitors, deliveryServices };
  return {
    ...parts,
    caches,
    monitoring: buildMonitoring(parts, options.profile ?? {}, options.intervals ?? {}),
    snapshot: buildCrConfig(parts, options.date ?? 1_700_000_000),
    servers: buildServerList({ ...parts, caches }),
  };
}

/** Address of the cache with this index: 127.1.0.1 and on. */
export function loopbackAddress(index: number): string {
  const host = index + 1;
  return `127.${1 + (host >> 16)}.${(host >> 8) & 255}.${host & 255}`;
}

interface Place {
  readonly cdnDomain: string;
  readonly deliveryServices: readonly WorldDeliveryService[];
  readonly group: WorldCachegroup;
  /** Of this cache in its cachegroup, from 1. */
  readonly number: number;
  /** Of this cache in the CDN, from 0. */
  readonly index: number;
}

function placeCache(options: WorldOptions, { cdnDomain, deliveryServices, group, number, index }: Place) {
  const prefix = group.tier === 'EDGE' ? 'edge-' : '';
  const name = cacheName(`${prefix}${group.cachegroup}-${String(number).padStart(2, '0')}`);
  const formats = options.formats ?? ['astats'];
  const format = formats[index % formats.length] ?? 'astats';
  const services = group.tier === 'EDGE' ? deliveryServicesOf(deliveryServices, group.cachegroup) : [];
  return {
    name,
    fqdn: `${name}.${cdnDomain}`,
    cachegroup: group.cachegroup,
    type: group.tier,
    status: options.statuses?.get(name) ?? 'REPORTED',
    profile: `${group.tier}_${format.toUpperCase()}`,
    format,
    address: options.oneAddress ?? loopbackAddress(index),
    address6: options.ipv6 === true ? '::1' : '',
    port: options.ports?.get(name) ?? options.cachePort,
    interfaceName,
    assigned: services.filter((service) => service.topology === '').map((service) => service.xmlId),
    remapHosts: services.map(
      (service) => `${service.type === 'DNS' ? service.routingName : name}.${service.xmlId}.${cdnDomain}`,
    ),
  } satisfies WorldCache;
}

function groupOf(city: City, tier: 'EDGE' | 'MID'): WorldCachegroup {
  return { ...city, cachegroup: cachegroupName(city.name), tier };
}

function findGroup(groups: readonly WorldCachegroup[], name: CachegroupName): WorldCachegroup {
  const group = groups.find((candidate) => candidate.cachegroup === name);
  if (group === undefined) throw new Error(`no edge cachegroup is called ${name}`);
  return group;
}

function deal(groups: readonly WorldCachegroup[], count: number): WorldCachegroup[] {
  return Array.from({ length: count }, (_, index) => groups[index % groups.length]).filter(
    (group) => group !== undefined,
  );
}

function defaultMonitor(groups: readonly WorldCachegroup[], domain: string): WorldMonitor {
  return {
    name: monitorName('tm-01'),
    fqdn: `tm-01.${domain}`,
    ip: '127.0.0.1',
    port: 80,
    cachegroup: groups[0]?.cachegroup ?? cachegroupName('nowhere'),
    status: 'ONLINE',
  };
}
