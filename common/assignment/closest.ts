import { byByteOrder } from '../byte-order.ts';
import type { CachegroupName, GroupName } from '../ids.ts';
import type { Coordinates } from '../traffic-ops/monitoring.ts';
import { distanceKm, type Place, placeAt } from './distance.ts';

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
 * is in the result, what it takes in the order it was taken; without groups the result is empty.
 */
export function assignClosest(
  groups: readonly GroupPlace[],
  cachegroups: readonly CachegroupPlace[],
): Map<GroupName, CachegroupName[]> {
  const remaining = new RemainingCachegroups(cachegroups);
  const takers = [...groups].sort((a, b) => byByteOrder(a.name, b.name));
  const taken = new Map<GroupName, CachegroupName[]>(takers.map(({ name }) => [name, []]));
  while (takers.length > 0) {
    for (const group of takers) {
      const cachegroup = remaining.takeClosest(group);
      if (cachegroup === null) return taken;
      taken.get(group.name)?.push(cachegroup);
    }
  }
  return taken;
}

/**
 * Cachegroups that nobody has yet. A group's distances are worked out once, so taking is one pass over what remains:
 * with thousands of cachegroups that is faster than keeping them in order for each of hundreds of groups.
 */
export class RemainingCachegroups {
  readonly #all: readonly CachegroupPlace[];
  readonly #places: readonly Place[];
  readonly #distances = new Map<GroupName, Float64Array>();
  /** Numbers in `#all`, in the order of names; the first `#count` of them. */
  readonly #free: Uint32Array;
  #count: number;

  constructor(cachegroups: readonly CachegroupPlace[]) {
    this.#all = [...cachegroups].sort((a, b) => byByteOrder(a.name, b.name));
    this.#places = this.#all.map(({ coordinates }) => placeAt(coordinates));
    this.#free = Uint32Array.from(this.#all.keys());
    this.#count = this.#all.length;
  }

  /** null: none remains. */
  takeClosest(group: GroupPlace): CachegroupName | null {
    const distances = this.#distancesFrom(group);
    let closest = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.#count; i++) {
      const distance = distances[this.#free[i] ?? 0] ?? least;
      if (distance < least) {
        least = distance;
        closest = i;
      }
    }
    const cachegroup = closest === -1 ? undefined : this.#all[this.#free[closest] ?? 0];
    if (cachegroup === undefined) return null;
    this.#free.copyWithin(closest, closest + 1, this.#count);
    this.#count--;
    return cachegroup.name;
  }

  #distancesFrom({ name, coordinates }: GroupPlace): Float64Array {
    const known = this.#distances.get(name);
    if (known !== undefined) return known;
    const from = placeAt(coordinates);
    const distances = Float64Array.from(this.#places, (place) => distanceKm(from, place));
    this.#distances.set(name, distances);
    return distances;
  }
}
