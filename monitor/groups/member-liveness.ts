import type { MonitorName } from '../../common/ids.ts';

/** So many polls of a member in a row have to fail before others take its share over. */
const DEAD_AFTER_FAILURES = 3;

/** So many in a row have to succeed before a dead member has its share back. */
const LIVE_AFTER_ANSWERS = 2;

interface Member {
  isLive: boolean;
  /** Polls in a row that say otherwise than `isLive`. */
  against: number;
  /** Of the last answer, ms since the epoch; null: none yet. */
  lastSeenMs: number | null;
}

/**
 * Which members of the own group are alive, by the polls of them. One lost poll moves no share, and a member that
 * comes and goes keeps its share elsewhere until it stays. Whoever was never asked is taken to be alive: a monitor
 * that starts must not poll everything at once.
 */
export class MemberLiveness {
  readonly #members = new Map<MonitorName, Member>();

  /** Follows these members from now on; those that stay keep what is known of them. */
  follow(names: readonly MonitorName[]): void {
    const wanted = new Set(names);
    for (const name of this.#members.keys()) if (!wanted.has(name)) this.#members.delete(name);
    for (const name of wanted) {
      if (!this.#members.has(name)) this.#members.set(name, { isLive: true, against: 0, lastSeenMs: null });
    }
  }

  /** Takes in a poll of a member. @returns whether it has died or come back */
  polled(name: MonitorName, hasAnswered: boolean, timeMs: number): boolean {
    const member = this.#members.get(name);
    if (member === undefined) return false;
    if (hasAnswered) member.lastSeenMs = timeMs;
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
