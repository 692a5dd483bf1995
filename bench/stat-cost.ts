import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { MonitorUnderTest } from './monitor-under-test.ts';
import type { NginxCaches } from './nginx-caches.ts';
import type { Window } from './poll-cost.ts';
import { cpuSeconds, residentMb } from './process-figures.ts';

export interface StatCost {
  /** CPU, user and system, per poll; every other poll is a stat poll. */
  readonly microseconds: number;
  /** Polls done against polls due: 1 is all of them. */
  readonly done: number;
  readonly residentMb: number;
  /** An answer with all statistics of all caches. */
  readonly whole: {
    readonly bytes: number;
    readonly tookMs: number;
    /** Polls done against polls due while it was sent. */
    readonly done: number;
    /** How long `/healthz` took meanwhile. */
    readonly p99Ms: number;
  };
}

/** Of the health polls and of the stat polls. */
const INTERVAL_MS = 2000;
const PINGS_EVERY_MS = 5;

/** What polls of `caches` caches with full statistics cost, and what a question for all of them does to the polls. */
export async function measureStatCost(
  caches: number,
  nginx: NginxCaches,
  port: number,
  window: Window,
): Promise<StatCost> {
  const options = {
    cachePort: nginx.port,
    edges: caches,
    cachegroups: 12,
    intervals: { health: INTERVAL_MS, stat: INTERVAL_MS },
  };
  const tested = await MonitorUnderTest.start('monitor', port, options, { stat_polling: true });
  const due = (elapsedMs: number): number => 2 * (elapsedMs / (INTERVAL_MS * 0.97)) * caches;
  try {
    await sleep(window.warmupMs);
    const before = { cpu: cpuSeconds(tested.pid), answered: await nginx.answered(), time: performance.now() };
    await sleep(window.measureMs);
    const polls = (await nginx.answered()) - before.answered - 1;
    const elapsedMs = performance.now() - before.time;
    const microseconds = ((cpuSeconds(tested.pid) - before.cpu) / polls) * 1e6;
    const memory = residentMb(tested.pid);
    return {
      microseconds,
      done: polls / due(elapsedMs),
      residentMb: memory,
      whole: await measureWhole(tested, nginx, due),
    };
  } finally {
    await tested.stop();
  }
}

async function measureWhole(
  { url }: MonitorUnderTest,
  nginx: NginxCaches,
  due: (elapsedMs: number) => number,
): Promise<StatCost['whole']> {
  const pings: number[] = [];
  const before = { answered: await nginx.answered(), time: performance.now() };
  // Another process reads it: what is measured here must not be how busy this one is.
  const reader = spawn('curl', [
    '-s',
    `${url}/publish/CacheStatsNew`,
    '-o',
    '/dev/null',
    '-w',
    '%{size_download}',
  ]);
  let size = '';
  reader.stdout.on('data', (chunk: Buffer) => {
    size += chunk.toString();
  });
  const ended = once(reader, 'close').then(() => performance.now());
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  while (!isOver) {
    const startMs = performance.now();
    await (await fetch(`${url}/healthz`)).text();
    pings.push(performance.now() - startMs);
    await sleep(PINGS_EVERY_MS);
  }
  const tookMs = (await ended) - before.time;
  const polls = (await nginx.answered()) - before.answered - 1;
  pings.sort((a, b) => a - b);
  return {
    bytes: Number(size),
    tookMs,
    done: polls / due(performance.now() - before.time),
    p99Ms: pings[Math.floor(pings.length * 0.99)] ?? Number.NaN,
  };
}
