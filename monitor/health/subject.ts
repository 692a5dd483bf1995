import type { CacheName, DeliveryServiceId } from '../../common/ids.ts';
import {
  type CacheServer,
  type CacheType,
  cacheTypeOf,
  type MonitoringConfig,
  type NetworkInterface,
  type Profile,
  type ServerStatus,
  statusOf,
  type Threshold,
} from '../../common/traffic-ops/monitoring.ts';
import { serviceAddressesOf } from '../../common/traffic-ops/service-addresses.ts';
import { isComputedStat, isTextualStat } from './computed-stats.ts';

/** All that a verdict on one cache needs from the monitoring config, looked up once per applied config. */
export interface Subject {
  readonly name: CacheName;
  readonly status: ServerStatus;
  readonly type: CacheType;
  readonly server: CacheServer;
  /** null: the profile is missing in the monitoring config. */
  readonly pollingUrl: string | null;
  /** Thresholds on figures that every poll has. */
  readonly computedThresholds: readonly Threshold[];
  /** Thresholds on statistics of the payload, which only stat polls bring. */
  readonly rawThresholds: readonly Threshold[];
  readonly monitoredInterfaces: readonly NetworkInterface[];
  readonly hasIpv4: boolean;
  readonly hasIpv6: boolean;
  readonly deliveryServices: readonly DeliveryServiceId[];
}

/** What `server` is to the health protocol under `config`. */
export function subjectOf(
  server: CacheServer,
  config: MonitoringConfig,
  deliveryServices: readonly DeliveryServiceId[],
): Subject {
  const profile = config.profiles.get(server.profile);
  const addresses = serviceAddressesOf(server);
  const { computed, raw } = profile === undefined ? NO_THRESHOLDS : thresholdsOf(profile);
  return {
    name: server.name,
    status: statusOf(server.status),
    type: cacheTypeOf(server.type),
    server,
    pollingUrl: profile?.pollingUrl ?? null,
    computedThresholds: computed,
    rawThresholds: raw,
    monitoredInterfaces: monitoredOf(server),
    hasIpv4: addresses.ipv4 !== null,
    hasIpv6: addresses.ipv6 !== null,
    deliveryServices,
  };
}

interface Thresholds {
  readonly computed: readonly Threshold[];
  readonly raw: readonly Threshold[];
}

const NO_THRESHOLDS: Thresholds = { computed: [], raw: [] };

/** Thousands of caches share a profile: lists of their own would be much of what a cache takes in memory. */
const known = new WeakMap<Profile, Thresholds>();

function thresholdsOf(profile: Profile): Thresholds {
  let thresholds = known.get(profile);
  if (thresholds === undefined) {
    thresholds = {
      computed: profile.thresholds.filter(({ stat }) => isComputedStat(stat)),
      raw: profile.thresholds.filter(({ stat }) => !isComputedStat(stat) && !isTextualStat(stat)),
    };
    known.set(profile, thresholds);
  }
  return thresholds;
}

function monitoredOf({ interfaces }: CacheServer): readonly NetworkInterface[] {
  return interfaces.every(({ monitor }) => monitor)
    ? interfaces
    : interfaces.filter(({ monitor }) => monitor);
}
