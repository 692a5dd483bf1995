import type { MonitorName } from '../../common/ids.ts';

/** So many polls of a member in a row have to fail before others take its share over. */
const DEAD_AFTER_FAILURES = 3;

/** So many in a row have to succeed before a dead member has its share back. */
const LIVE_AFTER_ANSWERS = 2;

/**
 * What a poll of a member showed: it answered; it is there but does not know its caches yet; or nobody is there, or
 * nothing of use was said.
 */
export type MemberSign = 'answered' | 'starting' | 'failed';

interface Member {
  isLive: boolean;
  /** When it was first followed: ms since the epoch. */
  readonly sinceMs: number;
  /** Polls in a row that say otherwise than `isLive`. */
  against: number;
  /** Of the last answer, ms since the epoch; null: none yet. */
  lastSeenMs: number | null;
}

/**
 * Which members of the own group are alive, by the polls of them. One lost poll moves no share, and a member that
 * comes and goes keeps its share elsewhere until it stays. Whoever was never asked is taken to be alive, and so is for a
 * while who starts just now: members that start together must not each poll everything at first.
 */
export class MemberLiveness {
  readonly #members = new Map<MonitorName, Member>();
  #startPatienceMs = 0;

  /**
   * Follows these members from now on; those that stay keep what is known of them.
   *
   * @param startPatienceMs how long a member may take until it knows its caches for the first time
   */
  follow(names: readonly MonitorName[], startPatienceMs: number, nowMs: number): void {
    this.#startPatienceMs = startPatienceMs;
    const wanted = new Set(names);
    for (const name of this.#members.keys()) if (!wanted.has(name)) this.#members.delete(name);
    for (const name of wanted) {
      if (!this.#members.has(name))
        this.#members.set(name, { isLive: true, sinceMs: nowMs, against: 0, lastSeenMs: null });
    }
  }

  /** Takes in a poll of a member. @returns whether it has died or come back */
  polled(name: MonitorName, sign: MemberSign, timeMs: number): boolean {
    const member = this.#members.get(name);
    if (member === undefined) return false;
    const hasAnswered = sign === 'answered';
    if (hasAnswered) member.lastSeenMs = timeMs;
    // One that has answered before and does not know its caches now was restarted: it polls, but knows nothing yet.
    const isFirstStart = sign === 'starting' && member.lastSeenMs === null;
    if (isFirstStart && timeMs - member.sinceMs < this.#startPatienceMs) return false;
    if (hasAnswered === member.isLive) {
      member.against = 0;
      return false;
    }
    member.against++;
    if (member.against < (member.isLive ? DEAD_AFTER_FAILURES : LIVE_AFTER_ANSWERS)) return false;
    member.isLive = !member.isLive;
    member.against = 0;
    return true;
  }

  isLive(name: MonitorName): boolean {
    return this.#members.get(name)?.isLive ?? false;
  }

  lastSeenMs(name: MonitorName): number | null {
    return this.#members.get(name)?.lastSeenMs ?? null;
  }

  /** By name. */
  get live(): readonly MonitorName[] {
    return [...this.#members]
      .filter(([, { isLive }]) => isLive)
      .map(([name]) => name)
      .sort();
  }
}
