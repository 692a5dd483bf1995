import type { CachegroupPlace } from '../../common/assignment/closest.ts';
import type { AssignmentDocument } from '../../common/assignment/document.ts';
import { type Ownership, ownershipIn } from '../../common/assignment/handover.ts';
import { type Plan, plannedIn } from '../../common/assignment/plan.ts';
import type { GroupName } from '../../common/ids.ts';
import type { GroupFacts, PlanFacts } from './group-facts.ts';

/** What a plan has to remember of the one before; a new process begins without, and reads the documents. */
export interface PlanMemory {
  readonly ownership: Ownership;
  readonly onDuty: ReadonlyMap<GroupName, boolean>;
  /** Groups of which nobody has ever lived: they are not back when they come to life, but new. */
  readonly newcomers: ReadonlySet<GroupName>;
  /** Where groups stood: one that has moved gets its share anew. */
  readonly places: ReadonlyMap<GroupName, string>;
  readonly previous: Pick<Plan, 'homes' | 'owners'> | null;
  /** The last plan and what it was made of: asked the same, it would be the same. */
  readonly asked: AskedPlan | null;
  /** What groups were told with this revision. */
  readonly documents: ReadonlyMap<GroupName, AssignmentDocument>;
  /** Since when new addresses of members wait for more of them, and when this revision began: steady clock, ms. */
  readonly heldSinceMs: number | null;
  readonly revisedMs: number;
}

export interface AskedPlan {
  readonly question: string;
  readonly cachegroups: readonly CachegroupPlace[];
  readonly plan: Plan;
}

/** What is remembered, unless another operator has led since: then its documents are newer. */
export function memoryFor(facts: PlanFacts, remembered: PlanMemory | null): PlanMemory {
  const current = newestOf(facts.documents);
  const known = Math.max(current?.revision ?? 0, facts.reportedRevision);
  if (remembered !== null && remembered.ownership.revision >= known) return remembered;
  return recovered(current, facts);
}

/** Where a group stands, as far as it decides on its share. */
export const placeKey = ({ coordinates, strategy }: GroupFacts): string =>
  JSON.stringify([coordinates, strategy]);

function newestOf(documents: PlanFacts['documents']): AssignmentDocument | null {
  let newest: AssignmentDocument | null = null;
  for (const document of documents.values()) {
    if (newest === null || document.revision > newest.revision) newest = document;
  }
  return newest;
}

function recovered(
  current: AssignmentDocument | null,
  { groups, documents, nowMs, reportedRevision }: PlanFacts,
): PlanMemory {
  const ownership: Ownership =
    current === null ? { revision: 0, owners: new Map(), pending: [] } : ownershipIn(current, nowMs);
  const homesDown = new Set((current?.failovers ?? []).map(({ home }) => home));
  return {
    // Monitors refuse what is not newer than what they have.
    ownership: { ...ownership, revision: Math.max(ownership.revision, reportedRevision) },
    onDuty: new Map(groups.map(({ name, wasOnDuty }) => [name, wasOnDuty && !homesDown.has(name)])),
    newcomers: new Set(groups.filter(({ hasLived }) => !hasLived).map(({ name }) => name)),
    places: new Map(),
    previous: current === null ? null : plannedIn(current),
    asked: null,
    documents: new Map([...documents].filter(([, { revision }]) => revision === current?.revision)),
    heldSinceMs: null,
    revisedMs: nowMs,
  };
}
