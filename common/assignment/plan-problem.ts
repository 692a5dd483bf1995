import type { CachegroupName, GroupName } from '../ids.ts';
import type { Strategy } from './plan.ts';

/** What a plan could not do as asked. */
export type PlanProblem =
  /** There is no group at all: nobody polls any cachegroup. */
  | { readonly kind: 'no-groups'; readonly count: number }
  /** Nobody polls the cachegroup, because every group excludes it. */
  | { readonly kind: 'excluded-by-all'; readonly cachegroup: CachegroupName }
  /** Nobody polls the cachegroup: its home is down, and every other group is down or excludes it. */
  | { readonly kind: 'no-stand-in'; readonly cachegroup: CachegroupName; readonly home: GroupName }
  /** Nobody polls anything, as far as is known. The plan stays as if all were well. */
  | { readonly kind: 'all-groups-down' }
  /** Nothing tells how close the group is to anything, so it counts as being at 0,0. */
  | { readonly kind: 'no-coordinates'; readonly group: GroupName }
  | {
      readonly kind: 'claimed-twice';
      readonly cachegroup: CachegroupName;
      readonly winner: GroupName;
      readonly loser: GroupName;
    }
  | { readonly kind: 'claimed-and-excluded'; readonly cachegroup: CachegroupName; readonly group: GroupName }
  | {
      readonly kind: 'unknown-cachegroup';
      readonly cachegroup: CachegroupName;
      readonly group: GroupName;
      readonly list: 'cacheGroups' | 'exclude';
    }
  | {
      readonly kind: 'other-strategy';
      readonly group: GroupName;
      readonly strategy: Strategy;
      readonly decidedBy: GroupName;
      readonly used: Strategy;
    };

/** Whether caches go unpolled because of the problem. */
export function leavesGap({ kind }: PlanProblem): boolean {
  return ['no-groups', 'excluded-by-all', 'no-stand-in', 'all-groups-down'].includes(kind);
}

/** The problem, its consequence, and what to do about it. */
export function describeProblem(problem: PlanProblem): string {
  switch (problem.kind) {
    case 'no-groups':
      return `nobody polls any of the ${problem.count} cachegroups: there is no group of monitors; create one`;
    case 'excluded-by-all':
      return `nobody polls cachegroup "${problem.cachegroup}": every group excludes it; take it out of one group's exclude`;
    case 'no-stand-in':
      return `nobody polls cachegroup "${problem.cachegroup}": its group "${problem.home}" is down, and every other group is down or excludes it; repair "${problem.home}", or take the cachegroup out of a live group's exclude`;
    case 'all-groups-down':
      return 'no group has a live monitor: cachegroups stay assigned as they are; see why the monitors do not run';
    case 'no-coordinates':
      return `group "${problem.group}" has no coordinates: it counts as being at 0,0, and may get cachegroups far away; give it a location that is a cachegroup with coordinates`;
    case 'claimed-twice':
      return `cachegroup "${problem.cachegroup}" is in cacheGroups of "${problem.winner}" and of "${problem.loser}": "${problem.winner}" polls it, being first by name; take it out of one of them`;
    case 'claimed-and-excluded':
      return `group "${problem.group}" has cachegroup "${problem.cachegroup}" in cacheGroups and in exclude: it does not poll it; take it out of one of them`;
    case 'unknown-cachegroup':
      return `group "${problem.group}" has "${problem.cachegroup}" in ${problem.list}: no cachegroup with caches of this CDN has that name, so it is ignored`;
    case 'other-strategy':
      return `group "${problem.group}" asks for strategy ${problem.strategy}, but all groups of a CDN share one: ${problem.used}, of "${problem.decidedBy}", the first by name`;
  }
}
