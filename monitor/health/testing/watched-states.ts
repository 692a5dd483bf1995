import { cacheName } from '../../../common/ids.ts';
import type { CacheState } from '../cache-state.ts';
import { CacheStates } from '../cache-states.ts';
import type { AvailabilityEvent } from '../events.ts';

/** Cache states and the events that they told. */
export class WatchedStates extends CacheStates {
  readonly events: AvailabilityEvent[];

  constructor() {
    const events: AvailabilityEvent[] = [];
    super((event) => events.push(event));
    this.events = events;
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
