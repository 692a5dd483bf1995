import { setTimeout as sleep } from 'node:timers/promises';

/** Looks every few ms until it is so; throws, saying what was awaited, after `patienceMs`. */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  patienceMs = 20_000,
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`waited ${patienceMs} ms in vain for: ${what}`);
    await sleep(5);
  }
}

export { sleep };
