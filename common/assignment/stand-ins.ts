import { byByteOrder } from '../byte-order.ts';
import type { CachegroupName, GroupName } from '../ids.ts';
import type { CachegroupPlace } from './closest.ts';
import { distanceKm, placeAt } from './distance.ts';
import type { AssignableGroup, Strategy } from './plan.ts';
import { type Owners, shareByDistance, shareByHash } from './strategies.ts';

/** So many of the groups closest to one that is down share its cachegroups: no neighbour's load grows by more than a third of it. */
const NEIGHBOURS = 3;

export interface StandInQuestion {
  /** In byte order. */
  readonly groups: readonly AssignableGroup[];
  /** In byte order. */
  readonly cachegroups: readonly CachegroupPlace[];
  readonly strategy: Strategy;
  readonly homes: Owners;
  /** Who polled what before: who stands in goes on doing so. */
  readonly previousOwners: Owners;
}

/**
 * Who polls the cachegroups of groups that are not on duty. With `closest` the three groups on duty that are closest to
 * the group that is down share them; with `buckets` all groups on duty do. Where those may not, any group on duty may
 * be asked. What nobody may take is not in the result.
 */
export function findStandIns(question: StandInQuestion): Owners {
  const { groups, cachegroups, strategy, homes, previousOwners } = question;
  const onDuty = groups.filter((group) => group.onDuty);
  const orphansByHome = Map.groupBy(cachegroups, ({ name }) => homes.get(name));
  const standIns = new Map<CachegroupName, GroupName>();
  const evenly = strategy === 'buckets' ? shareByHash : shareByDistance;
  // A neighbour's own load does not count with `closest`: that is shared out already.
  const own =
    strategy === 'buckets' ? [...homes].filter(([, home]) => onDuty.some(({ name }) => name === home)) : [];
  for (const down of groups) {
    const orphans = orphansByHome.get(down.name) ?? [];
    if (down.onDuty || orphans.length === 0) continue;
    const before = new Set(orphans.map(({ name }) => previousOwners.get(name)));
    const close = strategy === 'buckets' ? onDuty : neighboursOf(down, onDuty);
    const candidates = onDuty.filter((group) => close.includes(group) || before.has(group.name));
    const pool = { previous: previousOwners, others: new Map([...own, ...standIns]) };
    const found = evenly({ ...pool, groups: candidates, cachegroups: orphans });
    const left = orphans.filter(({ name }) => !found.has(name));
    const further = evenly({ ...pool, groups: onDuty, cachegroups: left });
    for (const [cachegroup, group] of [...found, ...further]) standIns.set(cachegroup, group);
  }
  return standIns;
}

function neighboursOf(down: AssignableGroup, onDuty: readonly AssignableGroup[]): AssignableGroup[] {
  const from = placeAt(down.coordinates);
  return onDuty
    .map((group) => ({ group, km: distanceKm(from, placeAt(group.coordinates)) }))
    .sort((a, b) => a.km - b.km || byByteOrder(a.group.name, b.group.name))
    .slice(0, NEIGHBOURS)
    .map(({ group }) => group);
}
