import type { GroupMember } from '../../common/assignment/document.ts';
import type { Liveness } from './liveness.ts';

export interface GroupLife {
  readonly live: boolean;
  /** Since when that is so: ms of a steady clock. */
  readonly sinceMs: number;
  readonly polledRevision: number | null;
  /** Whether any member was ever seen alive. */
  readonly hasLived: boolean;
}

/** Since when this process watches what may be silent; steady clock, ms. */
export interface Watching {
  /** The group. */
  readonly groupMs: number;
  /** Its StatefulSet; null: there is none yet. */
  readonly podsMs: number | null;
}

/** Pods have to be placed, their image pulled, a snapshot read: for so long nobody expects to hear of new ones, ms. */
const STARTING_MS = 30_000;

/** For so long a group's pods may not even have been asked for, where there are many groups to be made: ms. */
const UNMADE_MS = 300_000;

/** What the Leases of its members say of a group. Silence means nothing before somebody was expected to speak. */
export function groupLife(
  members: readonly GroupMember[],
  liveness: Liveness,
  watching: Watching,
  nowMs: number,
): GroupLife {
  const lives = members.flatMap(({ name }) => {
    const life = liveness.of(name);
    return life === null ? [] : [{ ...life, live: liveness.isLive(name, nowMs) }];
  });
  const hasLived = lives.length > 0;
  const live = lives.filter((life) => life.live);
  if (live.length === 0) {
    const expectedMs = hasLived || members.length === 0 ? watching.groupMs : startedMs(watching);
    const lastMs = Math.max(expectedMs, ...lives.map(({ seenMs }) => seenMs));
    return { live: false, sinceMs: lastMs, polledRevision: null, hasLived };
  }
  return {
    live: true,
    sinceMs: Math.min(...live.map(({ sinceMs }) => sinceMs)),
    polledRevision: Math.min(...live.map(({ report }) => report.polledRevision)),
    hasLived,
  };
}

const startedMs = ({ groupMs, podsMs }: Watching): number =>
  podsMs === null ? groupMs + UNMADE_MS : podsMs + STARTING_MS;
