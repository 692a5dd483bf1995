import { assign } from '../../common/assignment/assign.ts';
import type { AssignmentDocument } from '../../common/assignment/document.ts';
import { dutyChangesAtMs, type GroupLiveness, isOnDuty } from '../../common/assignment/duty.ts';
import { type Ownership, planHandover } from '../../common/assignment/handover.ts';
import type { AssignableGroup, Plan } from '../../common/assignment/plan.ts';
import type { PlanProblem } from '../../common/assignment/plan-problem.ts';
import { byByteOrder } from '../../common/byte-order.ts';
import type { CachegroupName, GroupName } from '../../common/ids.ts';
import { type News, newsIn, type SharedContent, sharedContent } from './draft-documents.ts';
import type { GroupFacts, PlanFacts } from './group-facts.ts';
import { type AskedPlan, memoryFor, type PlanMemory, placeKey } from './plan-memory.ts';

export interface CdnPlan {
  readonly revision: number;
  /** What every group is to have; a paused one keeps what it has. The same objects as before if nothing is new. */
  readonly documents: ReadonlyMap<GroupName, AssignmentDocument>;
  readonly plan: Plan;
  /** Groups that are down long enough that others stand in for them. */
  readonly offDuty: ReadonlySet<GroupName>;
  /** When to plan again if nothing else happens: ms of the steady clock; null: not before something does. */
  readonly wakeAtMs: number | null;
  readonly memory: PlanMemory;
}

/**
 * Pods that start get their addresses one after the other, and each revision rewrites the documents of all groups: new
 * addresses wait for others, ms and ms a group, unless there is a new revision anyway.
 */
const GATHER_MS = 1000;
const GATHER_GROUP_MS = 20;

/**
 * With many groups what is new waits until the last revision is written everywhere, so that it goes into one more and
 * not into many; but no longer than so many ms for each group beyond these, for one may not be writable at all.
 */
const PACE_GROUP_MS = 30;
const UNPACED_GROUPS = 20;

/**
 * Who polls what in one CDN from now on, and the documents that say so. The documents in force are the base, whichever
 * of them is the newest, so that an operator that ended between two writes is followed by one that goes on. Every
 * document of one revision says the same; whatever changes in any of them makes a new revision of all.
 */
export function planCdn(facts: PlanFacts, remembered: PlanMemory | null): CdnPlan {
  const { groups, nowMs } = facts;
  const memory = memoryFor(facts, remembered);
  const { revision: before } = memory.ownership;
  const onDuty = new Map(groups.map((group) => [group.name, dutyOf(group, memory, nowMs)]));
  const asked = askedPlan(facts, onDuty, memory);
  const plan = withKept(asked.plan, memory.ownership, facts);
  const step = planHandover({
    current: memory.ownership,
    desired: plan.owners,
    progress: new Map(groups.map((group) => [group.name, { ...group, ...group.times }])),
    nowMs,
  });
  const draft = sharedContent(facts, plan, step.next);
  const news = newsIn(draft, memory.documents, facts, { revision: before, ownersChanged: step.changed });
  const heldSinceMs = news === 'addresses' ? (memory.heldSinceMs ?? nowMs) : null;
  const releaseMs = releaseAtMs(news, heldSinceMs, memory, facts);
  const isNew = releaseMs !== null && nowMs >= releaseMs;
  const revision = isNew ? before + 1 : before;
  const documents = isNew
    ? documentsOf(groups, draft, revision)
    : new Map([
        ...documentsOf(groups, [...memory.documents.values()][0] ?? draft, revision),
        ...toldOf(groups, memory),
      ]);
  return {
    revision,
    documents,
    plan,
    offDuty: new Set([...onDuty].filter(([, is]) => !is).map(([name]) => name)),
    wakeAtMs: earliest([
      step.wakeAtMs,
      isNew ? null : releaseMs,
      ...groups.map((group) => dutyChangesAtMs(livenessOf(group, onDuty.get(group.name)), group.times)),
    ]),
    memory: {
      // What has to wait is not so yet.
      ownership: isNew ? { ...step.next, revision } : memory.ownership,
      onDuty,
      newcomers: new Set(groups.filter((group) => isNewcomer(group, memory)).map(({ name }) => name)),
      places: new Map(groups.map((group) => [group.name, placeKey(group)])),
      previous: asked.plan,
      asked,
      documents,
      heldSinceMs: isNew ? null : heldSinceMs,
      revisedMs: isNew ? nowMs : memory.revisedMs,
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

/** When what is new may be told: ms of the steady clock; null: nothing is. */
function releaseAtMs(
  news: News,
  heldSinceMs: number | null,
  memory: PlanMemory,
  facts: PlanFacts,
): number | null {
  if (news === 'none') return null;
  const { length } = facts.groups;
  const paceMs = Math.max(0, length - UNPACED_GROUPS) * PACE_GROUP_MS;
  const waits = paceMs > 0 && news !== 'failover' && !isWritten(memory, facts);
  const nextMs = waits ? memory.revisedMs + paceMs : Number.NEGATIVE_INFINITY;
  return heldSinceMs === null ? nextMs : Math.max(nextMs, heldSinceMs + GATHER_MS + GATHER_GROUP_MS * length);
}

/** Whether every group has what it was told with the revision in force. */
function isWritten({ documents: told, ownership }: PlanMemory, { groups, documents }: PlanFacts): boolean {
  return groups.every(
    ({ name, state }) =>
      state === 'paused' || !told.has(name) || (documents.get(name)?.revision ?? 0) >= ownership.revision,
  );
}

/** Whether none of its monitors was ever live: then it does not come back, it begins. */
const isNewcomer = (group: GroupFacts, { newcomers }: PlanMemory): boolean =>
  !group.hasLived || (newcomers.has(group.name) && !group.live);

function dutyOf(group: GroupFacts, { onDuty, newcomers }: PlanMemory, nowMs: number): boolean {
  // There is nothing from which it would have to recover.
  if (group.live && newcomers.has(group.name)) return true;
  return isOnDuty(livenessOf(group, onDuty.get(group.name)), group.times, nowMs);
}

const livenessOf = ({ live, sinceMs }: GroupFacts, wasOnDuty = true): GroupLiveness => ({
  wasOnDuty,
  live,
  sinceMs,
});

/** Planning takes a quarter of a second with 200 groups, and most of what happens does not matter for it. */
function askedPlan(
  facts: PlanFacts,
  onDuty: ReadonlyMap<GroupName, boolean>,
  { asked, previous, places, ownership }: PlanMemory,
): AskedPlan {
  const { cachegroups } = facts;
  // In the order of their names: in whichever order groups come, they ask the same.
  const groups = facts.groups
    .filter(({ state }) => state !== 'leaving')
    .toSorted((a, b) => byByteOrder(a.name, b.name))
    .map((group) => assignable(group, onDuty.get(group.name) ?? true, facts, ownership));
  const question = JSON.stringify(groups);
  if (asked?.question === question && asked.cachegroups === cachegroups) return asked;
  const base = previous === null ? null : withoutMoved(previous, facts.groups, places);
  return { question, cachegroups, plan: assign({ groups, cachegroups, previous: base }) };
}

function assignable(
  group: GroupFacts,
  onDuty: boolean,
  { cachegroups, documents }: PlanFacts,
  { owners }: Ownership,
): AssignableGroup {
  const { name, coordinates, strategy, claims, excludes, state } = group;
  const base = { name, coordinates, strategy, onDuty };
  if (state !== 'paused') return { ...base, claims, excludes };
  // Its document stays as it is, so it keeps what that says and is told of nothing new.
  const told = documents.get(name)?.groups.find((one) => one.name === name);
  const isKept = (cachegroup: CachegroupName): boolean =>
    told?.cachegroups.includes(cachegroup) ?? owners.get(cachegroup)?.includes(name) ?? false;
  const [others, kept] = [false, true].map((wanted) =>
    cachegroups.map((place) => place.name).filter((cachegroup) => isKept(cachegroup) === wanted),
  );
  return { ...base, claims: kept ?? [], excludes: others ?? [] };
}

/**
 * What nobody may be given only because groups are paused stays with who polls it: an exclusion or a deletion waits
 * until one of them is not.
 */
function withKept(plan: Plan, { owners }: Ownership, { groups, cachegroups }: PlanFacts): Plan {
  const paused = groups.filter(({ state }) => state === 'paused');
  const kept = new Map<CachegroupName, GroupName>();
  if (paused.length === 0) return plan;
  for (const { name } of cachegroups) {
    if (plan.owners.has(name) || paused.every(({ excludes }) => excludes.includes(name))) continue;
    const owner = owners.get(name)?.find((one) => groups.some((group) => group.name === one));
    if (owner !== undefined) kept.set(name, owner);
  }
  if (kept.size === 0) return plan;
  return {
    ...plan,
    owners: new Map([...plan.owners, ...kept]),
    problems: plan.problems.filter(
      (problem) => problem.kind !== 'excluded-by-all' || !kept.has(problem.cachegroup),
    ),
  };
}

function withoutMoved(
  previous: Pick<Plan, 'homes' | 'owners'>,
  groups: readonly GroupFacts[],
  places: PlanMemory['places'],
): Pick<Plan, 'homes' | 'owners'> {
  const moved = new Set(
    groups
      .filter((group) => (places.get(group.name) ?? placeKey(group)) !== placeKey(group))
      .map(({ name }) => name),
  );
  if (moved.size === 0) return previous;
  return { ...previous, homes: new Map([...previous.homes].filter(([, home]) => !moved.has(home))) };
}

function documentsOf(
  groups: readonly GroupFacts[],
  { cdn, groups: all, handovers, failovers }: SharedContent,
  revision: number,
): Map<GroupName, AssignmentDocument> {
  return new Map(
    groups
      .filter(({ state }) => state !== 'paused')
      .map(({ name, redundancy }) => [
        name,
        { version: 1, revision, cdn, group: name, redundancy, groups: all, handovers, failovers },
      ]),
  );
}

/** Documents that stay. */
function toldOf(groups: readonly GroupFacts[], { documents }: PlanMemory): [GroupName, AssignmentDocument][] {
  return groups.flatMap(({ name, state }) => {
    const told = documents.get(name);
    return told === undefined || state === 'paused' ? [] : [[name, told]];
  });
}

function earliest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
}
