import type { CacheName, DeliveryServiceId } from '../../common/ids.ts';
import type { Family } from '../../common/traffic-ops/service-addresses.ts';
import type { PollingProtocol } from '../config/settings.ts';
import {
  type CacheState,
  NEVER_POLLED,
  newCacheState,
  type PolledCache,
  type PollerName,
  type VerdictSource,
} from './cache-state.ts';
import { type AvailabilityEvent, eventTypeOf } from './events.ts';
import { findingOf, isEnough, lastFinding, resultTimeOf, summarize } from './poll-finding.ts';
import type { Subject } from './subject.ts';
import {
  DOWN,
  type Finding,
  judge,
  onlineVerdict,
  sameVerdict,
  sharedVerdict,
  type Verdict,
} from './verdict.ts';

/** What the health protocol is to hold, derived from one accepted snapshot. */
export interface HealthConfig {
  readonly subjects: readonly Subject[];
  readonly deliveryServices: readonly DeliveryServiceId[];
  readonly protocol: PollingProtocol;
  /** Whose polls make a cache known: the stat polls, where there are any. Reference 6.4. */
  readonly gatedBy: PollerName;
  /** Caches that ought to be polled but cannot be, and why. */
  readonly unpollable: ReadonlyMap<CacheName, string>;
  /** Caches that other monitors poll and tell of; none in legacy mode. */
  readonly polledElsewhere: ReadonlySet<CacheName>;
}

/** What another monitor says of a cache that it polls. */
export interface ReceivedVerdict {
  readonly verdict: Verdict;
  /** ms since the epoch; null: it does not say. */
  readonly lastPollMs: number | null;
  /** Name of the monitor or group. */
  readonly from: string;
  /** ms since the epoch. */
  readonly receivedMs: number;
}

const BY_POLL: VerdictSource = { kind: 'poll' };
const BY_CONFIG: VerdictSource = { kind: 'config' };

/**
 * The local states: this monitor's own verdict on each cache, or the one that it took over from whoever polls the
 * cache. A poll touches its own cache; nothing here walks over all caches but `apply`.
 */
export class CacheStates {
  #states = new Map<CacheName, CacheState>();
  #sorted: readonly CacheState[] = [];
  #direct: readonly CacheState[] = [];
  #configured: readonly CacheState[] = [];
  #protocol: PollingProtocol = 'both';
  #unpollable: ReadonlyMap<CacheName, string> = new Map();
  #unknown = 0;
  #gatedBy: PollerName = 'health';
  #applied = false;
  #polls = 0;
  #revision = 0;
  #verdictRevision = 0;
  #lastReceived: Extract<VerdictSource, { kind: 'received' }> | null = null;
  readonly #onEvent: (event: AvailabilityEvent) => void;
  readonly #onVerdict: (state: CacheState, timeMs: number) => void;

  /** @param onVerdict told when a poll, or what was received, changes a verdict; not of what `apply` changes */
  constructor(
    onEvent: (event: AvailabilityEvent) => void,
    onVerdict: (state: CacheState, timeMs: number) => void,
  ) {
    this.#onEvent = onEvent;
    this.#onVerdict = onVerdict;
  }

  /**
   * Takes over a new config. Caches that stay keep their state; those that are gone, OFFLINE or of unknown status are
   * dropped (D72); ONLINE ones are set as configured. A cache that cannot be polled is down with the reason, and
   * counts as polled, so that it never keeps the gate closed (D5). One that is now ADMIN_DOWN is down without waiting
   * for a poll. Both are events. A cache that changes hands keeps its verdict until its new owner has one.
   */
  apply(config: HealthConfig, nowMs: number): void {
    const states = new Map<CacheName, CacheState>();
    const unwatched: CacheState[] = [];
    this.#protocol = config.protocol;
    this.#gatedBy = config.gatedBy;
    this.#unpollable = config.unpollable;
    this.#unknown = 0;
    for (const subject of config.subjects) {
      if (subject.status === 'OFFLINE' || subject.status === 'invalid') {
        unwatched.push(newCacheState(subject));
        continue;
      }
      const state = this.#states.get(subject.name) ?? newCacheState(subject);
      state.subject = subject;
      setDirect(state, !config.polledElsewhere.has(subject.name));
      states.set(subject.name, state);
      if (subject.status === 'ONLINE') setOnline(state);
      else {
        const reason = config.unpollable.get(subject.name);
        if (reason !== undefined) this.#setUnpollable(state, reason, nowMs);
        else if (subject.status === 'ADMIN_DOWN' && isAvailable(state)) {
          this.#setDown(state, lastFinding(state), nowMs);
        }
        if (!state.isKnown) this.#unknown++;
      }
    }
    this.#states = states;
    this.#sorted = [...states.values()].sort(byName);
    this.#direct = this.#sorted.filter(({ isDirect }) => isDirect);
    this.#configured = unwatched.length === 0 ? this.#sorted : [...this.#sorted, ...unwatched].sort(byName);
    this.#applied = true;
    this.#revision++;
    this.#verdictRevision++;
  }

  /** Other caches are polled elsewhere from now on, under the same config. Verdicts stay until there are new ones. */
  share(polledElsewhere: ReadonlySet<CacheName>): void {
    for (const state of this.#sorted) {
      setDirect(state, !polledElsewhere.has(state.subject.name));
      // Whether it can be polled at all is for the config to say.
      if (this.#unpollable.has(state.subject.name)) state.polled = true;
    }
    this.#direct = this.#sorted.filter(({ isDirect }) => isDirect);
    this.#revision++;
    this.#verdictRevision++;
  }

  /**
   * Takes in the result of a poll; one of a cache that is not polled any more is passed over. What another monitor has
   * said of the cache stands until the polls are enough for a verdict of their own.
   */
  record(poll: PolledCache): void {
    const state = this.#states.get(poll.cache);
    if (state === undefined || !state.isDirect || this.#unpollable.has(poll.cache)) return;
    this.#polls++;
    const finding = findingOf(state, poll);
    summarize(state, poll, finding);
    if (poll.poller === this.#gatedBy && isEnough(state, poll.poller, finding)) this.#setPolled(state);
    if (!state.polled && state.source?.kind === 'received') {
      this.#revision++;
      return;
    }
    state.lastPollMs = resultTimeOf(poll, finding);
    const before = state.verdict;
    const verdict = judge(state.subject, poll.family, finding, before, this.#protocol);
    state.judgedBy = poll.poller;
    state.source = BY_POLL;
    if ((before?.isAvailable ?? false) !== verdict.isAvailable)
      this.#onEvent(pollEvent(state.subject, poll, verdict));
    this.#setVerdict(state, verdict, poll.endMs);
  }

  /**
   * Takes over what another monitor says of a cache. It is passed over if this monitor has polled the cache enough for
   * a verdict of its own, or if the config alone decides. What Traffic Ops has taken out of service stays down, even if
   * the other has not heard of it yet. Reference 7.7.
   */
  receive(name: CacheName, { verdict, lastPollMs, from, receivedMs }: ReceivedVerdict): void {
    const state = this.#states.get(name);
    if (state === undefined || state.subject.status === 'ONLINE' || this.#unpollable.has(name)) return;
    if (state.isDirect && state.polled) return;
    state.source = this.#sourceOf(from, receivedMs);
    state.judgedBy = null;
    state.lastPollMs = lastPollMs;
    const isInService = state.subject.status === 'REPORTED';
    this.#setVerdict(
      state,
      isInService ? sharedVerdict(verdict) : { ...DOWN, status: verdict.status },
      receivedMs,
    );
    this.#setKnown(state);
  }

  /** For stat polls, where statistics tell when a good cache is known: reference 6.4. */
  markPolled(name: CacheName): void {
    const state = this.#states.get(name);
    if (state !== undefined) this.#setPolled(state);
  }

  get(name: CacheName): CacheState | undefined {
    return this.#states.get(name);
  }

  /** All caches of the config by name, those too that have no state because they are OFFLINE. */
  get configured(): readonly CacheState[] {
    return this.#configured;
  }

  /** The caches that this monitor polls, by name. */
  get direct(): readonly CacheState[] {
    return this.#direct;
  }

  /** All caches with a state, by name. */
  get sorted(): readonly CacheState[] {
    return this.#sorted;
  }

  /** Changes with each poll. */
  get revision(): number {
    return this.#revision;
  }

  /** Changes when a verdict or its reason does. */
  get verdictRevision(): number {
    return this.#verdictRevision;
  }

  /** Polls taken in so far. */
  get polls(): number {
    return this.#polls;
  }

  /** Whether a config is applied. */
  get isConfigured(): boolean {
    return this.#applied;
  }

  /** Whether a config is applied and something is known of each of its caches: reference 6.4. */
  get isComplete(): boolean {
    return this.#applied && this.#unknown === 0;
  }

  /** Whether a config is applied and this monitor has polled each cache that is its own to poll: reference 6.4. */
  get isDirectComplete(): boolean {
    return this.#applied && this.#direct.every(({ polled }) => polled);
  }

  /** Up to `limit` caches of which nothing is known yet, for people. */
  unknown(limit: number): readonly CacheName[] {
    return namesOf(this.#sorted, ({ isKnown }) => !isKnown, limit);
  }

  /** Up to `limit` caches that are this monitor's to poll and have not been polled enough, for people. */
  unpolled(limit: number): readonly CacheName[] {
    return namesOf(this.#direct, ({ polled }) => !polled, limit);
  }

  /** One answer tells of thousands of caches: their source is one object. */
  #sourceOf(from: string, receivedMs: number): VerdictSource {
    const last = this.#lastReceived;
    if (last?.from === from && last.receivedMs === receivedMs) return last;
    this.#lastReceived = { kind: 'received', from, receivedMs };
    return this.#lastReceived;
  }

  /** The same object stays while nothing changes, so that what is written of it can stay too. */
  #setVerdict(state: CacheState, verdict: Verdict, timeMs: number): void {
    this.#revision++;
    if (state.verdict !== null && sameVerdict(state.verdict, verdict)) return;
    state.verdict = verdict;
    this.#verdictRevision++;
    this.#onVerdict(state, timeMs);
  }

  #setPolled(state: CacheState): void {
    state.polled = true;
    this.#setKnown(state);
  }

  #setKnown(state: CacheState): void {
    if (state.isKnown) return;
    state.isKnown = true;
    this.#unknown--;
  }

  #setUnpollable(state: CacheState, reason: string, nowMs: number): void {
    this.#setDown(state, { kind: 'error', reason }, nowMs);
    forgetPolls(state);
    state.source = BY_CONFIG;
    state.polled = true;
    state.isKnown = true;
  }

  /** For what the config alone decides. */
  #setDown(state: CacheState, finding: Finding, nowMs: number): void {
    const { subject } = state;
    const wasAvailable = isAvailable(state);
    const family = firstFamily(subject);
    state.verdict = judge(subject, family, finding, null, this.#protocol);
    if (wasAvailable)
      this.#onEvent(pollEvent(subject, { family, poller: 'health', endMs: nowMs }, state.verdict));
  }
}

function byName(a: CacheState, b: CacheState): number {
  return a.subject.name < b.subject.name ? -1 : 1;
}

function setOnline(state: CacheState): void {
  state.verdict = onlineVerdict(state.subject);
  forgetPolls(state);
  state.source = BY_CONFIG;
  // Should it be REPORTED again, its state stands until the next poll: the gate has no reason to wait.
  state.polled = true;
  state.isKnown = true;
}

/** What this monitor found of a cache that others poll now counts no more; its verdict stays until there is another. */
function setDirect(state: CacheState, isPolledHere: boolean): void {
  const isDirect = isPolledHere && state.subject.status !== 'ONLINE';
  if (state.isDirect && !isDirect) {
    const { lastPollMs } = state;
    forgetPolls(state);
    state.lastPollMs = lastPollMs;
    state.polled = false;
  }
  state.isDirect = isDirect;
}

function namesOf(
  states: readonly CacheState[],
  fits: (state: CacheState) => boolean,
  limit: number,
): readonly CacheName[] {
  const names: CacheName[] = [];
  for (const state of states) {
    if (names.length === limit) break;
    if (fits(state)) names.push(state.subject.name);
  }
  return names;
}

/** What was measured says nothing any more. */
function forgetPolls(state: CacheState): void {
  for (const own of [state.health, state.stat]) {
    if (own === NEVER_POLLED) continue;
    own.vitals = null;
    own.goodPolls = 0;
  }
  state.rawViolation = null;
  state.judgedBy = null;
  state.capacityKbps = 0;
  state.lastPollMs = null;
}

const isAvailable = ({ verdict }: CacheState): boolean => verdict?.isAvailable ?? false;

const firstFamily = ({ hasIpv4 }: Subject): Family => (hasIpv4 ? 'ipv4' : 'ipv6');

/** Reference 5.7; the trailing space is the Go monitor's. */
function pollEvent(
  subject: Subject,
  { family, poller, endMs }: Pick<PolledCache, 'family' | 'poller' | 'endMs'>,
  verdict: Verdict,
): AvailabilityEvent {
  const { isAvailable, ipv4Available, ipv6Available, status } = verdict;
  const protocol = family === 'ipv4' ? 'IPv4' : 'IPv6';
  return {
    timeMs: endMs,
    description: `Protocol (${protocol}) ${status} (${poller}) `,
    name: subject.name,
    type: eventTypeOf(subject.type),
    isAvailable,
    ipv4Available,
    ipv6Available,
  };
}
