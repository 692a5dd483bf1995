import { assign } from '../../common/assignment/assign.ts';
import type { AssignmentDocument } from '../../common/assignment/document.ts';
import { dutyChangesAtMs, isOnDuty } from '../../common/assignment/duty.ts';
import { encodeAssignment } from '../../common/assignment/encode-document.ts';
import { type Ownership, ownershipIn, planHandover } from '../../common/assignment/handover.ts';
import { type AssignableGroup, type Plan, plannedIn } from '../../common/assignment/plan.ts';
import type { PlanProblem } from '../../common/assignment/plan-problem.ts';
import { byByteOrder } from '../../common/byte-order.ts';
import type { CachegroupName, GroupName } from '../../common/ids.ts';
import type { GroupFacts, PlanFacts } from './group-facts.ts';

/** What a plan has to remember of the one before; a new process begins without, and reads the documents. */
export interface PlanMemory {
  readonly ownership: Ownership;
  readonly onDuty: ReadonlyMap<GroupName, boolean>;
  /** Where groups stood: one that has moved gets its share anew. */
  readonly places: ReadonlyMap<GroupName, string>;
}

export interface CdnPlan {
  readonly revision: number;
  /** What every group is to have; a paused one keeps what it has. */
  readonly documents: ReadonlyMap<GroupName, AssignmentDocument>;
  readonly plan: Plan;
  /** Groups that are down long enough that others stand in for them. */
  readonly offDuty: ReadonlySet<GroupName>;
  /** When to plan again if nothing else happens: ms of the steady clock; null: not before something does. */
  readonly wakeAtMs: number | null;
  readonly memory: PlanMemory;
}

/**
 * Who polls what in one CDN from now on, and the documents that say so. The documents in force are the base, whichever
 * of them is the newest, so that an operator that ended between two writes is followed by one that goes on. Every
 * document of one revision says the same; whatever changes in any of them makes a new revision of all.
 */
export function planCdn(facts: PlanFacts, remembered: PlanMemory | null): CdnPlan {
  const current = newestOf(facts.documents);
  const memory = usable(remembered, current, facts.reportedRevision) ?? recovered(current, facts);
  const onDuty = dutyOf(facts, memory);
  const plan = assign({
    groups: facts.groups
      .filter(({ state }) => state !== 'leaving')
      .map((group) => assignable(group, onDuty, facts.cachegroups, memory.ownership)),
    cachegroups: facts.cachegroups,
    previous: current === null ? null : withoutMoved(plannedIn(current), facts.groups, memory.places),
  });
  const step = planHandover({
    current: memory.ownership,
    desired: plan.owners,
    progress: new Map(facts.groups.map((group) => [group.name, { ...group, ...group.times }])),
    nowMs: facts.nowMs,
  });
  const draft = documentsOf(facts, plan, step.next);
  const revision =
    step.changed || isNews(draft, facts.documents, facts.groups)
      ? memory.ownership.revision + 1
      : memory.ownership.revision;
  return {
    revision,
    documents: new Map([...draft].map(([name, document]) => [name, { ...document, revision }])),
    plan,
    offDuty: new Set([...onDuty].filter(([, is]) => !is).map(([name]) => name)),
    wakeAtMs: earliest([step.wakeAtMs, ...facts.groups.map((group) => dutyWakeMs(group, onDuty))]),
    memory: {
      ownership: { ...step.next, revision },
      onDuty,
      places: new Map(facts.groups.map((group) => [group.name, placeKey(group)])),
    },
  };
}

/** Whether a group polls nothing any more, so that its monitors may go. */
export function isReleased(group: GroupName, { memory }: CdnPlan): boolean {
  return ![...memory.ownership.owners.values()].some((owners) => owners.includes(group));
}

/** Problems that concern one group: its own, and gaps, which concern all. */
export function problemsOf(group: GroupName, problems: readonly PlanProblem[]): PlanProblem[] {
  return problems.filter((problem) => {
    if ('group' in problem) return problem.group === group;
    if (problem.kind === 'claimed-twice') return problem.winner === group || problem.loser === group;
    return true;
  });
}

function newestOf(documents: PlanFacts['documents']): AssignmentDocument | null {
  let newest: AssignmentDocument | null = null;
  for (const document of documents.values()) {
    if (newest === null || document.revision > newest.revision) newest = document;
  }
  return newest;
}

/** Another operator may have led in the meantime: then its documents are newer than what is remembered here. */
function usable(
  memory: PlanMemory | null,
  current: AssignmentDocument | null,
  reported: number,
): PlanMemory | null {
  if (memory === null) return null;
  const { revision } = memory.ownership;
  return revision >= (current?.revision ?? 0) && revision >= reported ? memory : null;
}

function recovered(current: AssignmentDocument | null, { nowMs, reportedRevision }: PlanFacts): PlanMemory {
  const ownership: Ownership =
    current === null ? { revision: 0, owners: new Map(), pending: [] } : ownershipIn(current, nowMs);
  return {
    // Monitors refuse what is not newer than what they have.
    ownership: { ...ownership, revision: Math.max(ownership.revision, reportedRevision) },
    onDuty: new Map((current?.failovers ?? []).map(({ home }) => [home, false])),
    places: new Map(),
  };
}

function dutyOf({ groups, nowMs }: PlanFacts, { onDuty }: PlanMemory): Map<GroupName, boolean> {
  return new Map(
    groups.map(({ name, live, sinceMs, times }) => [
      name,
      isOnDuty({ wasOnDuty: onDuty.get(name) ?? true, live, sinceMs }, times, nowMs),
    ]),
  );
}

function dutyWakeMs({ name, live, sinceMs, times }: GroupFacts, onDuty: ReadonlyMap<GroupName, boolean>) {
  return dutyChangesAtMs({ wasOnDuty: onDuty.get(name) ?? true, live, sinceMs }, times);
}

function assignable(
  group: GroupFacts,
  onDuty: ReadonlyMap<GroupName, boolean>,
  cachegroups: PlanFacts['cachegroups'],
  { owners }: Ownership,
): AssignableGroup {
  const { name, coordinates, strategy, claims, excludes, state } = group;
  const base = { name, coordinates, strategy, onDuty: onDuty.get(name) ?? true };
  if (state !== 'paused') return { ...base, claims, excludes };
  // Its document stays as it is, so it keeps what it polls and is told of nothing new.
  const isKept = (cachegroup: CachegroupName): boolean => (owners.get(cachegroup) ?? []).includes(name);
  const [others, kept] = [false, true].map((wanted) =>
    cachegroups.map((place) => place.name).filter((cachegroup) => isKept(cachegroup) === wanted),
  );
  return { ...base, claims: kept ?? [], excludes: others ?? [] };
}

function withoutMoved(
  previous: ReturnType<typeof plannedIn>,
  groups: readonly GroupFacts[],
  places: PlanMemory['places'],
): ReturnType<typeof plannedIn> {
  const moved = new Set(
    groups
      .filter((group) => (places.get(group.name) ?? placeKey(group)) !== placeKey(group))
      .map(({ name }) => name),
  );
  if (moved.size === 0) return previous;
  return { ...previous, homes: new Map([...previous.homes].filter(([, home]) => !moved.has(home))) };
}

const placeKey = ({ coordinates, strategy }: GroupFacts): string => JSON.stringify([coordinates, strategy]);

/** Revisions are not decided yet: 0. */
function documentsOf(
  facts: PlanFacts,
  plan: Plan,
  { owners, pending }: Ownership,
): Map<GroupName, AssignmentDocument> {
  const owned = new Map<GroupName, CachegroupName[]>(facts.groups.map(({ name }) => [name, []]));
  for (const [cachegroup, names] of owners) for (const name of names) owned.get(name)?.push(cachegroup);
  const groups = [...facts.groups]
    .sort((a, b) => byByteOrder(a.name, b.name))
    .map(({ name, members }) => ({ name, cachegroups: owned.get(name) ?? [], members }));
  const handovers = pending.map(({ cachegroup, from, to }) => ({ cachegroup, from, to }));
  return new Map(
    facts.groups
      .filter(({ state }) => state !== 'paused')
      .map(({ name, redundancy }) => [
        name,
        {
          version: 1,
          revision: 0,
          cdn: facts.cdn,
          group: name,
          redundancy,
          groups,
          handovers,
          failovers: plan.failovers,
        },
      ]),
  );
}

/** Whether any document would say something else than it does; one that is merely older than the newest is no news. */
function isNews(
  draft: ReadonlyMap<GroupName, AssignmentDocument>,
  documents: PlanFacts['documents'],
  groups: readonly GroupFacts[],
): boolean {
  const newest = newestOf(documents);
  if (newest === null) return true;
  const said = encodeAssignment(neutral(newest));
  const [any] = draft.values();
  if (any !== undefined && encodeAssignment(neutral(any)) !== said) return true;
  return groups.some(({ name, redundancy, state }) => {
    const known = documents.get(name);
    return state !== 'paused' && known?.revision === newest.revision && known.redundancy !== redundancy;
  });
}

/** Without what differs between the documents of one revision. */
const neutral = (document: AssignmentDocument): AssignmentDocument => ({
  ...document,
  revision: 1,
  group: '' as GroupName,
  redundancy: 'All',
});

function earliest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
}
