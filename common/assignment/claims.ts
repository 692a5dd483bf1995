import type { CachegroupName, GroupName } from '../ids.ts';
import type { CachegroupPlace } from './closest.ts';
import type { AssignableGroup } from './plan.ts';
import type { PlanProblem } from './plan-problem.ts';

/** What groups have said about cachegroups by name. */
export interface Claims {
  readonly claimed: ReadonlyMap<CachegroupName, GroupName>;
  readonly problems: readonly PlanProblem[];
}

/** Settles who gets what is claimed: an exclusion beats the own claim, of two groups the first one gets it. */
export function settleClaims(
  groups: readonly AssignableGroup[],
  cachegroups: readonly CachegroupPlace[],
): Claims {
  const known = new Set(cachegroups.map(({ name }) => name));
  const claimed = new Map<CachegroupName, GroupName>();
  const problems: PlanProblem[] = [];
  for (const { name: group, claims, excludes } of groups) {
    for (const cachegroup of new Set(excludes)) {
      if (!known.has(cachegroup))
        problems.push({ kind: 'unknown-cachegroup', cachegroup, group, list: 'exclude' });
    }
    for (const cachegroup of new Set(claims)) {
      const winner = claimed.get(cachegroup);
      if (!known.has(cachegroup))
        problems.push({ kind: 'unknown-cachegroup', cachegroup, group, list: 'cacheGroups' });
      else if (excludes.includes(cachegroup))
        problems.push({ kind: 'claimed-and-excluded', cachegroup, group });
      else if (winner !== undefined)
        problems.push({ kind: 'claimed-twice', cachegroup, winner, loser: group });
      else claimed.set(cachegroup, group);
    }
  }
  return { claimed, problems };
}
