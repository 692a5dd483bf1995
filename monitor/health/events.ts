import type { CacheType } from '../../common/traffic-ops/monitoring.ts';

export type EventType = CacheEventType | 'DELIVERYSERVICE' | 'PEER' | 'DISTRIBUTED_PEER';
export type CacheEventType = 'EDGE' | 'MID' | 'INVALIDCACHETYPE';

/** A change of availability, as the event log tells it: reference 5.7 and 9.12. */
export interface AvailabilityEvent {
  /** ms since the epoch. */
  readonly timeMs: number;
  readonly description: string;
  /** Cache, delivery service, peer or group. */
  readonly name: string;
  readonly type: EventType;
  readonly isAvailable: boolean;
  readonly ipv4Available: boolean;
  readonly ipv6Available: boolean;
}

export interface NumberedEvent extends AvailabilityEvent {
  /** From 0, for the lifetime of the process. */
  readonly index: number;
}

export const eventTypeOf = (type: CacheType): CacheEventType =>
  type === 'invalid' ? 'INVALIDCACHETYPE' : type;

/** The latest `limit` events (D68: not one less). */
export class EventRing {
  #newestFirst: NumberedEvent[] = [];
  #next = 0;
  #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(event: AvailabilityEvent): NumberedEvent {
    const numbered = { ...event, index: this.#next++ };
    this.#newestFirst.unshift(numbered);
    this.setLimit(this.#limit);
    return numbered;
  }

  /** Keeps the newest. */
  setLimit(limit: number): void {
    this.#limit = limit;
    if (this.#newestFirst.length > limit) this.#newestFirst.length = limit;
  }

  get newestFirst(): readonly NumberedEvent[] {
    return this.#newestFirst;
  }

  /** Changes with each event. */
  get revision(): number {
    return this.#next;
  }
}
