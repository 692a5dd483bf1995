import type { CacheStates } from './cache-states.ts';

/** So many caches are named; the log line that names them has to stay readable. */
const NAMED = 10;

/**
 * Keeps data routes shut until each cache has been polled: reference 6.4, with one latch for all routes (D61). Once
 * open it stays so: caches that come later are simply unavailable until their first poll.
 */
export class Gate {
  readonly #states: CacheStates;
  #open = false;

  constructor(states: CacheStates) {
    this.#states = states;
  }

  /** Why it is shut; null: it is open. */
  closedBecause(): string | null {
    this.#open ||= this.#states.isComplete;
    if (this.#open) return null;
    if (!this.#states.isConfigured) return 'service still starting, no config from Traffic Ops yet';
    const names = this.#states.unpolled(NAMED + 1);
    const more = names.length > NAMED ? ' and more' : '';
    return `service still starting, some caches unpolled: ${names.slice(0, NAMED).join(', ')}${more}`;
  }
}
