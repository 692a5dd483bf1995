/** By then what an applied snapshot has left behind is garbage. */
const SETTLE_MS = 3000;

let timer: NodeJS.Timeout | null = null;

/**
 * After a snapshot was applied: V8 would keep the garbage of its documents, several times their size, until the heap has
 * grown as much again, which with few polls takes hours. Does something only where Node.js runs with `--expose-gc`: it
 * holds the polls up for some tenths of a second.
 */
export function spareMemorySoon(): void {
  const { gc } = globalThis;
  if (gc === undefined) return;
  if (timer !== null) clearTimeout(timer);
  timer = setTimeout(() => {
    timer = null;
    gc();
  }, SETTLE_MS);
  timer.unref();
}
