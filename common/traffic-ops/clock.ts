import { setTimeout as delay } from 'node:timers/promises';

/** The time as the feed sees it; tests bring their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Ends after `ms` milliseconds, or at once (without an error) when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    // The only way this timer fails is the abort, which is a normal end of a sleep.
    await delay(ms, undefined, { signal }).catch(() => {});
  },
};
