import type { AssignmentDocument } from '../../common/assignment/document.ts';
import { encodeAssignment, sameContent } from '../../common/assignment/encode-document.ts';
import type { Ownership } from '../../common/assignment/handover.ts';
import type { Plan } from '../../common/assignment/plan.ts';
import { byByteOrder } from '../../common/byte-order.ts';
import type { CachegroupName, GroupName } from '../../common/ids.ts';
import type { PlanFacts } from './group-facts.ts';

/** What all documents of one revision say alike. */
export type SharedContent = Pick<AssignmentDocument, 'cdn' | 'groups' | 'handovers' | 'failovers'>;

/** `addresses`: only where members are reached; `failover`: others have to poll at once what nobody polls. */
export type News = 'none' | 'addresses' | 'assignment' | 'failover';

export function sharedContent(facts: PlanFacts, plan: Plan, { owners, pending }: Ownership): SharedContent {
  const owned = new Map<GroupName, CachegroupName[]>(facts.groups.map(({ name }) => [name, []]));
  for (const [cachegroup, names] of owners) for (const name of names) owned.get(name)?.push(cachegroup);
  return {
    cdn: facts.cdn,
    groups: [...facts.groups]
      .sort((a, b) => byByteOrder(a.name, b.name))
      .map(({ name, members }) => ({ name, cachegroups: owned.get(name) ?? [], members })),
    handovers: pending.map(({ cachegroup, from, to }) => ({ cachegroup, from, to })),
    failovers: plan.failovers,
  };
}

/**
 * Whether any document has to say something else than it was told with this revision. One that is merely older is no
 * news; one of this revision that says something else is, for its monitors would not take another of that number.
 *
 * @param told the documents of the revision in force
 * @param inForce that revision, and whether owners are no longer those of it
 */
export function newsIn(
  draft: SharedContent,
  told: ReadonlyMap<GroupName, AssignmentDocument>,
  { documents, groups }: PlanFacts,
  inForce: { readonly revision: number; readonly ownersChanged: boolean },
): News {
  const { revision } = inForce;
  // Then there is nobody to tell.
  if (groups.every(({ state }) => state === 'paused')) return 'none';
  const [any] = told.values();
  if (any === undefined || any.revision !== revision) return 'assignment';
  if (hasNewFailovers(draft, any)) return 'failover';
  if (inForce.ownersChanged) return 'assignment';
  for (const { name, redundancy, state } of groups) {
    const known = told.get(name);
    if (known === undefined) continue;
    if (state !== 'paused' && known.redundancy !== redundancy) return 'assignment';
    const read = documents.get(name) ?? known;
    if (read !== known && read.revision === revision && !sameContent(read, known)) return 'assignment';
  }
  if (textOf(draft) === textOf(any)) return 'none';
  return textOf(withoutAddresses(draft)) === textOf(withoutAddresses(any)) ? 'addresses' : 'assignment';
}

function hasNewFailovers({ failovers }: SharedContent, told: SharedContent): boolean {
  const known = new Map(told.failovers.map(({ cachegroup, standIn }) => [cachegroup, standIn]));
  return failovers.some(({ cachegroup, standIn }) => known.get(cachegroup) !== standIn);
}

const textOf = (content: SharedContent): string =>
  encodeAssignment({ ...content, version: 1, revision: 1, group: '' as GroupName, redundancy: 'All' });

const withoutAddresses = (content: SharedContent): SharedContent => ({
  ...content,
  groups: content.groups.map((group) => ({
    ...group,
    members: group.members.map((member) => ({ ...member, host: '', port: 0 })),
  })),
});
