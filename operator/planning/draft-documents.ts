import type { AssignmentDocument } from '../../common/assignment/document.ts';
import { encodeAssignment, sameContent } from '../../common/assignment/encode-document.ts';
import type { Ownership } from '../../common/assignment/handover.ts';
import type { Plan } from '../../common/assignment/plan.ts';
import { byByteOrder } from '../../common/byte-order.ts';
import type { CachegroupName, GroupName } from '../../common/ids.ts';
import type { PlanFacts } from './group-facts.ts';

/** What all documents of one revision say alike. */
export type SharedContent = Pick<AssignmentDocument, 'cdn' | 'groups' | 'handovers' | 'failovers'>;

/** `addresses`: only where members are reached; who polls what is as it was. */
export type News = 'none' | 'addresses' | 'assignment';

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
 */
export function newsIn(
  draft: SharedContent,
  told: ReadonlyMap<GroupName, AssignmentDocument>,
  { documents, groups }: PlanFacts,
  revision: number,
): News {
  // Then there is nobody to tell.
  if (groups.every(({ state }) => state === 'paused')) return 'none';
  const [any] = told.values();
  if (any === undefined || any.revision !== revision) return 'assignment';
  for (const { name, redundancy, state } of groups) {
    const known = told.get(name);
    if (known === undefined) continue;
    if (state !== 'paused' && known.redundancy !== redundancy) return 'assignment';
    const inForce = documents.get(name) ?? known;
    if (inForce !== known && inForce.revision === revision && !sameContent(inForce, known))
      return 'assignment';
  }
  if (textOf(draft) === textOf(any)) return 'none';
  return textOf(withoutAddresses(draft)) === textOf(withoutAddresses(any)) ? 'addresses' : 'assignment';
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
