import type { CachegroupName, CdnName, GroupName, MonitorName } from '../ids.ts';

/**
 * Who polls what in one CDN, as one group of monitors is told: format version 1, `docs/assignment.schema.json`. The
 * operator writes it; people may write it by hand.
 */
export interface AssignmentDocument {
  readonly version: 1;
  /** From 1 up; rises with every change. */
  readonly revision: number;
  readonly cdn: CdnName;
  /** Whose document this is: the reader's own group. */
  readonly group: GroupName;
  readonly redundancy: Redundancy;
  /** Every group of the CDN. */
  readonly groups: readonly AssignedGroup[];
  /** What is under way. */
  readonly handovers: readonly Handover[];
  /** What other groups poll for groups that are down. */
  readonly failovers: readonly Failover[];
}

/** How many members of the own group poll one bucket of caches: all, or this many (from 1 up). */
export type Redundancy = 'All' | number;

export interface AssignedGroup {
  readonly name: GroupName;
  /** What it polls. While a hand-over is under way, a cachegroup stands in two groups. */
  readonly cachegroups: readonly CachegroupName[];
  readonly members: readonly GroupMember[];
}

export interface GroupMember {
  /** In a pod: the pod's name. */
  readonly name: MonitorName;
  /** IP address (IPv6 without brackets) or DNS name. */
  readonly host: string;
  readonly port: number;
}

/** `to` has been named as an owner beside `from`, which stays one until `to` polls the cachegroup. */
export interface Handover {
  readonly cachegroup: CachegroupName;
  readonly from: GroupName;
  readonly to: GroupName;
}

/** `home` is down: `standIn` polls its cachegroup until `home` is back. */
export interface Failover {
  readonly cachegroup: CachegroupName;
  readonly home: GroupName;
  readonly standIn: GroupName;
}

/** What a reader does with the next document. */
export type Succession =
  /** Higher revision, or the first one. */
  | 'apply'
  /** Nothing new. */
  | 'same'
  /** A lower revision: refuse it. */
  | 'older'
  /** The same revision with other content, so one of the writers is wrong: refuse it. */
  | 'conflict';
