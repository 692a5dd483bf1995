import type { CacheName, DeliveryServiceId } from '../../common/ids.ts';
import type { HealthProtocol } from '../config/settings.ts';
import type { CacheState } from '../health/cache-state.ts';
import type { DeliveryServiceAvailability } from '../health/delivery-service-states.ts';
import { type AvailabilityEvent, eventTypeOf } from '../health/events.ts';
import type { Subject } from '../health/subject.ts';
import { DOWN, sameVerdict, type Verdict } from '../health/verdict.ts';
import { combine } from './combine.ts';
import { CombinedServices } from './combined-services.ts';
import { clearedText, detectedText } from './override.ts';
import type { PeerChange, PeerStates } from './peer-states.ts';

/** One cache, as this monitor and its peers together see it. */
export class CombinedCache {
  readonly state: CacheState;
  /** null: nobody has polled it yet. */
  verdict: Verdict | null = null;
  /** Whether the peers have overruled the local verdict. */
  isOverridden = false;

  constructor(state: CacheState) {
    this.state = state;
  }

  get subject(): Subject {
    return this.state.subject;
  }

  /** Of the local state (D50). */
  get lastPollMs(): number | null {
    return this.state.lastPollMs;
  }

  get isAvailable(): boolean {
    return this.verdict?.isAvailable ?? false;
  }
}

export interface CombinedOptions {
  readonly peers: PeerStates<string>;
  /** Statistics, where there are any; else caches alone decide (D44). */
  readonly deliveryServices: DeliveryServiceAvailability;
  readonly onEvent: (event: AvailabilityEvent) => void;
}

/**
 * The combined states: reference 7.3. A cache is combined anew when its local verdict or a peer's opinion of it has
 * changed, and then alone; nothing here walks over all caches but `apply`.
 */
export class CombinedStates {
  /** Available here, or by a peer. */
  readonly deliveryServices: CombinedServices;
  /** Available here. */
  readonly localServices: DeliveryServiceAvailability;
  readonly #peers: PeerStates<string>;
  readonly #onEvent: (event: AvailabilityEvent) => void;
  #caches = new Map<CacheName, CombinedCache>();
  #sorted: readonly CombinedCache[] = [];
  #direct: readonly CombinedCache[] = [];
  #protocol: HealthProtocol = 'optimistic';
  #revision = 0;

  constructor({ peers, deliveryServices, onEvent }: CombinedOptions) {
    this.#peers = peers;
    this.localServices = deliveryServices;
    this.#onEvent = onEvent;
    this.deliveryServices = new CombinedServices(deliveryServices, peers);
  }

  /** Takes over a new config, after the local states and the peers did. */
  apply(
    locals: readonly CacheState[],
    deliveryServices: readonly DeliveryServiceId[],
    protocol: HealthProtocol,
    nowMs: number,
  ): void {
    const before = this.#caches;
    this.#protocol = protocol;
    this.#caches = new Map();
    for (const state of locals) {
      const { name } = state.subject;
      const known = before.get(name);
      const cache = known?.state === state ? known : new CombinedCache(state);
      this.#caches.set(name, cache);
      this.#combine(cache, nowMs);
    }
    this.#sorted = [...this.#caches.values()];
    this.#direct = this.#sorted.filter(({ state }) => state.isDirect);
    this.deliveryServices.apply(protocol);
    const available = this.#sorted.filter((cache) => cache.isAvailable).map(({ subject }) => subject);
    this.localServices.apply(deliveryServices, available, nowMs);
    this.#revision++;
  }

  /** The local verdict on a cache has changed. */
  localChanged({ subject: { name } }: CacheState, timeMs: number): void {
    this.#combineAnew(name, timeMs);
  }

  /** What peers say has changed. */
  peersChanged({ caches, deliveryServices }: PeerChange, timeMs: number): void {
    for (const name of caches) this.#combineAnew(name, timeMs);
    if (deliveryServices.length > 0) this.#revision++;
  }

  get(name: CacheName): CombinedCache | undefined {
    return this.#caches.get(name);
  }

  /** All caches with a state, by name. */
  get sorted(): readonly CombinedCache[] {
    return this.#sorted;
  }

  /** Those that this monitor polls, by name. */
  get direct(): readonly CombinedCache[] {
    return this.#direct;
  }

  /** Changes when a combined verdict does, or what peers say of a delivery service. */
  get revision(): number {
    return this.#revision;
  }

  #combineAnew(name: CacheName, timeMs: number): void {
    const cache = this.#caches.get(name);
    if (cache === undefined) return;
    const wasAvailable = cache.isAvailable;
    this.#combine(cache, timeMs);
    if (cache.isAvailable !== wasAvailable)
      this.localServices.cacheChanged(cache.subject, cache.isAvailable, timeMs);
  }

  #combine(cache: CombinedCache, timeMs: number): void {
    const { state } = cache;
    const local = state.verdict;
    // Whether a cache is in service is for Traffic Ops to say, not for peers that may not have heard of it yet.
    const isInService = state.subject.status === 'REPORTED';
    const opinions = isInService ? this.#peers.opinions(state.subject.name) : [];
    const verdict = combine(local, opinions, this.#protocol);
    if (!sameVerdict(cache.verdict ?? DOWN, verdict ?? DOWN)) {
      cache.verdict = verdict;
      this.#revision++;
    } else cache.verdict ??= verdict;
    this.#setOverridden(cache, local !== null && cache.isAvailable !== local.isAvailable, timeMs);
  }

  /** A cache that is available here anyway is not overridden (D49), nor one that has not been polled yet. */
  #setOverridden(cache: CombinedCache, isOverridden: boolean, timeMs: number): void {
    if (cache.isOverridden === isOverridden) return;
    cache.isOverridden = isOverridden;
    const { subject, verdict } = cache;
    const view = { cache: subject.name, local: cache.state.verdict, peers: this.#peers.available };
    const { isAvailable, ipv4Available, ipv6Available } = verdict ?? DOWN;
    this.#onEvent({
      timeMs,
      description: isOverridden ? detectedText(view, this.#protocol) : clearedText(view, this.#protocol),
      name: subject.name,
      type: eventTypeOf(subject.type),
      isAvailable,
      ipv4Available,
      ipv6Available,
    });
  }
}
