import { assign } from '../common/assignment/assign.ts';
import type { CachegroupPlace, GroupPlace } from '../common/assignment/closest.ts';
import type { AssignmentDocument, Failover, GroupMember } from '../common/assignment/document.ts';
import { isOnDuty } from '../common/assignment/duty.ts';
import { type GroupProgress, type Ownership, planHandover } from '../common/assignment/handover.ts';
import type { CachegroupName, CdnName, GroupName } from '../common/ids.ts';

export interface ActingGroup extends GroupPlace {
  readonly members: readonly GroupMember[];
}

/** What is seen of a group now. */
export interface GroupSeen {
  readonly live: boolean;
  /** The highest revision of which every live member polls all that is its own; null: none yet. */
  readonly polledRevision: number | null;
}

export interface ActingTimes {
  /** A group that is down so long gives its cachegroups to others, which get them back when it has stayed so long. */
  readonly failoverAfterMs: number;
  readonly failbackAfterMs: number;
  /** A new owner is trusted after so long, whatever it reports. */
  readonly handoverTimeoutMs: number;
}

/** What a look has led to. */
export interface Orders {
  /** The documents of the next revision by group; null: nothing has changed. */
  readonly documents: ReadonlyMap<GroupName, AssignmentDocument> | null;
  /** For people, a sentence each. */
  readonly news: readonly string[];
}

interface Duty {
  wasOnDuty: boolean;
  live: boolean;
  sinceMs: number;
}

/** Does for a few processes what the operator does in a cluster: decides who polls what, and hands over in two steps. */
export class ActingOperator {
  readonly #groups: readonly ActingGroup[];
  readonly #cachegroups: readonly CachegroupPlace[];
  readonly #cdn: CdnName;
  readonly #times: ActingTimes;
  readonly #duties: Map<GroupName, Duty>;
  #homes: ReadonlyMap<CachegroupName, GroupName> = new Map();
  #planned: ReadonlyMap<CachegroupName, GroupName> = new Map();
  #ownership: Ownership = { revision: 0, owners: new Map(), pending: [] };

  constructor(
    cdn: CdnName,
    groups: readonly ActingGroup[],
    cachegroups: readonly CachegroupPlace[],
    times: ActingTimes,
  ) {
    this.#cdn = cdn;
    this.#groups = groups;
    this.#cachegroups = cachegroups;
    this.#times = times;
    this.#duties = new Map(groups.map(({ name }) => [name, { wasOnDuty: true, live: true, sinceMs: 0 }]));
  }

  /** Looks at the groups and orders what has to change. `nowMs` of a steady clock. */
  look(seen: ReadonlyMap<GroupName, GroupSeen>, nowMs: number): Orders {
    const news = this.#settleDuties(seen, nowMs);
    const { homes, owners, failovers } = assign({
      groups: this.#groups.map(({ name, coordinates }) => ({
        name,
        coordinates,
        strategy: 'closest',
        claims: [],
        excludes: [],
        onDuty: this.#duties.get(name)?.wasOnDuty ?? false,
      })),
      cachegroups: this.#cachegroups,
      previous: this.#homes.size === 0 ? null : { homes: this.#homes, owners: this.#planned },
    });
    this.#homes = homes;
    this.#planned = owners;
    const { handoverTimeoutMs } = this.#times;
    const progress = new Map<GroupName, GroupProgress>(
      [...seen].map(([name, { live, polledRevision }]) => [
        name,
        { live, polledRevision, handoverTimeoutMs },
      ]),
    );
    const { next, changed } = planHandover({ current: this.#ownership, desired: owners, progress, nowMs });
    if (!changed) return { documents: null, news };
    news.push(...movesBetween(this.#ownership, next));
    this.#ownership = next;
    return { documents: this.#documents(failovers), news };
  }

  #settleDuties(seen: ReadonlyMap<GroupName, GroupSeen>, nowMs: number): string[] {
    const news: string[] = [];
    for (const [name, duty] of this.#duties) {
      const live = seen.get(name)?.live ?? false;
      if (live !== duty.live) Object.assign(duty, { live, sinceMs: nowMs });
      const onDuty = isOnDuty(duty, this.#times, nowMs);
      if (onDuty === duty.wasOnDuty) continue;
      duty.wasOnDuty = onDuty;
      news.push(
        onDuty ? `group ${name} is on duty again` : `group ${name} is off duty: others stand in for it`,
      );
    }
    return news;
  }

  #documents(failovers: readonly Failover[]): ReadonlyMap<GroupName, AssignmentDocument> {
    const { revision, owners, pending } = this.#ownership;
    const groups = this.#groups.map(({ name, members }) => ({
      name,
      members,
      cachegroups: [...owners].filter(([, names]) => names.includes(name)).map(([cachegroup]) => cachegroup),
    }));
    const handovers = pending.map(({ cachegroup, from, to }) => ({ cachegroup, from, to }));
    return new Map(
      groups.map(({ name }) => [
        name,
        {
          version: 1,
          revision,
          cdn: this.#cdn,
          group: name,
          redundancy: 'All',
          groups,
          handovers,
          failovers,
        },
      ]),
    );
  }
}

/** What comes to which group and what it gives up; nothing of the first revision, in which all is new. */
function movesBetween(before: Ownership, after: Ownership): string[] {
  if (before.revision === 0) return [];
  const changes = new Map<string, CachegroupName[]>();
  const note = (what: string, cachegroup: CachegroupName): void => {
    changes.set(what, [...(changes.get(what) ?? []), cachegroup]);
  };
  for (const [cachegroup, now] of after.owners) {
    const old = before.owners.get(cachegroup) ?? [];
    for (const group of now) if (!old.includes(group)) note(`${group} takes on`, cachegroup);
    for (const group of old) if (!now.includes(group)) note(`${group} lets go of`, cachegroup);
  }
  return [...changes].map(
    ([what, cachegroups]) => `revision ${after.revision}: ${what} ${cachegroups.toSorted().join(', ')}`,
  );
}
