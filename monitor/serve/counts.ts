import type { CacheState } from '../health/cache-state.ts';

/** `/api/cache-count`: reference 9.15. */
export const cacheCount = (caches: readonly CacheState[]): string => String(caches.length);

/** `/api/cache-available-count`. */
export const availableCount = (caches: readonly CacheState[]): string =>
  String(caches.filter(({ verdict }) => verdict?.isAvailable ?? false).length);

/** `/api/cache-down-count`: not available although it ought to be. */
export const downCount = (caches: readonly CacheState[]): string =>
  String(
    caches.filter(({ subject, verdict }) => subject.status === 'REPORTED' && !(verdict?.isAvailable ?? false))
      .length,
  );

/** `/api/bandwidth-kbps`: what the caches send by their last good polls; six decimals. */
export const bandwidthKbps = (caches: readonly CacheState[]): string =>
  caches.reduce((sum, { health }) => sum + (health.vitals?.kbpsOut ?? 0), 0).toFixed(6);

/** `/api/bandwidth-capacity-kbps`. */
export const capacityKbps = (caches: readonly CacheState[]): string =>
  String(caches.reduce((sum, state) => sum + state.capacityKbps, 0));
