import { cacheName } from '../../../common/ids.ts';
import type { CacheState } from '../cache-state.ts';
import { CacheStates, type HealthConfig } from '../cache-states.ts';
import { DeliveryServiceStates } from '../delivery-service-states.ts';
import type { AvailabilityEvent } from '../events.ts';

/** Cache states without peers, the delivery services that follow them, and the events that they told. */
export class WatchedStates extends CacheStates {
  readonly events: AvailabilityEvent[];
  readonly deliveryServices: DeliveryServiceStates;

  constructor() {
    const events: AvailabilityEvent[] = [];
    const deliveryServices = new DeliveryServiceStates((event) => events.push(event));
    const up = new Set<string>();
    super(
      (event) => events.push(event),
      ({ subject, verdict }, timeMs) => {
        const isAvailable = verdict?.isAvailable ?? false;
        if (isAvailable === up.has(subject.name)) return;
        if (isAvailable) up.add(subject.name);
        else up.delete(subject.name);
        deliveryServices.cacheChanged(subject, isAvailable, timeMs);
      },
    );
    this.events = events;
    this.deliveryServices = deliveryServices;
    this.#up = up;
  }

  readonly #up: Set<string>;

  override apply(config: HealthConfig, nowMs: number): void {
    super.apply(config, nowMs);
    const available = this.sorted.filter(({ verdict }) => verdict?.isAvailable).map(({ subject }) => subject);
    this.#up.clear();
    for (const { name } of available) this.#up.add(name);
    this.deliveryServices.apply(config.deliveryServices, available, nowMs);
  }

  /** Events since the last call, as `name: description`. */
  told(): string[] {
    return this.events.splice(0).map(({ name, description }) => `${name}: ${description}`);
  }

  /** Throws if there is no such cache. */
  of(name = 'edge-1'): CacheState {
    const state = this.get(cacheName(name));
    if (state === undefined) throw new Error(`no cache ${name}`);
    return state;
  }

  /** Whether a cache is up, and over which families: `up 4 6`, `down`. */
  flags(name = 'edge-1'): string {
    const { verdict } = this.of(name);
    const ipv4 = (verdict?.ipv4Available ?? false) ? ' 4' : '';
    const ipv6 = (verdict?.ipv6Available ?? false) ? ' 6' : '';
    return `${(verdict?.isAvailable ?? false) ? 'up' : 'down'}${ipv4}${ipv6}`;
  }
}
