import { byByteOrder } from '../byte-order.ts';
import type { CachegroupName, GroupName } from '../ids.ts';
import type { Coordinates } from '../traffic-ops/monitoring.ts';
import { distanceKm, placeAt } from './distance.ts';
import { NOBODY, shareOut } from './share-out.ts';

/** Where a group of monitors stands. */
export interface GroupPlace {
  readonly name: GroupName;
  /** null: not known, counts as 0,0. */
  readonly coordinates: Coordinates | null;
}

export interface CachegroupPlace {
  readonly name: CachegroupName;
  /** null: not known, counts as 0,0. */
  readonly coordinates: Coordinates | null;
}

/**
 * Shares cachegroups out as the Go Traffic Monitor does (reference 7.6): groups in the byte order of their names take
 * in turn the remaining cachegroup closest to them, of two as close the first by name, until none remain. Every group
 * is in the result, its cachegroups in byte order; without groups the result is empty.
 */
export function assignClosest(
  groups: readonly GroupPlace[],
  cachegroups: readonly CachegroupPlace[],
): Map<GroupName, CachegroupName[]> {
  const takers = inByteOrder(groups);
  const items = inByteOrder(cachegroups);
  const owners = shareOut({
    costs: distancesKm(takers, items),
    loads: takers.map(() => 0),
    previous: new Int32Array(items.length).fill(NOBODY),
  });
  const taken = takers.map((): CachegroupName[] => []);
  for (const [item, { name }] of items.entries()) taken[owners[item] ?? NOBODY]?.push(name);
  return new Map(takers.map(({ name }, taker) => [name, taken[taker] ?? []]));
}

/** By group, then cachegroup. */
export function distancesKm(
  groups: readonly GroupPlace[],
  cachegroups: readonly CachegroupPlace[],
): Float64Array[] {
  const places = cachegroups.map(({ coordinates }) => placeAt(coordinates));
  return groups.map(({ coordinates }) => {
    const from = placeAt(coordinates);
    return Float64Array.from(places, (place) => distanceKm(from, place));
  });
}

/** Sorted by name; of several with one name the last counts. */
export function inByteOrder<Named extends { readonly name: string }>(all: readonly Named[]): Named[] {
  const byName = new Map(all.map((one) => [one.name, one]));
  return [...byName.values()].sort((a, b) => byByteOrder(a.name, b.name));
}
