import { topologiesOf, type WorldDeliveryService } from './delivery-services.ts';
import type { PayloadFormatName } from './payloads/payload.ts';
import type { WorldCache, WorldCachegroup, WorldMonitor } from './world-parts.ts';

/**
 * `response` of `cdns/{cdn}/configs/monitoring` as Traffic Ops 8 spells it: `hostname`, `hashid`,
 * `totalTpsThreshold`, and thresholds as `health.threshold.*` parameters.
 */
export interface MonitoringDocument {
  readonly trafficServers: readonly TrafficServerRecord[];
  readonly trafficMonitors: readonly BasicServerRecord[];
  readonly cacheGroups: readonly CachegroupRecord[];
  readonly profiles: readonly ProfileRecord[];
  readonly deliveryServices: readonly DeliveryServiceRecord[];
  readonly config: Readonly<Record<string, number | string>>;
  readonly topologies: Readonly<Record<string, { readonly nodes: readonly string[] }>>;
}

export interface BasicServerRecord {
  readonly profile: string;
  readonly status: string;
  readonly ip: string;
  readonly ip6: string;
  readonly port: number;
  readonly cachegroup: string;
  readonly hostname: string;
  readonly fqdn: string;
}

export interface TrafficServerRecord extends BasicServerRecord {
  readonly interfaces: readonly InterfaceRecord[];
  readonly type: string;
  readonly hashid: string;
  readonly deliveryServices?: readonly { readonly xmlId: string }[];
}

export interface InterfaceRecord {
  readonly name: string;
  readonly mtu: number | null;
  readonly monitor: boolean;
  /** kbps. */
  readonly maxBandwidth: number | null;
  readonly ipAddresses: readonly {
    readonly address: string;
    readonly gateway: string | null;
    readonly serviceAddress: boolean;
  }[];
}

export interface CachegroupRecord {
  readonly name: string;
  readonly coordinates: { readonly latitude: number; readonly longitude: number };
}

export interface ProfileRecord {
  readonly name: string;
  readonly type: string;
  readonly parameters: Readonly<Record<string, number | string>> | null;
}

export interface DeliveryServiceRecord {
  readonly xmlId: string;
  readonly totalTpsThreshold: number;
  readonly status: string;
  readonly totalKbpsThreshold: number;
  readonly type: string;
  readonly topology: string;
  readonly hostRegexes: readonly string[];
}

/** Parameters of `rascal-config.txt`; times in ms. */
export interface PollIntervals {
  /** `heartbeat.polling.interval`. */
  readonly health: number;
  /** `health.polling.interval`: the name is historical. */
  readonly stat: number;
  readonly peers: number;
  readonly trafficOps: number;
  /** `health.polling.keepalive`. */
  readonly keepAlive: boolean;
}

/** Parameters of `rascal.properties` that all cache profiles share. */
export interface ProfileSettings {
  readonly connectionTimeoutMs: number;
  readonly historyCount: number;
  /** `<stat>` → value of `health.threshold.<stat>`, e.g. `25.0` or `>1750000`. */
  readonly thresholds: Readonly<Record<string, string | number>>;
  /** `health.polling.type`. */
  readonly pollingType: 'http' | 'noop';
  /** Overrides the usual URL of the format. */
  readonly pollingUrl?: string;
}

/** What the monitoring document tells of. */
export interface MonitoringParts {
  readonly cachegroups: readonly WorldCachegroup[];
  readonly caches: readonly WorldCache[];
  readonly monitors: readonly WorldMonitor[];
  readonly deliveryServices: readonly WorldDeliveryService[];
}

const defaultThresholds = { loadavg: '25.0', availableBandwidthInKbps: '>1750000', queryTime: 1000 };

const pollingUrls: Readonly<Record<PayloadFormatName, string>> = {
  astats: `http://\${hostname}/_astats?application=&inf.name=\${interface_name}`,
  stats_over_http: `http://\${hostname}/_stats`,
  vstats: `http://\${hostname}/_vstats`,
};

const monitorProfile = 'RASCAL_MONITOR';

/** Writes the monitoring document. */
export function buildMonitoring(
  { cachegroups, caches, monitors, deliveryServices }: MonitoringParts,
  profile: Partial<ProfileSettings>,
  intervals: Partial<PollIntervals>,
): MonitoringDocument {
  const profiles = new Map(caches.map((cache) => [cache.profile, profileRecord(cache, profile)]));
  return {
    trafficServers: caches.map(trafficServer),
    trafficMonitors: monitors.map((monitor) => ({
      profile: monitorProfile,
      status: monitor.status,
      ip: monitor.ip,
      ip6: '',
      port: monitor.port,
      cachegroup: monitor.cachegroup,
      hostname: monitor.name,
      fqdn: monitor.fqdn,
    })),
    cacheGroups: cachegroups.map(({ cachegroup, latitude, longitude }) => ({
      name: cachegroup,
      coordinates: { latitude, longitude },
    })),
    profiles: [...profiles.values(), { name: monitorProfile, type: 'TM_PROFILE', parameters: null }],
    deliveryServices: deliveryServices.map((service) => ({
      xmlId: service.xmlId,
      totalTpsThreshold: 0,
      status: 'REPORTED',
      totalKbpsThreshold: 0,
      type: service.type,
      topology: service.topology,
      hostRegexes: [service.hostRegex],
    })),
    config: {
      'health.polling.interval': intervals.stat ?? 6000,
      'heartbeat.polling.interval': intervals.health ?? 2000,
      'peers.polling.interval': intervals.peers ?? 3000,
      'tm.polling.interval': intervals.trafficOps ?? 5000,
      ...(intervals.keepAlive === false ? { 'health.polling.keepalive': 'false' } : {}),
    },
    topologies: topologiesOf(deliveryServices),
  };
}

function trafficServer(cache: WorldCache): TrafficServerRecord {
  const addresses = [{ address: cache.address, gateway: null, serviceAddress: true }];
  if (cache.address6 !== '')
    addresses.push({ address: `${cache.address6}/128`, gateway: null, serviceAddress: true });
  return {
    profile: cache.profile,
    status: cache.status,
    ip: cache.address,
    ip6: cache.address6,
    port: cache.port,
    cachegroup: cache.cachegroup,
    hostname: cache.name,
    fqdn: cache.fqdn,
    interfaces: [
      { name: cache.interfaceName, mtu: 1500, monitor: true, maxBandwidth: null, ipAddresses: addresses },
    ],
    type: cache.type,
    hashid: cache.name,
    deliveryServices: cache.assigned.map((xmlId) => ({ xmlId })),
  };
}

function profileRecord(cache: WorldCache, settings: Partial<ProfileSettings>): ProfileRecord {
  const thresholds = settings.thresholds ?? defaultThresholds;
  return {
    name: cache.profile,
    type: cache.type,
    parameters: {
      'health.polling.url': settings.pollingUrl ?? pollingUrls[cache.format],
      'health.polling.format': settings.pollingType === 'noop' ? 'noop' : cache.format,
      'health.polling.type': settings.pollingType ?? 'http',
      'health.connection.timeout': settings.connectionTimeoutMs ?? 2000,
      'history.count': settings.historyCount ?? 30,
      ...Object.fromEntries(
        Object.entries(thresholds).map(([stat, value]) => [`health.threshold.${stat}`, value]),
      ),
    },
  };
}
