import type { CacheName, DeliveryServiceId } from '../../common/ids.ts';
import type { AvailabilityEvent, EventType } from '../health/events.ts';
import { NO_ANSWER, type PeerAnswer, type PeerOpinion } from '../parse/peer-answer.ts';

/** A poll of a peer that ended, its answer parsed. */
export interface PolledPeer<Name extends string> {
  readonly peer: Name;
  /** ms since the epoch. */
  readonly endMs: number;
  readonly outcome:
    | { readonly kind: 'answer'; readonly answer: PeerAnswer }
    | {
        readonly kind: 'error';
        readonly reason: string;
        /** It says itself that it does not know its caches yet. */
        readonly isStarting?: boolean;
      };
}

/** One peer, as it was last seen. */
export interface PeerState<Name extends string> {
  readonly name: Name;
  /** What it last said; empty after a failed poll. */
  readonly answer: PeerAnswer;
  /** Whether its word counts: its last poll was good, and is not too old. */
  readonly isAvailable: boolean;
  /** End of the last poll: ms since the epoch; null: none yet. */
  readonly lastMs: number | null;
  /** Of the last poll; null: it was good, or there was none. */
  readonly error: string | null;
}

/** What kind of peers these are, and what is told of them. */
export interface PeerKind {
  readonly eventType: EventType;
  /** What is reachable or not, e.g. `Peer`. */
  readonly noun: string;
}

export const PEERS: PeerKind = { eventType: 'PEER', noun: 'Peer' };
export const DISTRIBUTED_PEERS: PeerKind = { eventType: 'DISTRIBUTED_PEER', noun: 'Distributed peer group' };

/** What a result has changed: whom to combine anew. */
export interface PeerChange {
  readonly caches: readonly CacheName[];
  readonly deliveryServices: readonly DeliveryServiceId[];
}

const NO_CHANGE: PeerChange = { caches: [], deliveryServices: [] };

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * The last states of all peers: reference 7.2. A peer is one from the moment that the config names it (D47), is
 * forgotten as soon as it does not (D48), and counts for nothing when its last result is too old.
 */
export class PeerStates<Name extends string> {
  readonly #kind: PeerKind;
  readonly #onEvent: (event: AvailabilityEvent) => void;
  #peers = new Map<Name, Mutable<PeerState<Name>>>();
  #sorted: readonly PeerState<Name>[] = [];
  #available: readonly PeerState<Name>[] = [];
  #staleAfterMs = Number.POSITIVE_INFINITY;
  #revision = 0;

  constructor(kind: PeerKind, onEvent: (event: AvailabilityEvent) => void) {
    this.#kind = kind;
    this.#onEvent = onEvent;
  }

  /**
   * These are the peers from now on; whoever stays keeps its state. All caches are to be combined anew after it.
   *
   * @param staleAfterMs age at which a result counts for nothing any more
   */
  apply(names: Iterable<Name>, staleAfterMs: number): void {
    const peers = new Map<Name, Mutable<PeerState<Name>>>();
    for (const name of names) peers.set(name, this.#peers.get(name) ?? newPeer(name));
    this.#peers = peers;
    this.#sorted = [...peers.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    this.#staleAfterMs = staleAfterMs;
    this.#countAvailable();
  }

  /** Takes in a result; one of a peer that is none any more is passed over. */
  record({ peer: name, endMs, outcome }: PolledPeer<Name>): PeerChange {
    const peer = this.#peers.get(name);
    if (peer === undefined) return NO_CHANGE;
    const before = peer.answer;
    peer.lastMs = endMs;
    peer.answer = outcome.kind === 'answer' ? outcome.answer : NO_ANSWER;
    peer.error = outcome.kind === 'error' ? outcome.reason : null;
    this.#setAvailable(peer, outcome.kind === 'answer', endMs);
    return this.#changed(before, peer.answer);
  }

  /** Peers whose last result has become too old are not available any more. */
  expire(nowMs: number): PeerChange {
    const change = { caches: new Set<CacheName>(), deliveryServices: new Set<DeliveryServiceId>() };
    for (const peer of this.#peers.values()) {
      if (!peer.isAvailable || nowMs - (peer.lastMs ?? nowMs) < this.#staleAfterMs) continue;
      const before = peer.answer;
      peer.answer = NO_ANSWER;
      peer.error = `no result for ${nowMs - (peer.lastMs ?? nowMs)} ms`;
      this.#setAvailable(peer, false, nowMs);
      const { caches, deliveryServices } = this.#changed(before, NO_ANSWER);
      for (const name of caches) change.caches.add(name);
      for (const id of deliveryServices) change.deliveryServices.add(id);
    }
    return { caches: [...change.caches], deliveryServices: [...change.deliveryServices] };
  }

  /** What the available peers say of a cache; peers that do not know it say nothing. */
  opinions(name: CacheName): readonly PeerOpinion[] {
    if (this.#available.length === 0) return NO_OPINIONS;
    const opinions: PeerOpinion[] = [];
    for (const { answer } of this.#available) {
      const opinion = answer.caches.get(name);
      if (opinion !== undefined) opinions.push(opinion);
    }
    return opinions;
  }

  get(name: Name): PeerState<Name> | undefined {
    return this.#peers.get(name);
  }

  /** All peers, by name. */
  get sorted(): readonly PeerState<Name>[] {
    return this.#sorted;
  }

  /** Those whose word counts, by name. */
  get available(): readonly PeerState<Name>[] {
    return this.#available;
  }

  /** Changes with each result and each config. */
  get revision(): number {
    return this.#revision;
  }

  #changed(before: PeerAnswer, now: PeerAnswer): PeerChange {
    this.#revision++;
    return {
      caches: differing(before.caches, now.caches, sameFlags),
      deliveryServices: differing(before.deliveryServices, now.deliveryServices, (a, b) => a === b),
    };
  }

  #setAvailable(peer: Mutable<PeerState<Name>>, isAvailable: boolean, timeMs: number): void {
    if (peer.isAvailable === isAvailable) return;
    peer.isAvailable = isAvailable;
    this.#countAvailable();
    const { eventType: type, noun } = this.#kind;
    const description = peer.error ?? `${noun} is ${isAvailable ? '' : 'un'}reachable`;
    this.#onEvent({
      timeMs,
      description,
      name: peer.name,
      type,
      isAvailable,
      ipv4Available: false,
      ipv6Available: false,
    });
  }

  #countAvailable(): void {
    this.#available = this.#sorted.filter(({ isAvailable }) => isAvailable);
    this.#revision++;
  }
}

const NO_OPINIONS: readonly PeerOpinion[] = [];

const newPeer = <Name extends string>(name: Name): PeerState<Name> => ({
  name,
  answer: NO_ANSWER,
  isAvailable: false,
  lastMs: null,
  error: null,
});

const sameFlags = (a: PeerOpinion, b: PeerOpinion): boolean =>
  a.isAvailable === b.isAvailable &&
  a.ipv4Available === b.ipv4Available &&
  a.ipv6Available === b.ipv6Available;

/** Keys whose values differ, or that only one of both has. */
function differing<K, V>(
  before: ReadonlyMap<K, V>,
  now: ReadonlyMap<K, V>,
  same: (a: V, b: V) => boolean,
): K[] {
  const keys: K[] = [];
  for (const [key, value] of now) {
    const was = before.get(key);
    if (was === undefined || !same(was, value)) keys.push(key);
  }
  for (const key of before.keys()) if (!now.has(key)) keys.push(key);
  return keys;
}
