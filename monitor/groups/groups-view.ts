import type {
  AssignedGroup,
  Failover,
  GroupMember,
  Handover,
  Redundancy,
} from '../../common/assignment/document.ts';
import type { CachegroupName, CdnName, GroupName, MonitorName } from '../../common/ids.ts';
import type { Assignment, AssignmentSource, Refusal } from './assignment-in-force.ts';

/** Who polls what, as `/api/monitor-groups` shows it. */
export interface GroupsView {
  readonly cdn: CdnName | null;
  readonly mode: 'legacy' | 'distributed';
  /** The own group; null: none yet. */
  readonly group: GroupName | null;
  readonly revision: number;
  readonly source: AssignmentSource;
  readonly redundancy: Redundancy;
  /** The last document that could not be used, until its supplier brings a good one. */
  readonly refused: Refusal | null;
  readonly groups: readonly GroupView[];
  readonly handovers: readonly Handover[];
  readonly failovers: readonly Failover[];
}

export interface GroupView {
  readonly name: GroupName;
  readonly own: boolean;
  readonly cachegroups: readonly CachegroupName[];
  readonly members: readonly MemberView[];
  /** Whether its last questions were answered; the own group always is. */
  readonly reachable: boolean;
  /** ms since what it says was heard; null: never. */
  readonly ageMs: number | null;
}

export interface MemberView extends GroupMember {
  readonly self: boolean;
  readonly live: boolean;
  /** ms since the epoch; null: not yet. */
  readonly lastSeenMs: number | null;
}

/** What is known of the monitors themselves. */
export interface Sightings {
  isLive(member: MonitorName): boolean;
  lastSeenMs(member: MonitorName): number | null;
  isReachable(group: GroupName): boolean;
  /** ms since the epoch; null: not yet. */
  lastHeardMs(group: GroupName): number | null;
}

/** The groups of an assignment with who of them is there. */
export function groupsView(
  { document, source }: Assignment,
  self: MonitorName,
  sightings: Sightings,
  refused: Refusal | null,
  nowMs: number,
): GroupsView {
  const { cdn, group, revision, redundancy, handovers, failovers } = document;
  const groups = document.groups.map((one) => groupView(one, one.name === group, self, sightings, nowMs));
  return {
    cdn,
    mode: 'distributed',
    group,
    revision,
    source,
    redundancy,
    refused,
    groups,
    handovers,
    failovers,
  };
}

function groupView(
  { name, cachegroups, members }: AssignedGroup,
  own: boolean,
  self: MonitorName,
  sightings: Sightings,
  nowMs: number,
): GroupView {
  const lastHeardMs = own ? nowMs : sightings.lastHeardMs(name);
  return {
    name,
    own,
    cachegroups: [...cachegroups].sort(),
    members: members.map((member) => memberView(member, self, sightings, nowMs)),
    reachable: own || sightings.isReachable(name),
    ageMs: lastHeardMs === null ? null : Math.max(0, nowMs - lastHeardMs),
  };
}

function memberView(member: GroupMember, self: MonitorName, sightings: Sightings, nowMs: number): MemberView {
  const { name, host, port } = member;
  if (name === self) return { name, host, port, self: true, live: true, lastSeenMs: nowMs };
  return {
    name,
    host,
    port,
    self: false,
    live: sightings.isLive(name),
    lastSeenMs: sightings.lastSeenMs(name),
  };
}
