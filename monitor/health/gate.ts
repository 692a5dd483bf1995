import type { CacheStates } from './cache-states.ts';

/** So many caches are named; the log line that names them has to stay readable. */
const NAMED = 10;

/** What a question is about: all caches, or those only that this monitor polls itself (`?raw` and `?local`). */
export type GateScope = 'all' | 'direct';

/**
 * Keeps data routes shut until something is known of each cache they tell of: reference 6.4, with one latch for all
 * routes (D61). Once open it stays so, but for a monitor that is cut off (D127): caches that come later are simply
 * unavailable until their first poll. What is told to other monitors waits for own polls only, or two groups would wait
 * for each other for ever.
 */
export class Gate {
  readonly #states: CacheStates;
  readonly #awaited: () => string | null;
  readonly #lost: () => string | null;
  readonly #open: Record<GateScope, boolean> = { all: false, direct: false };

  /**
   * @param awaited what else `all` waits for once all caches are known, for people; null: nothing
   * @param lost why what is known is too old to be told, for people; null: it is not
   */
  constructor(states: CacheStates, awaited: () => string | null, lost: () => string | null = () => null) {
    this.#states = states;
    this.#awaited = awaited;
    this.#lost = lost;
  }

  /** Why it is shut; null: it is open. */
  closedBecause(scope: GateScope = 'all'): string | null {
    if (this.#open[scope]) return this.#lost();
    if (scope === 'all' ? this.#states.isComplete : this.#states.isDirectComplete) {
      const awaited = scope === 'all' ? this.#awaited() : null;
      this.#open[scope] = awaited === null;
      return awaited === null ? this.#lost() : `service still starting, ${awaited}`;
    }
    if (!this.#states.isConfigured) return 'service still starting, no config from Traffic Ops yet';
    const names = scope === 'all' ? this.#states.unknown(NAMED + 1) : this.#states.unpolled(NAMED + 1);
    const more = names.length > NAMED ? ' and more' : '';
    return `service still starting, some caches unpolled: ${names.slice(0, NAMED).join(', ')}${more}`;
  }
}
