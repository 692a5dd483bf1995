import type { CachegroupName, CacheName, DeliveryServiceId, MonitorName } from '../common/ids.ts';
import type { City } from './cities.ts';
import type { PayloadFormatName } from './payloads/payload.ts';

export interface WorldCachegroup extends City {
  readonly cachegroup: CachegroupName;
  readonly tier: 'EDGE' | 'MID';
}

export interface WorldCache {
  readonly name: CacheName;
  readonly fqdn: string;
  readonly cachegroup: CachegroupName;
  readonly type: 'EDGE' | 'MID';
  readonly status: string;
  readonly profile: string;
  readonly format: PayloadFormatName;
  readonly address: string;
  /** Empty: none. */
  readonly address6: string;
  readonly port: number;
  readonly interfaceName: string;
  /** Delivery services assigned by name, without those that come by a topology. */
  readonly assigned: readonly DeliveryServiceId[];
  /** Host names under which this cache counts what it delivers, topologies included. */
  readonly remapHosts: readonly string[];
}

export interface WorldMonitor {
  readonly name: MonitorName;
  readonly fqdn: string;
  readonly ip: string;
  readonly port: number;
  readonly cachegroup: CachegroupName;
  readonly status: string;
}
