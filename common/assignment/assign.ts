import type { CachegroupName, GroupName } from '../ids.ts';
import { settleClaims } from './claims.ts';
import { inByteOrder } from './closest.ts';
import type { AssignableGroup, Plan, PlanInput, Strategy } from './plan.ts';
import type { PlanProblem } from './plan-problem.ts';
import { findStandIns } from './stand-ins.ts';
import { type Owners, shareByBuckets, shareByDistance } from './strategies.ts';

/**
 * Plans who polls what in one CDN. What is claimed goes to whoever claims it, the rest is shared out by the strategy so
 * that every group has as much; a group that is not on duty keeps its homes, and others stand in for it. Every
 * cachegroup has an owner, or a problem says why not. With previous owners only as much moves as evenness asks for:
 * for `n` cachegroups that nobody claims or excludes, at most ceil(n / groups) when a group is added, only its own when
 * one is removed or goes off duty, one when a cachegroup goes, none when one comes. To have the cachegroups of a group
 * shared out anew, e.g. because its location has changed, leave them out of `previous.homes`.
 */
export function assign(input: PlanInput): Plan {
  const groups = inByteOrder(input.groups);
  const cachegroups = inByteOrder(input.cachegroups);
  const [first] = groups;
  if (first === undefined) return withoutGroups(cachegroups.length);
  const previous = input.previous ?? { homes: new Map(), owners: new Map() };
  const { claimed, problems } = settleClaims(groups, cachegroups);
  const share = first.strategy === 'buckets' ? shareByBuckets : shareByDistance;
  const shared = share({
    groups,
    cachegroups: cachegroups.filter(({ name }) => !claimed.has(name)),
    others: claimed,
    previous: previous.homes,
  });
  const homes = new Map<CachegroupName, GroupName>();
  for (const { name } of cachegroups) {
    const home = claimed.get(name) ?? shared.get(name);
    if (home !== undefined) homes.set(name, home);
  }
  const allDown = !groups.some(({ onDuty }) => onDuty);
  const question = { groups, cachegroups, strategy: first.strategy, homes, previousOwners: previous.owners };
  const standIns = allDown ? keptStandIns(groups, homes, previous.owners) : findStandIns(question);
  const owners = new Map([...homes].map(([name, home]) => [name, standIns.get(name) ?? home]));
  return {
    homes,
    owners,
    // In the order of cachegroups, not in that in which stand-ins were found.
    failovers: cachegroups.flatMap(({ name }) => {
      const [home, standIn] = [homes.get(name), standIns.get(name)];
      return home === undefined || standIn === undefined ? [] : [{ cachegroup: name, home, standIn }];
    }),
    problems: [
      ...otherStrategies(first, groups),
      ...withoutCoordinates(first.strategy, groups),
      ...problems,
      ...(allDown ? [{ kind: 'all-groups-down' } as const] : gaps(groups, homes, standIns)),
      ...cachegroups
        .filter(({ name }) => !homes.has(name))
        .map(({ name }) => ({ kind: 'excluded-by-all', cachegroup: name }) as const),
    ],
  };
}

function withoutGroups(count: number): Plan {
  const problems: PlanProblem[] = count === 0 ? [] : [{ kind: 'no-groups', count }];
  return { homes: new Map(), owners: new Map(), failovers: [], problems };
}

function otherStrategies(first: AssignableGroup, groups: readonly AssignableGroup[]): PlanProblem[] {
  const used: Strategy = first.strategy;
  return groups
    .filter(({ strategy }) => strategy !== used)
    .map(({ name, strategy }) => ({
      kind: 'other-strategy',
      group: name,
      strategy,
      decidedBy: first.name,
      used,
    }));
}

function withoutCoordinates(used: Strategy, groups: readonly AssignableGroup[]): PlanProblem[] {
  if (used === 'buckets') return [];
  return groups
    .filter(({ coordinates }) => coordinates === null)
    .map(({ name }) => ({ kind: 'no-coordinates', group: name }));
}

/** With all groups down there is nobody to go to, and perhaps only the news of them is missing: nothing moves. */
function keptStandIns(groups: readonly AssignableGroup[], homes: Owners, previousOwners: Owners): Owners {
  const kept = new Map<CachegroupName, GroupName>();
  for (const { name, excludes } of groups) {
    const excluded = new Set(excludes);
    for (const [cachegroup, owner] of previousOwners) {
      const home = homes.get(cachegroup);
      if (owner === name && home !== undefined && home !== name && !excluded.has(cachegroup))
        kept.set(cachegroup, name);
    }
  }
  return kept;
}

function gaps(groups: readonly AssignableGroup[], homes: Owners, standIns: Owners): PlanProblem[] {
  const down = new Set(groups.filter(({ onDuty }) => !onDuty).map(({ name }) => name));
  return [...homes]
    .filter(([cachegroup, home]) => down.has(home) && !standIns.has(cachegroup))
    .map(([cachegroup, home]) => ({ kind: 'no-stand-in', cachegroup, home }));
}
