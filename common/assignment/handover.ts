import type { CachegroupName, GroupName } from '../ids.ts';
import type { AssignmentDocument, Handover } from './document.ts';

/** A hand-over under way. */
export interface PendingHandover extends Handover {
  /** The first revision that names `to`. */
  readonly revision: number;
  /** When that was: ms of a steady clock. */
  readonly sinceMs: number;
}

/** What the Leases of a group's monitors say. */
export interface GroupProgress {
  /** Whether any of them is live. */
  readonly live: boolean;
  /** The highest revision of which every live one has polled its whole share; null: none. */
  readonly polledRevision: number | null;
  /** As new owner it is trusted after so long, whatever it reports, if it is live. */
  readonly handoverTimeoutMs: number;
}

/** Who polls what, as the revision in force says. */
export interface Ownership {
  readonly revision: number;
  /** The owners of each cachegroup: one, or two while a hand-over is under way. */
  readonly owners: ReadonlyMap<CachegroupName, readonly GroupName[]>;
  readonly pending: readonly PendingHandover[];
}

export interface HandoverInput {
  readonly current: Ownership;
  /** `owners` of the plan. */
  readonly desired: ReadonlyMap<CachegroupName, GroupName>;
  /** Every group that has monitors; one that is not in it is gone. */
  readonly progress: ReadonlyMap<GroupName, GroupProgress>;
  /** Of the same clock as `sinceMs`. */
  readonly nowMs: number;
}

export interface HandoverStep {
  readonly next: Ownership;
  /** Whether owners have changed, and with them the revision. */
  readonly changed: boolean;
  /** When to ask again if nothing else happens; null: not before something does. */
  readonly wakeAtMs: number | null;
}

/**
 * One step from who polls to who shall poll, make before break: first the new owner is named beside the old one; when
 * it reports that it has polled everything of that revision, or after its time-out, the old one is taken out. An owner
 * that is down is not waited for once the new one is live. Where desire changes on the way, an owner that has polled
 * stays. A cachegroup keeps a live owner if it has one; one that nobody shall poll is dropped.
 */
export function planHandover({ current, desired, progress, nowMs }: HandoverInput): HandoverStep {
  const known = new Map(current.pending.map((one) => [one.cachegroup, one]));
  const owners = new Map<CachegroupName, readonly GroupName[]>();
  const pending: PendingHandover[] = [];
  const timeoutsMs: number[] = [];
  let changed = [...current.owners.keys()].some((cachegroup) => !desired.has(cachegroup));
  for (const [cachegroup, to] of desired) {
    const transfer: Transfer = {
      before: current.owners.get(cachegroup) ?? [],
      to,
      known: known.get(cachegroup) ?? null,
      progress,
    };
    const from = isDone(transfer, nowMs) ? null : giver(transfer);
    const after = from === null ? [to] : [from, to];
    owners.set(cachegroup, after);
    const underWay = from === null ? null : pendingStep(cachegroup, from, transfer, current.revision, nowMs);
    if (underWay !== null) {
      pending.push(underWay);
      timeoutsMs.push(underWay.sinceMs + (progress.get(to)?.handoverTimeoutMs ?? 0));
    }
    changed ||= underWay !== transfer.known || !sameOwners(transfer.before, after);
  }
  const next = changed ? { revision: current.revision + 1, owners, pending } : current;
  // A time-out that has passed without effect waits for a new owner to be live.
  const ahead = timeoutsMs.filter((timeMs) => timeMs > nowMs);
  const wakeAtMs = ahead.length === 0 ? null : ahead.reduce((least, timeMs) => Math.min(least, timeMs));
  return { next, changed, wakeAtMs };
}

/** What the owner of a document's revision knows of hand-overs: they count as begun now, with that revision. */
export function ownershipIn(document: AssignmentDocument, nowMs: number): Ownership {
  const { revision, groups, handovers } = document;
  const owners = new Map<CachegroupName, GroupName[]>();
  for (const { name, cachegroups } of groups) {
    for (const cachegroup of cachegroups) {
      const known = owners.get(cachegroup);
      if (known === undefined) owners.set(cachegroup, [name]);
      else known.push(name);
    }
  }
  return { revision, owners, pending: handovers.map((one) => ({ ...one, revision, sinceMs: nowMs })) };
}

interface Transfer {
  readonly before: readonly GroupName[];
  readonly to: GroupName;
  readonly known: PendingHandover | null;
  readonly progress: ReadonlyMap<GroupName, GroupProgress>;
}

/** Whether `to` can do alone: of an owner that goes and one that comes, either may be the one that shall stay. */
function isDone({ before, to, known, progress }: Transfer, nowMs: number): boolean {
  const taker = progress.get(to);
  if (taker?.live !== true || known === null || !before.includes(to)) return false;
  if (known.from !== to && known.to !== to) return false;
  return hasPolled(taker, known) || nowMs - known.sinceMs >= taker.handoverTimeoutMs;
}

/** The owner that goes on until the new one can do alone; null: there is none to wait for. */
function giver({ before, to, known, progress }: Transfer): GroupName | null {
  const left = before.filter((group) => group !== to && progress.has(group));
  const live = left.filter((group) => progress.get(group)?.live === true);
  // With both down nothing is gained by taking the old one out: it may be back first.
  const candidates = live.length > 0 || progress.get(to)?.live === true ? live : left;
  const [old, ...others] = candidates.toSorted(
    (a, b) => Number(b === known?.from) - Number(a === known?.from),
  );
  const polling = [old, ...others].find(
    (group) => group !== undefined && hasPolled(progress.get(group), known),
  );
  return polling ?? old ?? null;
}

function hasPolled(group: GroupProgress | undefined, known: PendingHandover | null): boolean {
  return (group?.polledRevision ?? 0) >= (known?.revision ?? 0);
}

/** Goes on with what is under way between the two, in whichever direction: `from` stays the one that has polled longest. */
function pendingStep(
  cachegroup: CachegroupName,
  from: GroupName,
  { before, to, known }: Transfer,
  revision: number,
  nowMs: number,
): PendingHandover {
  if (known !== null && sameOwners([from, to], [known.from, known.to])) return known;
  return { cachegroup, from, to, revision: before.includes(to) ? revision : revision + 1, sinceMs: nowMs };
}

function sameOwners(before: readonly GroupName[], after: readonly GroupName[]): boolean {
  return before.length === after.length && after.every((group) => before.includes(group));
}
