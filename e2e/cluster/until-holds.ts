import { setTimeout as sleep } from 'node:timers/promises';

const lookEveryMs = 100;

/**
 * Waits until `check` holds; one that throws does not hold yet. Throws when it has not in time, with what `hint` tells
 * then about where to look.
 */
export async function untilHolds(
  what: string,
  check: () => Promise<boolean>,
  limitMs: number,
  hint: () => Promise<string>,
): Promise<void> {
  const end = performance.now() + limitMs;
  let last: unknown = null;
  while (performance.now() < end) {
    try {
      if (await check()) return;
    } catch (error) {
      last = error;
    }
    await sleep(lookEveryMs);
  }
  throw new Error(`waited ${limitMs / 1000} s for ${what}; ${await hint()}`, { cause: last });
}
