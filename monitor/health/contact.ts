import type { CacheName } from '../../common/ids.ts';

/** Under one config. */
export interface ContactConfig {
  /** Other groups that are asked; 0: there is nobody but the caches to compare with, and the rules do not apply. */
  readonly otherGroups: number;
  /** ms between two health polls of a cache. */
  readonly pollIntervalMs: number;
  /** ms between two questions to another group. */
  readonly peerIntervalMs: number;
}

/** Of a poll over the network that ended. */
export interface ContactPoll {
  readonly cache: CacheName;
  readonly endMs: number;
  readonly durationMs: number;
  /** Nobody said anything, not even no: a time-out, no route, no name. */
  readonly isSilent: boolean;
}

/** So many answers have to be missing before silence is put down to this monitor: chance does not make such gaps. */
const MISSED_ANSWERS = 15;

/** An answer of another group is missed after so many intervals. */
const GROUP_PATIENCE = 1.5;

/** Catching up takes at most so many times the silence that counts as being cut off. */
const CATCH_UP_LIMITS = 2;

/**
 * Whether this monitor can hear the world at all. One that is cut off from the network sees every cache fail, and
 * would tell so to whoever asks once it is back. Two rules, in distributed mode only:
 *
 * - While a poll waited in vain, several answers of other caches were due and none came for a while: the poll says
 *   nothing about its cache and is passed over.
 * - When nothing at all was heard for longer than two polls, what is known is too old to be told. It is told again when
 *   every cache that is polled here, and every other group, has been asked anew.
 */
export class Contact {
  readonly #polledHere: () => number;
  #config: ContactConfig = { otherGroups: 0, pollIntervalMs: 0, peerIntervalMs: 0 };
  #heardMs: number | null = null;
  /** End of the last silence in which several answers of caches, and one of a group, were due. */
  #resumedMs = Number.NEGATIVE_INFINITY;
  /** Caches that answered their last poll. */
  readonly #answering = new Set<CacheName>();
  /** Who has been asked since contact was found again; null: it was not lost. */
  #asked: { readonly sinceMs: number; readonly caches: Set<CacheName>; readonly groups: Set<string> } | null =
    null;

  /** @param polledHere how many caches are polled here */
  constructor(polledHere: () => number) {
    this.#polledHere = polledHere;
  }

  configure(config: ContactConfig): void {
    this.#config = config;
  }

  /** Takes in a health poll. @returns whether it says something about its cache */
  polled({ cache, endMs, durationMs, isSilent }: ContactPoll): boolean {
    if (!isSilent) {
      this.#heard(endMs);
      this.#answering.add(cache);
    } else if (this.#wasDeaf(endMs - durationMs, endMs)) return false;
    else this.#answering.delete(cache);
    this.#asked?.caches.add(cache);
    this.#endCatchingUp();
    return true;
  }

  /** A member of another group was asked. */
  groupAsked(group: string, endMs: number, isSilent: boolean): void {
    if (!isSilent) this.#heard(endMs);
    this.#asked?.groups.add(group);
    this.#endCatchingUp();
  }

  /** Why nothing may be told now, for people; null: it may. */
  lostBecause(nowMs: number): string | null {
    if (this.#isLost(nowMs)) {
      const seconds = Math.round((nowMs - (this.#heardMs ?? nowMs)) / 1000);
      return `this monitor is cut off: no cache and no other group has answered for ${seconds} s`;
    }
    if (this.#asked === null) return null;
    // By then everybody had two turns; who was not asked is none of this monitor's any more.
    if (nowMs - this.#asked.sinceMs > CATCH_UP_LIMITS * this.#limitMs) {
      this.#asked = null;
      return null;
    }
    return 'this monitor was cut off and is asking all caches and groups anew';
  }

  /** Whether a poll of that time began in a silence in which several answers were due. */
  #wasDeaf(startMs: number, endMs: number): boolean {
    if (this.#config.otherGroups === 0 || this.#heardMs === null) return false;
    if (startMs < this.#resumedMs) return true;
    return startMs > this.#heardMs && this.#isLong(endMs - startMs);
  }

  /** Whether several answers are due in that time. */
  #isLong(silenceMs: number): boolean {
    return (this.#answering.size * silenceMs) / this.#config.pollIntervalMs >= MISSED_ANSWERS;
  }

  #isLost(nowMs: number): boolean {
    if (this.#config.otherGroups === 0 || this.#heardMs === null) return false;
    return nowMs - this.#heardMs > this.#limitMs;
  }

  get #limitMs(): number {
    return 2 * this.#config.pollIntervalMs + this.#config.peerIntervalMs;
  }

  #heard(nowMs: number): void {
    const silenceMs = nowMs - (this.#heardMs ?? nowMs);
    // Other groups answer once an interval, even while all caches here are down.
    const isGroupMissed = silenceMs > GROUP_PATIENCE * this.#config.peerIntervalMs;
    if (isGroupMissed && this.#isLong(silenceMs)) this.#resumedMs = nowMs;
    if (this.#isLost(nowMs)) this.#asked = { sinceMs: nowMs, caches: new Set(), groups: new Set() };
    this.#heardMs = nowMs;
  }

  #endCatchingUp(): void {
    if (this.#asked === null) return;
    const { caches, groups } = this.#asked;
    if (caches.size >= this.#polledHere() && groups.size >= this.#config.otherGroups) this.#asked = null;
  }
}
