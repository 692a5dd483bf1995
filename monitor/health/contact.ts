import type { CacheName, MonitorName } from '../../common/ids.ts';

/** Another group, by the names of those who speak for it. */
interface OtherGroup {
  readonly members: readonly { readonly name: MonitorName }[];
}

/** Under one config. */
export interface ContactConfig {
  /** Other groups that are asked; none: there is nobody but the caches to compare with, and the rules do not apply. */
  readonly otherGroups: readonly OtherGroup[];
  /** ms between two health polls of a cache. */
  readonly pollIntervalMs: number;
  /** ms between two questions to another group. */
  readonly peerIntervalMs: number;
  /** Whether Traffic Ops itself has given this config, not a backup: then this monitor is not cut off from the start. */
  readonly isFromTrafficOps: boolean;
}

/** Of a poll over the network that ended. */
export interface ContactPoll {
  readonly cache: CacheName;
  /** Steady ms: every time here is one of a clock that nobody sets. */
  readonly endMs: number;
  readonly durationMs: number;
  /** Of that, ms in which this process was held up: an answer may have waited for so long, and be as old. */
  readonly heldUpMs: number;
  /** Nobody said anything, not even no: a time-out, no route, no name. */
  readonly isSilent: boolean;
}

/** What another group says of one of its caches. */
interface GroupsOpinion {
  readonly isAvailable: boolean;
  /** By its own clock; null: nobody polls it. */
  readonly lastPollMs: number | null;
}

/** Of a question to another group that ended. */
export interface ContactQuestion {
  readonly group: string;
  readonly member: MonitorName;
  /** Steady ms. */
  readonly endMs: number;
  readonly durationMs: number;
  /** null: no answer, or none of use. */
  readonly opinions: Iterable<GroupsOpinion> | null;
}

/** What a member of another group told last of the newest poll that found a cache available. */
interface Told {
  /** By its own clock. */
  readonly pollMs: number;
  /** How far its clock is ahead of the one here, as far as the freshest news show. */
  readonly aheadMs: number;
}

interface CatchUp {
  readonly sinceMs: number;
  readonly unasked: Set<CacheName>;
  readonly groups: Set<string>;
}

/** So many answers have to be missing before silence is put down to this monitor: chance does not make such gaps. */
const MISSED_ANSWERS = 15;

/** News of another group are missed after so many intervals. */
const GROUP_PATIENCE = 1.5;

/** Catching up takes at most so many times the silence that counts as being cut off. */
const CATCH_UP_LIMITS = 2;

/**
 * Whether this monitor can hear the world at all. One that is cut off from the network sees every cache fail, and
 * would tell so to whoever asks once it is back. What it hears are answers of caches, and news of other groups: that
 * they have reached a cache since they were asked before. A monitor that only repeats what it knew may be cut off
 * together with this one. Two rules, in distributed mode only:
 *
 * - A poll that waited in vain while several answers of other caches were due and none came says nothing about its
 *   cache, and is passed over. It counts when the cache stays silent although a group has had news since. So does one
 *   of a monitor that has heard nobody yet, not even Traffic Ops.
 * - When nothing at all was heard for longer than two polls, what is known is too old to be told. It is told again when
 *   every cache that is polled here, and every other group, has been asked anew.
 */
export class Contact {
  #config: ContactConfig = {
    otherGroups: [],
    pollIntervalMs: 0,
    peerIntervalMs: 0,
    isFromTrafficOps: false,
  };
  #caches: ReadonlySet<CacheName> = new Set();
  #heardMs: number | null = null;
  /** News of a group. */
  #newsMs = Number.NEGATIVE_INFINITY;
  /** End of the last silence in which several answers of caches, and news of a group, were due. */
  #resumedMs = Number.NEGATIVE_INFINITY;
  /** Caches that answered their last poll. */
  readonly #answering = new Set<CacheName>();
  /** Caches of which every poll was passed over since they answered last: the end of the first of these. */
  readonly #doubted = new Map<CacheName, number>();
  readonly #told = new Map<MonitorName, Told>();
  /** Since contact was found again: caches that were not asked yet, and groups that were; null: it was not lost. */
  #catchUp: CatchUp | null = null;

  configure(config: ContactConfig): void {
    this.#config = config;
    const members = new Set(config.otherGroups.flatMap((group) => group.members.map(({ name }) => name)));
    for (const name of this.#told.keys()) if (!members.has(name)) this.#told.delete(name);
  }

  /** These caches are polled here over the network from now on. */
  follow(caches: ReadonlySet<CacheName>): void {
    this.#caches = caches;
    for (const name of this.#answering) if (!caches.has(name)) this.#answering.delete(name);
    for (const name of this.#doubted.keys()) if (!caches.has(name)) this.#doubted.delete(name);
    // A monitor that was cut off polls the caches of all other groups, and gives them up as soon as it hears of these.
    const unasked = this.#catchUp?.unasked ?? [];
    for (const name of unasked) if (!caches.has(name)) this.#catchUp?.unasked.delete(name);
  }

  /** Takes in a poll. @returns whether it says something about its cache */
  polled({ cache, endMs, durationMs, heldUpMs, isSilent }: ContactPoll): boolean {
    if (!isSilent) {
      this.#heard(endMs);
      this.#answering.add(cache);
      this.#doubted.delete(cache);
    } else if (this.#isDoubtful(cache, endMs - durationMs, endMs)) {
      if (!this.#doubted.has(cache)) this.#doubted.set(cache, endMs);
      return false;
    } else this.#answering.delete(cache);
    if (heldUpMs <= this.#config.pollIntervalMs) this.#catchUp?.unasked.delete(cache);
    this.#endCatchingUp();
    return true;
  }

  /** A member of another group was asked. */
  groupAsked({ group, member, endMs, durationMs, opinions }: ContactQuestion): void {
    const newsMs = opinions === null ? null : this.#newsOf(member, opinions, endMs);
    if (newsMs !== null) {
      this.#heard(newsMs);
      this.#newsMs = Math.max(this.#newsMs, newsMs);
    }
    // What took longer may have waited while this process was stopped, and be as old.
    if (opinions === null || durationMs <= this.#config.peerIntervalMs) this.#catchUp?.groups.add(group);
    this.#endCatchingUp();
  }

  /** Why nothing may be told now, for people; null: it may. @param nowMs steady */
  lostBecause(nowMs: number): string | null {
    if (this.#isLost(nowMs)) {
      const seconds = Math.round((nowMs - (this.#heardMs ?? nowMs)) / 1000);
      return `this monitor is cut off: no cache has answered, and no other group has had news, for ${seconds} s`;
    }
    if (this.#catchUp === null) return null;
    // By then everybody had two turns; who was not asked is none of this monitor's any more.
    if (nowMs - this.#catchUp.sinceMs > CATCH_UP_LIMITS * this.#limitMs) {
      this.#catchUp = null;
      return null;
    }
    return 'this monitor was cut off and is asking all caches and groups anew';
  }

  /** Whether this monitor is the likelier reason that a poll of that time was in vain. */
  #isDoubtful(cache: CacheName, startMs: number, endMs: number): boolean {
    if (this.#config.otherGroups.length === 0) return false;
    if (this.#heardMs === null) return !this.#config.isFromTrafficOps;
    if (this.#isLost(endMs)) return true;
    const doubtedMs = this.#doubted.get(cache) ?? endMs;
    // Whoever is cut off for so long is lost. This one is not, though it hears little.
    if (endMs - doubtedMs > this.#limitMs) return false;
    if (startMs < this.#resumedMs) return true;
    return this.#newsMs <= doubtedMs && this.#isLong(endMs - Math.max(startMs, this.#heardMs));
  }

  /** Whether several answers are due in that time. */
  #isLong(silenceMs: number): boolean {
    return (this.#answering.size * silenceMs) / this.#config.pollIntervalMs >= MISSED_ANSWERS;
  }

  #isLost(nowMs: number): boolean {
    if (this.#config.otherGroups.length === 0 || this.#heardMs === null) return false;
    return nowMs - this.#heardMs > this.#limitMs;
  }

  get #limitMs(): number {
    return 2 * this.#config.pollIntervalMs + this.#config.peerIntervalMs;
  }

  /**
   * When somebody who says this reached a cache last, by the clock here; null: not since saying so before. News are as
   * old as the poll that they tell of: the first answer after both were cut off still tells of what was before.
   */
  #newsOf(member: MonitorName, opinions: Iterable<GroupsOpinion>, nowMs: number): number | null {
    const pollMs = newestPollMs(opinions);
    // Whoever polls nothing has no other news than to be there.
    if (pollMs === null) return nowMs;
    const before = this.#told.get(member);
    const aheadMs = pollMs - nowMs;
    if (before === undefined || pollMs < before.pollMs) {
      this.#told.set(member, { pollMs, aheadMs });
      return null;
    }
    const told = { pollMs, aheadMs: Math.max(aheadMs, before.aheadMs) };
    this.#told.set(member, told);
    return pollMs > before.pollMs ? pollMs - told.aheadMs : null;
  }

  #heard(nowMs: number): void {
    const silenceMs = nowMs - (this.#heardMs ?? nowMs);
    if (silenceMs < 0) return;
    // Other groups have news once an interval, even while all caches here are down.
    const areNewsMissed = silenceMs > GROUP_PATIENCE * this.#config.peerIntervalMs;
    const isFirst = this.#heardMs === null && !this.#config.isFromTrafficOps;
    const wasLost = this.#isLost(nowMs);
    if (isFirst || wasLost || (areNewsMissed && this.#isLong(silenceMs))) this.#resumedMs = nowMs;
    // What failed meanwhile is told anew.
    if (isFirst || wasLost) this.#doubted.clear();
    if (wasLost) this.#catchUp = { sinceMs: nowMs, unasked: new Set(this.#caches), groups: new Set() };
    this.#heardMs = nowMs;
  }

  #endCatchingUp(): void {
    if (this.#catchUp === null) return;
    const { unasked, groups } = this.#catchUp;
    if (unasked.size === 0 && groups.size >= this.#config.otherGroups.length) this.#catchUp = null;
  }
}

/** null: nobody polls any of these. By the clock of whoever says so; in the far past: none is available. */
function newestPollMs(opinions: Iterable<GroupsOpinion>): number | null {
  let newestMs: number | null = null;
  for (const { isAvailable, lastPollMs } of opinions) {
    if (lastPollMs === null) continue;
    newestMs ??= Number.NEGATIVE_INFINITY;
    if (isAvailable && lastPollMs > newestMs) newestMs = lastPollMs;
  }
  return newestMs;
}
