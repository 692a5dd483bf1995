import type { AssignmentDocument } from '../../common/assignment/document.ts';
import type { CachegroupName, CacheName, GroupName, MonitorName } from '../../common/ids.ts';
import type { HealthProtocol } from '../config/settings.ts';
import type { CacheStates } from '../health/cache-states.ts';
import type { Subject } from '../health/subject.ts';
import { HandOver } from './hand-over.ts';
import { MemberLiveness, type MemberSign } from './member-liveness.ts';
import { Responsibility } from './responsibility.ts';
import { SilentGroups } from './silent-groups.ts';
import { type Circles, circlesFor, type Speakers, wordOn } from './whose-word.ts';

export interface DutiesOptions {
  readonly self: MonitorName;
  readonly states: Pick<CacheStates, 'get' | 'receive'>;
  readonly speakers: Speakers;
}

/** What duties follow from, besides who is there. */
export interface DutiesConfig {
  readonly assignment: AssignmentDocument;
  /** All caches of the snapshot. */
  readonly subjects: readonly Subject[];
  readonly protocol: HealthProtocol;
  /** After so long without an answer of any member a group's caches are polled here, in ms; 0: never. */
  readonly groupFailoverMs: number;
  /**
   * In this time after a change others may still repeat, in good faith, what a former poller told them, in ms: two
   * intervals in which monitors ask each other.
   */
  readonly hearsayMs: number;
  /** How long another member may take until it knows its caches for the first time, in ms. */
  readonly startPatienceMs: number;
  /** How long a cache is polled here although its new owner answers without knowing it, in ms. */
  readonly handoverTimeoutMs: number;
}

/** Who said something: a member of the own group, or another group. */
export type Speaker =
  | { readonly kind: 'member'; readonly name: MonitorName }
  | { readonly kind: 'group'; readonly name: GroupName };

/**
 * Which caches this monitor polls, and whose word it takes on all others. What changes hands is polled by both until
 * the new owner has been heard with it, so that no cache is without a poller, and none loses its verdict.
 */
export class Duties {
  readonly liveness = new MemberLiveness();
  readonly #options: DutiesOptions;
  readonly #silence = new SilentGroups();
  readonly #handOver = new HandOver();
  #config: DutiesConfig | null = null;
  #responsibility: Responsibility | null = null;
  #elsewhere: ReadonlySet<CacheName> = new Set();

  constructor(options: DutiesOptions) {
    this.#options = options;
  }

  /** Another assignment, snapshot or setting. `elsewhere` is another after it. */
  configure(config: DutiesConfig, nowMs: number): void {
    this.#config = config;
    const { group: own, groups } = config.assignment;
    const members = groups.find(({ name }) => name === own)?.members ?? [];
    this.liveness.follow(
      members.map(({ name }) => name).filter((name) => name !== this.#options.self),
      config.startPatienceMs,
      nowMs,
    );
    const others = groups.filter((group) => group.name !== own && group.members.length > 0);
    this.#silence.follow(
      others.map(({ name }) => name),
      nowMs,
    );
    this.#distribute(nowMs);
  }

  /** A member of the own group was asked. @returns whether other caches are polled here now */
  memberPolled(name: MonitorName, sign: MemberSign, timeMs: number): boolean {
    if (!this.liveness.polled(name, sign, timeMs)) return false;
    this.#distribute(timeMs);
    return true;
  }

  /**
   * Takes the word of others on these caches, as far as this monitor has none of its own, and gives up what its new
   * owner has now been heard with.
   *
   * @returns whether other caches are polled here now
   */
  heard(speaker: Speaker, caches: Iterable<CacheName>, nowMs: number): boolean {
    if (speaker.kind === 'group') this.#silence.answered(speaker.name, nowMs);
    const givenUp: CacheName[] = [];
    const hearsayMs = this.#config?.hearsayMs ?? 0;
    const known = new Map<CachegroupName, Circles>();
    for (const cache of caches) {
      const leavingMs = this.#handOver.leavingForMs(cache, nowMs);
      if (leavingMs !== null && leavingMs > hearsayMs && this.#isOwner(speaker, cache)) {
        this.#handOver.end(cache);
        givenUp.push(cache);
      } else this.#takeWord(cache, known, nowMs);
    }
    if (givenUp.length === 0) return false;
    this.#elsewhere = new Set([...this.#elsewhere, ...givenUp]);
    return true;
  }

  /** Takes the word of others on these caches, as far as this monitor has none of its own. */
  takeWords(caches: Iterable<CacheName>, nowMs: number): void {
    const known = new Map<CachegroupName, Circles>();
    for (const cache of caches) this.#takeWord(cache, known, nowMs);
  }

  /**
   * What time alone changes.
   *
   * @returns whether other caches are polled here now, and those that were given up although nobody else was heard with
   *   them
   */
  pass(nowMs: number): { readonly hasChanged: boolean; readonly abandoned: readonly CacheName[] } {
    if (this.#config === null) return { hasChanged: false, abandoned: [] };
    const { groupFailoverMs, handoverTimeoutMs } = this.#config;
    const isSilenceOther = this.#silence.pass(nowMs, groupFailoverMs);
    const abandoned = this.#handOver
      .overdue(nowMs, handoverTimeoutMs)
      .filter((cache) => this.#hasOwner(cache));
    for (const cache of abandoned) this.#handOver.end(cache);
    const hasChanged = isSilenceOther || abandoned.length > 0;
    if (hasChanged) this.#distribute(nowMs);
    return { hasChanged, abandoned };
  }

  /** Caches of the snapshot that this monitor does not poll. Another set once they are others. */
  get elsewhere(): ReadonlySet<CacheName> {
    return this.#elsewhere;
  }

  /** null: not configured yet. */
  get responsibility(): Responsibility | null {
    return this.#responsibility;
  }

  /** Others' caches that are still polled here. */
  get leaving(): number {
    return this.#handOver.size;
  }

  /** Groups in whose place this one polls. */
  get silentGroups(): ReadonlySet<GroupName> {
    return this.#silence.groups;
  }

  /**
   * Whether what this monitor knows of a cache is the word of its group, for other groups to take: its cachegroup is
   * the group's, or is being given up; and a member knows it.
   */
  isGroupsWord(cache: CacheName): boolean {
    const state = this.#options.states.get(cache);
    if (state === undefined || this.#responsibility === null) return false;
    const { cachegroup, name } = state.subject.server;
    if (state.isDirect && state.polled)
      return this.#handOver.leavingForMs(name, 0) !== null || this.#responsibility.isOwn(cachegroup);
    return this.#responsibility.isOwn(cachegroup) && this.#options.speakers.members.opinions(name).length > 0;
  }

  /** @param known circles that were worked out already: they are the same for all caches of a cachegroup */
  #takeWord(cache: CacheName, known: Map<CachegroupName, Circles>, nowMs: number): void {
    const { states, speakers } = this.#options;
    const state = states.get(cache);
    if (state === undefined || this.#responsibility === null || this.#config === null) return;
    if (state.isDirect && state.polled) return;
    const { cachegroup } = state.subject.server;
    let circles = known.get(cachegroup);
    if (circles === undefined) {
      circles = circlesFor(cachegroup, this.#responsibility, speakers);
      known.set(cachegroup, circles);
    }
    const word = wordOn(cache, circles, this.#config.protocol);
    if (word !== null) states.receive(cache, { ...word, receivedMs: nowMs });
  }

  #distribute(nowMs: number): void {
    if (this.#config === null) return;
    const { assignment, subjects } = this.#config;
    const { self, states } = this.#options;
    const responsibility = new Responsibility(assignment, self, {
      liveMembers: new Set(this.liveness.live),
      silentGroups: this.#silence.groups,
    });
    const elsewhere = new Set<CacheName>();
    const known = new Set<CacheName>();
    for (const { name, server, status } of subjects) {
      known.add(name);
      if (responsibility.isMine(name, server.cachegroup)) {
        this.#handOver.end(name);
        continue;
      }
      const state = states.get(name);
      const isPolled = state?.isDirect === true && state.polled;
      if (isPolled && (status === 'REPORTED' || status === 'ADMIN_DOWN')) this.#handOver.begin(name, nowMs);
      else {
        this.#handOver.end(name);
        elsewhere.add(name);
      }
    }
    for (const cache of this.#handOver.caches) if (!known.has(cache)) this.#handOver.end(cache);
    this.#responsibility = responsibility;
    this.#elsewhere = elsewhere;
  }

  /** Whether this speaker is one of those that are to poll the cache now. */
  #isOwner(speaker: Speaker, cache: CacheName): boolean {
    const cachegroup = this.#options.states.get(cache)?.subject.server.cachegroup;
    if (cachegroup === undefined || this.#responsibility === null) return false;
    return speaker.kind === 'group'
      ? this.#responsibility.groupsOf(cachegroup).includes(speaker.name)
      : this.#responsibility.isPolledHere(cachegroup) && this.#responsibility.isInShare(cache, speaker.name);
  }

  /** Whether anybody who is to poll the cache now answers at all. */
  #hasOwner(cache: CacheName): boolean {
    const { members, groups } = this.#options.speakers;
    return (
      groups.available.some(({ name }) => this.#isOwner({ kind: 'group', name }, cache)) ||
      members.available.some(({ name }) => this.#isOwner({ kind: 'member', name }, cache))
    );
  }
}
