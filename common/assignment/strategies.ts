import type { CachegroupName, GroupName } from '../ids.ts';
import { stableHash } from '../stable-hash.ts';
import { bucketOf } from './buckets.ts';
import { type CachegroupPlace, distancesKm } from './closest.ts';
import type { AssignableGroup } from './plan.ts';
import { NOBODY, shareOut } from './share-out.ts';

export type Owners = ReadonlyMap<CachegroupName, GroupName>;

/** What a strategy shares out. Groups and cachegroups are in byte order. */
export interface SharedPool {
  readonly groups: readonly AssignableGroup[];
  readonly cachegroups: readonly CachegroupPlace[];
  /** What groups have besides. */
  readonly others: Owners;
  /** What had an owner before; it keeps it if it can. */
  readonly previous: Owners;
}

/**
 * Each group takes what is closest to it; without previous owners this is reference 7.6. Cachegroups that every group
 * excludes are not in the result.
 */
export function shareByDistance(pool: SharedPool): Owners {
  return shareSingly(pool, distancesKm(pool.groups, pool.cachegroups));
}

/**
 * Cachegroups fall into buckets by a hash of their names, and groups share the buckets in use evenly. A bucket moves as
 * a whole; only one that no group may take whole, because of exclusions, is taken apart. Cachegroups that every group
 * excludes are not in the result.
 */
export function shareByBuckets(pool: SharedPool): Owners {
  const { groups, cachegroups, others, previous } = pool;
  const number = numbersOf(groups);
  const buckets = [...Map.groupBy(cachegroups, ({ name }) => bucketOf(name))].sort(([a], [b]) => a - b);
  const costs = groups.map(({ name, excludes }) => {
    const excluded = new Set(excludes);
    return Float64Array.from(buckets, ([bucket, contents]) =>
      contents.some((cachegroup) => excluded.has(cachegroup.name))
        ? Infinity
        : stableHash(`${name}/${bucket}`),
    );
  });
  const otherBuckets = new Map([...others].map(([name, group]) => [`${group}/${bucketOf(name)}`, group]));
  const owners = shareOut({
    costs,
    loads: countsOf(groups, otherBuckets.values()),
    previous: Int32Array.from(buckets, ([, contents]) =>
      mostFrequent(contents.map(({ name }) => number(previous.get(name)))),
    ),
  });
  const whole = buckets.flatMap(([, contents], item): [CachegroupName, GroupName][] => {
    const group = groups[owners[item] ?? NOBODY];
    return group === undefined ? [] : contents.map(({ name }) => [name, group.name]);
  });
  const split = buckets.flatMap(([, contents], item) => (owners[item] === NOBODY ? contents : []));
  if (split.length === 0) return new Map(whole);
  return new Map([...whole, ...shareByHash({ ...pool, cachegroups: split, others: new Map() })]);
}

/** Evenly, one cachegroup at a time, which group takes which by a hash. */
export function shareByHash(pool: SharedPool): Owners {
  const costs = pool.groups.map((group) =>
    Float64Array.from(pool.cachegroups, ({ name }) => stableHash(`${group.name}/${name}`)),
  );
  return shareSingly(pool, costs);
}

/** @param costs of each group for each cachegroup; changed here */
function shareSingly({ groups, cachegroups, others, previous }: SharedPool, costs: Float64Array[]): Owners {
  forbidExcluded(costs, groups, cachegroups);
  const number = numbersOf(groups);
  const owners = shareOut({
    costs,
    loads: countsOf(groups, others.values()),
    previous: Int32Array.from(cachegroups, ({ name }) => number(previous.get(name))),
  });
  return ownersByName(groups, cachegroups, owners);
}

function forbidExcluded(
  costs: readonly Float64Array[],
  groups: readonly AssignableGroup[],
  cachegroups: readonly CachegroupPlace[],
): void {
  for (const [taker, { excludes }] of groups.entries()) {
    if (excludes.length === 0) continue;
    const excluded = new Set(excludes);
    for (const [item, { name }] of cachegroups.entries())
      if (excluded.has(name)) costs[taker]?.fill(Infinity, item, item + 1);
  }
}

function numbersOf(groups: readonly AssignableGroup[]): (group: GroupName | undefined) => number {
  const numbers = new Map(groups.map(({ name }, taker) => [name, taker]));
  return (group) => (group === undefined ? NOBODY : (numbers.get(group) ?? NOBODY));
}

function countsOf(groups: readonly AssignableGroup[], owners: Iterable<GroupName>): number[] {
  const counts = new Map<GroupName, number>();
  for (const group of owners) counts.set(group, (counts.get(group) ?? 0) + 1);
  return groups.map(({ name }) => counts.get(name) ?? 0);
}

function ownersByName(
  groups: readonly AssignableGroup[],
  cachegroups: readonly CachegroupPlace[],
  owners: Int32Array,
): Owners {
  const byName = new Map<CachegroupName, GroupName>();
  for (const [item, { name }] of cachegroups.entries()) {
    const group = groups[owners[item] ?? NOBODY];
    if (group !== undefined) byName.set(name, group.name);
  }
  return byName;
}

/** Of the numbers that are some taker, the most frequent one; of several the lowest. */
function mostFrequent(takers: readonly number[]): number {
  const known = takers.filter((taker) => taker !== NOBODY).sort((a, b) => a - b);
  const count = (taker: number) => known.filter((one) => one === taker).length;
  return known.reduce((best, taker) => (count(taker) > count(best) ? taker : best), known[0] ?? NOBODY);
}
