import {
  type BucketOwners,
  bucketOf,
  bucketOwners,
  liveBucketOwners,
} from '../../common/assignment/buckets.ts';
import type { AssignmentDocument } from '../../common/assignment/document.ts';
import type { CachegroupName, CacheName, GroupName, MonitorName } from '../../common/ids.ts';

/** What may change without a new assignment: who is there to poll. */
export interface Presence {
  /** Members of the own group that are alive; this monitor is. */
  readonly liveMembers: ReadonlySet<MonitorName>;
  /** Other groups of whom nobody has answered for so long that others poll what is theirs. */
  readonly silentGroups: ReadonlySet<GroupName>;
}

/**
 * Who has to poll what: an assignment, as one monitor reads it with those who are there.
 *
 * - A cachegroup that no group is assigned (Traffic Ops knows it, the document does not yet) goes to a group by a stable
 *   hash: all monitors with the same document choose the same.
 * - While every group of a cachegroup is silent, this monitor's group polls it too.
 * - With a redundancy of R, each of 256 buckets of the own group's caches belongs to R of its live members.
 */
export class Responsibility {
  readonly #assignment: AssignmentDocument;
  readonly #self: MonitorName;
  readonly #presence: Presence;
  readonly #groups = new Map<CachegroupName, GroupName[]>();
  /** null: every member polls every cache of the group. */
  readonly #shares: BucketOwners<MonitorName> | null;
  /** Who polls a cachegroup that nobody is assigned. */
  readonly #claimants: BucketOwners<GroupName>;

  constructor(assignment: AssignmentDocument, self: MonitorName, presence: Presence) {
    this.#assignment = assignment;
    this.#self = self;
    this.#presence = presence;
    for (const { name, cachegroups } of assignment.groups) {
      for (const cachegroup of cachegroups) {
        const groups = this.#groups.get(cachegroup);
        if (groups === undefined) this.#groups.set(cachegroup, [name]);
        else groups.push(name);
      }
    }
    const { redundancy, groups, group: own } = assignment;
    const members = groups.find(({ name }) => name === own)?.members ?? [];
    const names = [self, ...members.map(({ name }) => name)];
    const live = new Set([self, ...presence.liveMembers]);
    this.#shares = redundancy === 'All' ? null : liveBucketOwners(names, redundancy, live);
    const manned = groups.filter((group) => group.name === own || group.members.length > 0);
    this.#claimants = bucketOwners(
      manned.map(({ name }) => name),
      1,
    );
  }

  /** The groups that are to poll a cachegroup by the assignment; one that nobody claims is still somebody's. */
  groupsOf(cachegroup: CachegroupName): readonly GroupName[] {
    const groups = this.#groups.get(cachegroup);
    if (groups !== undefined) return groups;
    return this.#claimants[bucketOf(cachegroup)] ?? [];
  }

  /** Whether the assignment names a group for it. */
  isClaimed(cachegroup: CachegroupName): boolean {
    return this.#groups.has(cachegroup);
  }

  /** Whether the own group is to poll it. */
  isOwn(cachegroup: CachegroupName): boolean {
    return this.groupsOf(cachegroup).includes(this.#assignment.group);
  }

  /** Whether the own group polls it, be it only in place of groups that are silent. */
  isPolledHere(cachegroup: CachegroupName): boolean {
    const groups = this.groupsOf(cachegroup);
    return (
      groups.includes(this.#assignment.group) ||
      groups.every((group) => this.#presence.silentGroups.has(group))
    );
  }

  /** Whether this very monitor has to poll this cache. */
  isMine(cache: CacheName, cachegroup: CachegroupName): boolean {
    return this.isPolledHere(cachegroup) && this.isInShare(cache, this.#self);
  }

  /** Whether a member of the own group has this cache in its share, if the group polls its cachegroup. */
  isInShare(cache: CacheName, member: MonitorName): boolean {
    return this.#shares === null || (this.#shares[bucketOf(cache)]?.includes(member) ?? false);
  }
}
