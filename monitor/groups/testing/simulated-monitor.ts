import type { AssignmentDocument } from '../../../common/assignment/document.ts';
import { type CacheName, cachegroupName, cacheName, groupName, monitorName } from '../../../common/ids.ts';
import { stableHash } from '../../../common/stable-hash.ts';
import { CacheStates } from '../../health/cache-states.ts';
import { Contact } from '../../health/contact.ts';
import { DeliveryServiceStates } from '../../health/delivery-service-states.ts';
import { Gate } from '../../health/gate.ts';
import type { Subject } from '../../health/subject.ts';
import { configOf, failedPoll, goodPoll, serverOf, subject } from '../../health/testing/builders.ts';
import { DOWN } from '../../health/verdict.ts';
import type { PeerOpinion } from '../../parse/peer-answer.ts';
import { CombinedStates } from '../../peers/combined-states.ts';
import { DISTRIBUTED_PEERS, PEERS, PeerStates } from '../../peers/peer-states.ts';
import { Duties } from '../duties.ts';

export const POLL_MS = 1000;
export const PEER_MS = 500;
/** A poll of a failed cache takes this long. */
export const TIMEOUT_MS = 500;

/** A cache of the simulation, and whether it works. */
export interface SimulatedCacheTruth {
  readonly name: CacheName;
  readonly cachegroup: string;
  isHealthy: boolean;
}

export const subjectsOf = (caches: readonly SimulatedCacheTruth[]): Subject[] =>
  caches.map(({ name, cachegroup }) =>
    subject({ name, server: serverOf({ name, cachegroup: cachegroupName(cachegroup) }), hasIpv6: false }),
  );

/** A monitor without sockets and clocks: the real deciding parts, and others asked by calling them. */
export class SimulatedMonitor {
  readonly name: string;
  readonly group: string;
  isAlive = true;
  /** Monitors reach each other on the same island; the caches are all on the first one. */
  island = 0;
  readonly #members = new PeerStates<ReturnType<typeof monitorName>>(PEERS, () => {});
  readonly #groups = new PeerStates<ReturnType<typeof groupName>>(DISTRIBUTED_PEERS, () => {});
  readonly #states: CacheStates;
  readonly #combined: CombinedStates;
  readonly #gate: Gate;
  readonly #contact: Contact;
  readonly duties: Duties;
  readonly #caches: ReadonlyMap<CacheName, SimulatedCacheTruth>;
  readonly #subjects: readonly Subject[];
  /** Which member of each group was asked last. */
  readonly #asked = new Map<string, number>();
  /** Polls that were begun, and when. */
  readonly #underWay = new Map<CacheName, number>();
  #nowMs = 0;

  constructor(name: string, group: string, caches: readonly SimulatedCacheTruth[]) {
    this.name = name;
    this.group = group;
    this.#caches = new Map(caches.map((cache) => [cache.name, cache]));
    this.#subjects = subjectsOf(caches);
    this.#states = new CacheStates(
      () => {},
      (state, timeMs) => this.#combined.localChanged(state, timeMs),
    );
    this.#combined = new CombinedStates({
      peers: this.#members,
      deliveryServices: new DeliveryServiceStates(() => {}),
      onEvent: () => {},
    });
    this.#contact = new Contact();
    this.#gate = new Gate(
      this.#states,
      () => null,
      () => this.#contact.lostBecause(this.#nowMs),
    );
    const speakers = { members: this.#members, groups: this.#groups };
    this.duties = new Duties({ self: monitorName(name), states: this.#states, speakers });
  }

  apply(assignment: AssignmentDocument, nowMs: number): void {
    this.duties.configure(
      {
        assignment: { ...assignment, group: groupName(this.group) },
        subjects: this.#subjects,
        protocol: 'optimistic',
        groupFailoverMs: 10_000,
        hearsayMs: 2 * PEER_MS,
        startPatienceMs: 4 * POLL_MS,
        handoverTimeoutMs: 30_000,
      },
      nowMs,
    );
    const own = assignment.groups.find(({ name }) => name === this.group)?.members ?? [];
    const others = assignment.groups.filter(({ name }) => name !== this.group);
    this.#contact.configure({
      otherGroups: others,
      pollIntervalMs: POLL_MS,
      peerIntervalMs: PEER_MS,
      isFromTrafficOps: this.island === 0,
    });
    this.#members.apply(
      own.map(({ name }) => name).filter((name) => name !== this.name),
      4 * PEER_MS,
    );
    this.#groups.apply(
      others.map(({ name }) => name),
      4 * PEER_MS,
    );
    this.#states.apply(configOf(this.#subjects, { polledElsewhere: this.duties.elsewhere }), nowMs);
    this.#combined.apply(this.#states.sorted, [], 'optimistic', nowMs);
  }

  /** Whether routers get an answer. */
  get answers(): boolean {
    return this.isAlive && this.#gate.closedBecause() === null;
  }

  isAvailable(cache: CacheName): boolean {
    return this.#combined.get(cache)?.isAvailable ?? false;
  }

  polls(cache: CacheName): boolean {
    return this.isAlive && (this.#states.get(cache)?.isDirect ?? false);
  }

  /** Whether it polls the cache and has a verdict of its own. */
  knows(cache: CacheName): boolean {
    return this.polls(cache) && (this.#states.get(cache)?.polled ?? false);
  }

  /** Ends polls, and begins those that are due in this step. An answer takes one step. */
  pollCaches(nowMs: number, stepMs: number): void {
    this.#nowMs = nowMs;
    this.#contact.follow(new Set(this.#states.direct.map(({ subject }) => subject.name)));
    for (const [cache, startMs] of this.#underWay) {
      const durationMs = nowMs - startMs;
      const isAnswered = this.island === 0 && this.#caches.get(cache)?.isHealthy === true;
      if (!isAnswered && durationMs < TIMEOUT_MS) continue;
      this.#underWay.delete(cache);
      const poll = { cache, endMs: nowMs, durationMs };
      if (this.#contact.polled({ ...poll, heldUpMs: 0, isSilent: !isAnswered }))
        this.#states.record(isAnswered ? goodPoll(poll) : failedPoll(poll));
    }
    for (const { name } of this.#caches.values()) {
      if (this.polls(name) && isDue(`${this.name} ${name}`, POLL_MS, nowMs, stepMs))
        this.#underWay.set(name, nowMs);
    }
  }

  /** Asks members and other groups that are due in this step. */
  askOthers(monitors: readonly SimulatedMonitor[], nowMs: number, stepMs: number): void {
    for (const mate of monitors) {
      if (
        mate.group === this.group &&
        mate !== this &&
        isDue(`${this.name} ${mate.name}`, PEER_MS, nowMs, stepMs)
      )
        this.#askMember(mate, nowMs);
    }
    for (const group of new Set(monitors.map((monitor) => monitor.group))) {
      if (group !== this.group && isDue(`${this.name} ${group}`, PEER_MS, nowMs, stepMs))
        this.#askGroup(
          group,
          monitors.filter((monitor) => monitor.group === group),
          nowMs,
        );
    }
  }

  pass(nowMs: number): void {
    this.#groups.expire(nowMs);
    if (this.duties.pass(nowMs).hasChanged) this.#states.share(this.duties.elsewhere);
  }

  /** `?raw`; null: no answer. */
  raw(): Map<CacheName, PeerOpinion> | null {
    if (this.#gate.closedBecause('direct') !== null) return null;
    const own = this.#states.direct.filter(({ polled }) => polled);
    return new Map(
      own.map(({ subject: { name }, verdict, lastPollMs }) => [name, { ...(verdict ?? DOWN), lastPollMs }]),
    );
  }

  /** `?local`; null: no answer. */
  local(): Map<CacheName, PeerOpinion> | null {
    if (this.#gate.closedBecause('direct') !== null) return null;
    const told = this.#combined.sorted.filter(({ subject: { name } }) => this.duties.isGroupsWord(name));
    return new Map(
      told.map(({ subject: { name }, verdict, lastPollMs }) => [name, { ...(verdict ?? DOWN), lastPollMs }]),
    );
  }

  #askMember(mate: SimulatedMonitor, nowMs: number): void {
    const peer = monitorName(mate.name);
    const caches = this.#reaches(mate) ? mate.raw() : null;
    const change = this.#members.record({ peer, endMs: nowMs, outcome: outcomeOf(caches) });
    this.duties.takeWords(change.caches, nowMs);
    this.#combined.peersChanged(change, nowMs);
    const sign = caches !== null ? 'answered' : this.#reaches(mate) ? 'starting' : 'failed';
    const isOther = this.duties.memberPolled(peer, sign, nowMs);
    const hasGivenUp = this.duties.heard({ kind: 'member', name: peer }, caches?.keys() ?? [], nowMs);
    if (isOther || hasGivenUp) this.#states.share(this.duties.elsewhere);
  }

  #reaches(other: SimulatedMonitor): boolean {
    return other.isAlive && other.island === this.island;
  }

  /** One that is out of reach is passed over within the same turn. */
  #askGroup(name: string, members: readonly SimulatedMonitor[], nowMs: number): void {
    const peer = groupName(name);
    const start = (this.#asked.get(name) ?? 0) + 1;
    this.#asked.set(name, start);
    let caches: Map<CacheName, PeerOpinion> | null = null;
    for (let turn = start; caches === null && turn < start + members.length; turn++) {
      const member = members[turn % members.length];
      caches = member !== undefined && this.#reaches(member) ? member.local() : null;
      if (member === undefined) continue;
      this.#contact.groupAsked({
        group: name,
        member: monitorName(member.name),
        endMs: nowMs,
        durationMs: 0,
        opinions: caches?.values() ?? null,
      });
    }
    this.#groups.record({ peer, endMs: nowMs, outcome: outcomeOf(caches) });
    if (caches !== null && this.duties.heard({ kind: 'group', name: peer }, caches.keys(), nowMs))
      this.#states.share(this.duties.elsewhere);
  }
}

const outcomeOf = (caches: ReadonlyMap<CacheName, PeerOpinion> | null) =>
  caches === null
    ? ({ kind: 'error', reason: 'refused' } as const)
    : ({ kind: 'answer', answer: { caches, deliveryServices: new Map<never, boolean>() } } as const);

/** Everything has its own place in its interval. */
function isDue(what: string, intervalMs: number, nowMs: number, stepMs: number): boolean {
  const place = Math.floor((stableHash(what) % intervalMs) / stepMs);
  return Math.floor((nowMs % intervalMs) / stepMs) === place;
}

export const cachesIn = (cachegroups: readonly string[], each: number): SimulatedCacheTruth[] =>
  cachegroups.flatMap((cachegroup) =>
    Array.from({ length: each }, (_, index) => ({
      name: cacheName(`${cachegroup}-${index}`),
      cachegroup,
      isHealthy: true,
    })),
  );
