import { setTimeout as sleep } from 'node:timers/promises';
import { MonitorUnderTest, type Program } from './monitor-under-test.ts';
import type { NginxCaches } from './nginx-caches.ts';
import { cpuSeconds, residentMb } from './process-figures.ts';

export interface PollCost {
  readonly program: Program;
  readonly caches: number;
  /** CPU, user and system, per poll. */
  readonly microseconds: number;
  /** Polls done against polls due: 1 is all of them. */
  readonly done: number;
  readonly residentMb: number;
}

export interface Window {
  readonly warmupMs: number;
  readonly measureMs: number;
}

const INTERVAL_MS = 1000;

/** What health polls of `caches` caches, one a second each, cost `program`. */
export async function measurePollCost(
  program: Program,
  caches: number,
  nginx: NginxCaches,
  port: number,
  window: Window,
): Promise<PollCost> {
  const tested = await MonitorUnderTest.start(program, port, {
    cachePort: nginx.port,
    edges: caches,
    cachegroups: 12,
    intervals: { health: INTERVAL_MS },
  });
  try {
    await sleep(window.warmupMs);
    const before = { cpu: cpuSeconds(tested.pid), answered: await nginx.answered(), time: performance.now() };
    await sleep(window.measureMs);
    const elapsedMs = performance.now() - before.time;
    // Asking nginx for its count is a request too.
    const polls = (await nginx.answered()) - before.answered - 1;
    const due = (elapsedMs / (INTERVAL_MS * 0.97)) * caches;
    return {
      program,
      caches,
      microseconds: ((cpuSeconds(tested.pid) - before.cpu) / polls) * 1e6,
      done: polls / due,
      residentMb: residentMb(tested.pid),
    };
  } finally {
    await tested.stop();
  }
}
