import type { DeliveryServiceId } from '../../common/ids.ts';
import type { CacheState } from '../health/cache-state.ts';
import type { ServiceStatistics } from '../stats/service-statistics.ts';

export interface ServiceTableSource {
  readonly ids: readonly DeliveryServiceId[];
  readonly caches: readonly CacheState[];
  readonly isCacheAvailable: (state: CacheState) => boolean;
  readonly isAvailable: (id: DeliveryServiceId) => boolean;
  /** undefined: there are no statistics of it. */
  readonly statistics: (id: DeliveryServiceId) => ServiceStatistics | undefined;
}

interface Count {
  configured: number;
  available: number;
}

/**
 * `/api/delivery-services`: each delivery service with the caches that carry it, and with its traffic where statistics
 * are polled; `/publish/DsStats` has no delivery services without. Ours, never gated.
 */
export function serviceTable({ ids, caches, isCacheAvailable, isAvailable, statistics }: ServiceTableSource) {
  const counts = new Map(ids.map((id) => [id, new Map<string, Count>()]));
  for (const state of caches) {
    const available = isCacheAvailable(state);
    for (const id of state.subject.deliveryServices) {
      const groups = counts.get(id);
      if (groups === undefined) continue;
      const { cachegroup } = state.subject.server;
      const count = groups.get(cachegroup) ?? { configured: 0, available: 0 };
      groups.set(cachegroup, count);
      count.configured++;
      if (available) count.available++;
    }
  }
  return JSON.stringify({
    deliveryServices: ids.map((id) => {
      const groups = [...(counts.get(id) ?? [])];
      const known = statistics(id);
      return {
        xmlId: id,
        type: known?.config.type ?? null,
        isAvailable: isAvailable(id),
        reason: known?.error ?? '',
        caches: sum(groups, 'configured'),
        cachesAvailable: sum(groups, 'available'),
        kbps: known?.total.sums.kbps ?? null,
        tps: known?.total.sums.tpsTotal ?? null,
        cachegroups: groups.length,
        cachegroupsDown: groups.filter(([, { available }]) => available === 0).map(([name]) => name),
      };
    }),
  });
}

const sum = (groups: readonly (readonly [string, Count])[], key: keyof Count): number =>
  groups.reduce((total, [, count]) => total + count[key], 0);
