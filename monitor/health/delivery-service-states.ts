import type { DeliveryServiceId } from '../../common/ids.ts';
import type { AvailabilityEvent } from './events.ts';
import type { Subject } from './subject.ts';

/** Decides which delivery services are available as caches come and go. */
export interface DeliveryServiceAvailability {
  /** Counts anew, from all caches that are available. */
  apply(ids: readonly DeliveryServiceId[], available: readonly Subject[], nowMs: number): void;
  /** A cache has become available, or ceased to be; called for changes only. */
  cacheChanged(cache: Subject, isAvailable: boolean, timeMs: number): void;
  isAvailable(id: DeliveryServiceId): boolean;
  /** By name. */
  readonly sorted: readonly DeliveryServiceId[];
}

interface DeliveryServiceState {
  availableCaches: number;
}

/**
 * Availability of delivery services without statistics: up while any assigned cache is. The Go monitor leaves them all
 * down when it does not poll statistics (D44), which sends a CDN's whole traffic to its bypass.
 */
export class DeliveryServiceStates implements DeliveryServiceAvailability {
  #states = new Map<DeliveryServiceId, DeliveryServiceState>();
  #sorted: readonly DeliveryServiceId[] = [];
  readonly #onEvent: (event: AvailabilityEvent) => void;

  constructor(onEvent: (event: AvailabilityEvent) => void) {
    this.#onEvent = onEvent;
  }

  apply(ids: readonly DeliveryServiceId[], available: readonly Subject[], nowMs: number): void {
    const states = new Map(ids.map((id) => [id, { availableCaches: 0 }]));
    for (const { deliveryServices } of available) {
      for (const id of deliveryServices) {
        const state = states.get(id);
        if (state !== undefined) state.availableCaches++;
      }
    }
    const before = this.#states;
    this.#states = states;
    this.#sorted = [...states.keys()].sort();
    for (const [id, { availableCaches }] of states) {
      const was = (before.get(id)?.availableCaches ?? 0) > 0;
      if (was !== availableCaches > 0) this.#tell(id, availableCaches > 0, nowMs);
    }
  }

  cacheChanged({ deliveryServices }: Subject, isAvailable: boolean, timeMs: number): void {
    for (const id of deliveryServices) {
      const state = this.#states.get(id);
      if (state === undefined) continue;
      const was = state.availableCaches > 0;
      state.availableCaches += isAvailable ? 1 : -1;
      if (was !== state.availableCaches > 0) this.#tell(id, isAvailable, timeMs);
    }
  }

  isAvailable(id: DeliveryServiceId): boolean {
    return (this.#states.get(id)?.availableCaches ?? 0) > 0;
  }

  get sorted(): readonly DeliveryServiceId[] {
    return this.#sorted;
  }

  /** Reference 8.5. */
  #tell(id: DeliveryServiceId, isAvailable: boolean, timeMs: number): void {
    this.#onEvent({
      timeMs,
      description: isAvailable ? 'Available caches' : 'Unavailable',
      name: id,
      type: 'DELIVERYSERVICE',
      isAvailable,
      ipv4Available: false,
      ipv6Available: false,
    });
  }
}
