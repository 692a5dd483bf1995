import { setFlagsFromString } from 'node:v8';

/**
 * Known to the V8 of the Node.js that the project runs on. Bodies of stat polls are buffers outside the heap, 100 KB
 * each. By default V8 collects the whole heap whenever some MB of such buffers have come and gone, three times a second
 * at 200 caches: half of the monitor's CPU time. With these it counts buffers as part of the heap, and collects when
 * both together have doubled.
 */
export const SWITCHES = ['--external-memory-accounted-in-global-limit', '--heap-growing-percent'] as const;

const GROWING_PERCENT = 100;

/** Spends memory on time: up to twice what is in use. For monitors that poll statistics. */
export function collectByHeapSize(): void {
  const [countBuffers, growth] = SWITCHES;
  setFlagsFromString(countBuffers);
  setFlagsFromString(`${growth}=${GROWING_PERCENT}`);
}
