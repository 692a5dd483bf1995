import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { MonitorUnderTest } from './monitor-under-test.ts';
import type { NginxCaches } from './nginx-caches.ts';

export interface ServeRate {
  readonly caches: number;
  readonly bodyBytes: number;
  readonly requestsPerSecond: number;
  readonly p99: string;
}

/** How many times a second CrStates is served while `caches` caches are polled. Needs Debian's `wrk`. */
export async function measureServeRate(caches: number, nginx: NginxCaches, port: number): Promise<ServeRate> {
  const tested = await MonitorUnderTest.start('monitor', port, {
    cachePort: nginx.port,
    edges: caches,
    intervals: { health: 1000 },
  });
  try {
    await sleep(3000);
    const url = `${tested.url}/publish/CrStates`;
    const body = await (await fetch(url)).text();
    const { stdout } = await promisify(execFile)('wrk', ['-t1', '-c8', '-d6s', '--latency', url]);
    return {
      caches,
      bodyBytes: body.length,
      requestsPerSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1] ?? Number.NaN),
      p99: /99%\s+(\S+)/.exec(stdout)?.[1] ?? '?',
    };
  } finally {
    await tested.stop();
  }
}
