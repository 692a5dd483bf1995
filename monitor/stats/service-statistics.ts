import type { CachegroupName, DeliveryServiceId } from '../../common/ids.ts';
import type { CacheType, MonitoringConfig } from '../../common/traffic-ops/monitoring.ts';
import { twoDecimals } from '../health/fixed-point.ts';
import { ServicePart, ServiceParts } from './service-part.ts';
import type { DeliveryServiceHosts, DeliveryServiceType } from './snapshot-regexes.ts';

/** What the statistics of a delivery service need from the config. */
export interface ServiceConfig {
  readonly xmlId: DeliveryServiceId;
  /** null: neither HTTP nor DNS. */
  readonly type: DeliveryServiceType | null;
  /** 0 or less: no limit. */
  readonly totalTpsThreshold: number;
  readonly totalKbpsThreshold: number;
}

export function serviceConfigs(
  config: MonitoringConfig,
  hosts: readonly DeliveryServiceHosts[],
): readonly ServiceConfig[] {
  const types = new Map(hosts.map(({ xmlId, type }) => [xmlId, type]));
  return [...config.deliveryServices.values()].map(({ xmlId, totalTpsThreshold, totalKbpsThreshold }) => ({
    xmlId,
    type: types.get(xmlId) ?? null,
    totalTpsThreshold,
    totalKbpsThreshold,
  }));
}

/** The statistics of one delivery service: reference 8. */
export class ServiceStatistics {
  readonly config: ServiceConfig;
  /** Caches assigned to it. */
  configuredCaches = 0;
  /** Of those, the ones whose last stat poll was good. */
  reportingCaches = 0;
  readonly total = new ServicePart();
  readonly groups = new ServiceParts<CachegroupName>();
  readonly types = new ServiceParts<CacheType>();
  isAvailable = false;
  /** The threshold that is exceeded, empty: none. */
  error = '';

  constructor(config: ServiceConfig) {
    this.config = config;
  }

  /** Changes the total and the parts of a cache's group and type alike, and returns all three. */
  change(
    group: CachegroupName,
    type: CacheType,
    change: (part: ServicePart) => void,
  ): readonly ServicePart[] {
    change(this.total);
    return [this.total, this.groups.change(group, change), this.types.change(type, change)];
  }

  /** Availability by caches and thresholds; whether it has changed. Reference 8.2 and 8.5. */
  settle(): boolean {
    const { totalTpsThreshold, totalKbpsThreshold } = this.config;
    this.error = '';
    if (totalTpsThreshold > 0 && this.total.sums.tpsTotal > totalTpsThreshold) {
      this.error = `total.tps_total too high (${twoDecimals(this.total.sums.tpsTotal)} > ${totalTpsThreshold})`;
    } else if (totalKbpsThreshold > 0 && this.total.sums.kbps > totalKbpsThreshold) {
      this.error = `total.kbps too high (${twoDecimals(this.total.sums.kbps)} > ${totalKbpsThreshold})`;
    }
    const was = this.isAvailable;
    this.isAvailable = this.total.isAvailable && this.error === '';
    return this.isAvailable !== was;
  }
}
