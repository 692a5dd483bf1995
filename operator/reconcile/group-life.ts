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

/**
 * What the Leases of its members say of a group.
 *
 * @param knownSinceMs since when the group is watched: before that, silence means nothing
 */
export function groupLife(
  members: readonly GroupMember[],
  liveness: Liveness,
  knownSinceMs: number,
  nowMs: number,
): GroupLife {
  const lives = members.flatMap(({ name }) => {
    const life = liveness.of(name);
    return life === null ? [] : [{ ...life, live: liveness.isLive(name, nowMs) }];
  });
  const hasLived = lives.length > 0;
  const live = lives.filter((life) => life.live);
  if (live.length === 0) {
    const lastMs = Math.max(knownSinceMs, ...lives.map(({ seenMs }) => seenMs));
    return { live: false, sinceMs: lastMs, polledRevision: null, hasLived };
  }
  return {
    live: true,
    sinceMs: Math.min(...live.map(({ sinceMs }) => sinceMs)),
    polledRevision: Math.min(...live.map(({ report }) => report.polledRevision)),
    hasLived,
  };
}
