import { setTimeout as delay } from 'node:timers/promises';

/** The time as a loop sees it; tests bring their own. */
export interface Clock {
  /** Milliseconds since 1970, or since any other fixed moment for a monotonic clock. */
  now(): number;
  /** Ends after `ms` milliseconds, or at once (without an error) when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  // The only way this timer fails is the abort, which is a normal end of a sleep.
  await delay(ms, undefined, { signal }).catch(() => {});
}

/** Tells the time of day; may jump when somebody sets it. */
export const systemClock: Clock = { now: () => Date.now(), sleep };

/** For measuring how long ago something was: never jumps. */
export const monotonicClock: Clock = { now: () => performance.now(), sleep };
