import type { CachegroupName, GroupName } from '../ids.ts';
import type { CachegroupPlace, GroupPlace } from './closest.ts';
import type { AssignmentDocument, Failover } from './document.ts';
import type { PlanProblem } from './plan-problem.ts';

/** How cachegroups that nobody claims are shared out: to the closest group, or evenly by a hash of their names. */
export type Strategy = 'closest' | 'buckets';

/** A group of monitors as far as it matters for who polls what. */
export interface AssignableGroup extends GroupPlace {
  readonly strategy: Strategy;
  /** Cachegroups that it polls in any case. */
  readonly claims: readonly CachegroupName[];
  /** Cachegroups that it must not poll. */
  readonly excludes: readonly CachegroupName[];
  /** Whether it polls what it has; if not, others stand in for it. `isOnDuty` tells. */
  readonly onDuty: boolean;
}

export interface PlanInput {
  readonly groups: readonly AssignableGroup[];
  readonly cachegroups: readonly CachegroupPlace[];
  /** What has been planned before; as much of it as possible stays. null: plan anew. */
  readonly previous: Pick<Plan, 'homes' | 'owners'> | null;
}

/** Who is to poll what in one CDN. */
export interface Plan {
  /** The group that polls each cachegroup when all groups are well. */
  readonly homes: ReadonlyMap<CachegroupName, GroupName>;
  /** The group that is to poll each cachegroup now. */
  readonly owners: ReadonlyMap<CachegroupName, GroupName>;
  /** Where the two differ. */
  readonly failovers: readonly Failover[];
  /** What keeps cachegroups unpolled, or was asked for and could not be done. */
  readonly problems: readonly PlanProblem[];
}

/** The plan that a document came from, for an operator that has just started. */
export function plannedIn(document: AssignmentDocument): Pick<Plan, 'homes' | 'owners'> {
  const owners = new Map<CachegroupName, GroupName>();
  for (const { name, cachegroups } of document.groups) {
    for (const cachegroup of cachegroups) owners.set(cachegroup, name);
  }
  for (const { cachegroup, to } of document.handovers) owners.set(cachegroup, to);
  const homes = new Map(owners);
  for (const { cachegroup, home } of document.failovers) homes.set(cachegroup, home);
  return { homes, owners };
}
