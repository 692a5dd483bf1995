import type {
  CachegroupName,
  CacheName,
  CdnName,
  DeliveryServiceId,
  MonitorName,
  ProfileName,
} from '../ids.ts';
import type { KeptDocument } from './kept-document.ts';

/**
 * The monitoring document of Traffic Ops (`cdns/{cdn}/configs/monitoring`), decoded: reference section 2.4 and 2.5.
 * Values are as Traffic Ops gave them; defaults of the contract are applied where a field says so.
 */
export interface MonitoringConfig {
  readonly caches: ReadonlyMap<CacheName, CacheServer>;
  readonly monitors: ReadonlyMap<MonitorName, MonitorServer>;
  readonly cachegroups: ReadonlyMap<CachegroupName, Coordinates>;
  readonly profiles: ReadonlyMap<ProfileName, Profile>;
  readonly deliveryServices: ReadonlyMap<DeliveryServiceId, DeliveryService>;
  /** Topology name → the cachegroups that are its nodes. */
  readonly topologies: ReadonlyMap<string, readonly CachegroupName[]>;
  /** `config` as it came: numbers, strings and booleans. */
  readonly parameters: ReadonlyMap<string, number | string | boolean>;
}

/** Configured status; what Traffic Ops may say beyond the four known ones is `invalid`. */
export type ServerStatus = 'ONLINE' | 'OFFLINE' | 'REPORTED' | 'ADMIN_DOWN' | 'invalid';

export type CacheType = 'EDGE' | 'MID' | 'invalid';

export interface CacheServer {
  readonly name: CacheName;
  readonly fqdn: string;
  /** As Traffic Ops spells it; `statusOf` tells what it means. */
  readonly status: string;
  readonly cachegroup: CachegroupName;
  readonly profile: ProfileName;
  /** 0: put no port into the polling URL. */
  readonly port: number;
  readonly httpsPort: number;
  /** As Traffic Ops spells it, e.g. `EDGE_01`; `cacheTypeOf` tells what it means. */
  readonly type: string;
  readonly hashId: string;
  readonly deliveryServices: readonly DeliveryServiceId[];
  readonly interfaces: readonly NetworkInterface[];
}

export interface NetworkInterface {
  readonly name: string;
  readonly monitor: boolean;
  /** kbps; null: no limit. */
  readonly maxBandwidth: number | null;
  readonly mtu: number | null;
  readonly addresses: readonly InterfaceAddress[];
}

export interface InterfaceAddress {
  /** IP address, perhaps with a mask (`192.0.2.1/24`). */
  readonly address: string;
  readonly gateway: string | null;
  readonly serviceAddress: boolean;
}

export interface MonitorServer {
  readonly name: MonitorName;
  readonly fqdn: string;
  readonly port: number;
  readonly ip: string;
  readonly ip6: string;
  readonly profile: ProfileName;
  readonly cachegroup: CachegroupName;
  readonly status: string;
}

/** Degrees. */
export interface Coordinates {
  readonly latitude: number;
  readonly longitude: number;
}

export interface Profile {
  readonly name: ProfileName;
  readonly type: string;
  /** `health.polling.url`, empty: caches of this profile cannot be polled. */
  readonly pollingUrl: string;
  /** `health.polling.format` as given; empty means `astats`. */
  readonly pollingFormat: string;
  /** `health.polling.type` as given; empty means `http`. */
  readonly pollingType: string;
  /** `health.connection.timeout` in ms as given; 0 means 2000. */
  readonly connectionTimeoutMs: number;
  /** `history.count` as given; 0 means 1. */
  readonly historyCount: number;
  /** `health.threshold.<stat>` in the order of the document. */
  readonly thresholds: readonly Threshold[];
}

export type Comparator = '=' | '>' | '<' | '>=' | '<=';

/** The comparator states the healthy relation: `loadavg < 25` is healthy while the load is below 25. */
export interface Threshold {
  readonly stat: string;
  readonly comparator: Comparator;
  readonly value: number;
}

export interface DeliveryService {
  readonly xmlId: DeliveryServiceId;
  readonly type: string;
  /** Empty: not on a topology. */
  readonly topology: string;
  readonly hostRegexes: readonly string[];
  readonly totalTpsThreshold: number;
  readonly totalKbpsThreshold: number;
  readonly status: string;
}

/** The CDN snapshot (CRConfig) as Traffic Ops sent it, with the few fields that decide its validity. */
export interface CrConfig {
  /** The value of `response`, byte for byte. */
  readonly document: KeptDocument;
  readonly stats: CrConfigStats;
}

export interface CrConfigStats {
  readonly CDN_name?: string;
  /** Unix seconds. */
  readonly date?: number;
  readonly tm_host?: string;
  readonly tm_path?: string;
  readonly tm_user?: string;
  readonly tm_version?: string;
}

/** What a monitor works from: both documents, accepted together. */
export interface Snapshot {
  readonly cdn: CdnName;
  readonly monitoring: MonitoringConfig;
  readonly crConfig: CrConfig;
  readonly source: 'traffic-ops' | 'backup';
}

/** Reference 5.1: names compare case-insensitively, `admindown` counts as ADMIN_DOWN. */
export function statusOf(status: string): ServerStatus {
  const upper = status.toUpperCase();
  switch (upper) {
    case 'ONLINE':
    case 'OFFLINE':
    case 'REPORTED':
    case 'ADMIN_DOWN':
      return upper;
    case 'ADMINDOWN':
      return 'ADMIN_DOWN';
    default:
      return 'invalid';
  }
}

/** Reference 2.4: the type starts, case-insensitively, with `edge` or `mid`. */
export function cacheTypeOf(type: string): CacheType {
  const upper = type.toUpperCase();
  if (upper.startsWith('EDGE')) return 'EDGE';
  return upper.startsWith('MID') ? 'MID' : 'invalid';
}
