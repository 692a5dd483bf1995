import { topologiesOf } from './delivery-services.ts';
import type { MonitoringParts } from './monitoring-document.ts';
import type { WorldCache } from './world-parts.ts';

/** `response` of `cdns/{cdn}/snapshot`: the CRConfig. Only `stats` matters to a monitor; routers read the rest. */
export interface CrConfigDocument {
  readonly config: Readonly<Record<string, unknown>>;
  readonly contentServers: Readonly<Record<string, unknown>>;
  readonly contentRouters: Readonly<Record<string, unknown>>;
  readonly deliveryServices: Readonly<Record<string, unknown>>;
  readonly edgeLocations: Readonly<Record<string, unknown>>;
  readonly trafficRouterLocations: Readonly<Record<string, unknown>>;
  readonly monitors: Readonly<Record<string, unknown>>;
  readonly stats: CrConfigStatsRecord;
  readonly topologies: Readonly<Record<string, unknown>>;
}

export interface CrConfigStatsRecord {
  readonly CDN_name: string;
  /** Unix seconds. */
  readonly date: number;
  readonly tm_host: string;
  readonly tm_path: string;
  readonly tm_user: string;
  readonly tm_version: string;
}

/** Writes the CRConfig of a world. */
export function buildCrConfig(
  parts: MonitoringParts & { readonly cdn: string; readonly domain: string },
  date: number,
): CrConfigDocument {
  const { cdn, domain, cachegroups, caches, monitors, deliveryServices } = parts;
  const edgeGroups = cachegroups.filter((group) => group.tier === 'EDGE');
  const locations = Object.fromEntries(
    edgeGroups.map(({ cachegroup, latitude, longitude }) => [
      cachegroup,
      {
        latitude,
        longitude,
        backupLocations: { fallbackToClosest: 'true' },
        localizationMethods: ['CZ', 'DEEP_CZ', 'GEO'],
      },
    ]),
  );
  return {
    config: {
      domain_name: domain,
      'tld.soa.admin': 'traffic_ops',
      'tld.ttls.A': '3600',
      'tld.ttls.NS': '3600',
      'coveragezone.polling.interval': '86400000',
    },
    contentServers: Object.fromEntries(caches.map((cache) => [cache.name, contentServer(cache)])),
    contentRouters: {
      'tr-01': {
        'api.port': '3333',
        fqdn: `tr-01.${domain}`,
        httpsPort: 443,
        ip: '127.0.0.1',
        ip6: '',
        location: edgeGroups[0]?.cachegroup ?? '',
        port: 80,
        profile: 'CCR_ROUTER',
        status: 'ONLINE',
      },
    },
    deliveryServices: Object.fromEntries(
      deliveryServices.map((service) => [
        service.xmlId,
        {
          coverageZoneOnly: 'false',
          domains: [service.domain],
          geolocationProvider: 'maxmindGeolocationService',
          matchsets: [
            {
              protocol: service.type,
              matchlist: [{ regex: service.hostRegex, 'match-type': 'HOST' }],
            },
          ],
          missLocation: { lat: 41.881944, long: -87.627778 },
          protocol: { acceptHttp: 'true', acceptHttps: 'false', redirectToHttps: 'false' },
          routingName: service.routingName,
          sslEnabled: 'false',
          ttl: 3600,
          ...(service.topology === '' ? {} : { topology: service.topology }),
        },
      ]),
    ),
    edgeLocations: locations,
    trafficRouterLocations: locations,
    monitors: Object.fromEntries(
      monitors.map((monitor) => [
        monitor.name,
        {
          fqdn: monitor.fqdn,
          ip: monitor.ip,
          ip6: '',
          location: monitor.cachegroup,
          port: monitor.port,
          profile: 'RASCAL_MONITOR',
          status: monitor.status,
        },
      ]),
    ),
    stats: {
      CDN_name: cdn,
      date,
      tm_host: 'traffic-ops.example.net',
      tm_path: `/api/5.0/cdns/${cdn}/snapshot`,
      tm_user: 'admin',
      tm_version: '8.1.0',
    },
    topologies: topologiesOf(deliveryServices),
  };
}

function contentServer(cache: WorldCache) {
  return {
    cacheGroup: cache.cachegroup,
    fqdn: cache.fqdn,
    hashCount: 999,
    hashId: cache.name,
    interfaceName: cache.interfaceName,
    ip: cache.address,
    ip6: cache.address6,
    locationId: cache.cachegroup,
    port: cache.port,
    profile: cache.profile,
    status: cache.status,
    type: cache.type,
    routingDisabled: 0,
    deliveryServices: Object.fromEntries(cache.remapHosts.map((host) => [host.split('.')[1] ?? '', [host]])),
  };
}
