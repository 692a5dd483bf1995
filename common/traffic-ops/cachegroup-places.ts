import type { CachegroupPlace } from '../assignment/closest.ts';
import type { CachegroupName } from '../ids.ts';
import { type MonitoringConfig, statusOf } from './monitoring.ts';

/** The cachegroups that have caches which are watched at all, and where they are: reference 7.6. */
export function cachegroupPlaces({ caches, cachegroups }: MonitoringConfig): CachegroupPlace[] {
  const names = new Set<CachegroupName>();
  for (const { status, cachegroup } of caches.values()) {
    const known = statusOf(status);
    if (known !== 'OFFLINE' && known !== 'invalid') names.add(cachegroup);
  }
  return [...names].map((name) => ({ name, coordinates: cachegroups.get(name) ?? null }));
}
