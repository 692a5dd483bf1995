import type { CachegroupPlace } from '../../common/assignment/closest.ts';
import type { AssignmentDocument, GroupMember, Redundancy } from '../../common/assignment/document.ts';
import type { DutyTimes } from '../../common/assignment/duty.ts';
import type { Strategy } from '../../common/assignment/plan.ts';
import type { CachegroupName, CdnName, GroupName } from '../../common/ids.ts';
import type { Coordinates } from '../../common/traffic-ops/monitoring.ts';

/** What the plan of a CDN has to know of one group. */
export interface GroupFacts {
  readonly name: GroupName;
  /** `paused`: keeps what it has, is given nothing. `leaving`: deleted, polls on until others have taken over. */
  readonly state: 'active' | 'paused' | 'leaving';
  readonly coordinates: Coordinates | null;
  readonly strategy: Strategy;
  readonly claims: readonly CachegroupName[];
  readonly excludes: readonly CachegroupName[];
  readonly redundancy: Redundancy;
  readonly members: readonly GroupMember[];
  /** Whether any member is live, and since when that is so: ms of a steady clock. */
  readonly live: boolean;
  readonly sinceMs: number;
  /** Whether any member was ever seen alive. */
  readonly hasLived: boolean;
  /** What its status says of its duty, for an operator that has just begun to lead. */
  readonly wasOnDuty: boolean;
  /** The highest revision of which every live member has polled its whole share; null: none. */
  readonly polledRevision: number | null;
  readonly times: DutyTimes & { readonly handoverTimeoutMs: number };
}

/** Everything that the plan of a CDN rests on. */
export interface PlanFacts {
  readonly cdn: CdnName;
  readonly groups: readonly GroupFacts[];
  /** Those that have caches, from the snapshot in force. */
  readonly cachegroups: readonly CachegroupPlace[];
  /** The documents that groups have now. */
  readonly documents: ReadonlyMap<GroupName, AssignmentDocument>;
  /** The highest revision that any monitor reports to have applied: a new one has to be higher. */
  readonly reportedRevision: number;
  /** ms of a steady clock. */
  readonly nowMs: number;
}
