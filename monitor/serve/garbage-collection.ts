import { PerformanceObserver } from 'node:perf_hooks';

export interface GarbageCollection {
  /** ms since the epoch; null: none yet. */
  readonly lastMs: number | null;
  /** ms that collections have taken altogether. */
  readonly totalMs: number;
}

/** Begins to watch the collector, and tells what it has done since. */
export function watchGarbageCollection(): () => GarbageCollection {
  let lastMs: number | null = null;
  let totalMs = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      lastMs = performance.timeOrigin + startTime + duration;
      totalMs += duration;
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  return () => ({ lastMs, totalMs });
}
