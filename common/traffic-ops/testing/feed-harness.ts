import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { TrafficOpsFeed, type TrafficOpsFeedOptions } from '../feed.ts';
import type { Snapshot } from '../monitoring.ts';
import { FakeTrafficOps } from './fake-traffic-ops.ts';
import { MONITOR } from './fixtures.ts';

export interface FeedHarness {
  readonly trafficOps: FakeTrafficOps;
  readonly feed: TrafficOpsFeed;
  readonly options: TrafficOpsFeedOptions;
  readonly snapshots: Snapshot[];
  readonly logLines: string[];
  readonly files: { readonly crConfig: string; readonly monitoring: string };
}

/** A feed that is not started, and an open Traffic Ops for it; both are gone after the test. */
export async function feedHarness(
  test: TestContext,
  changes: Partial<TrafficOpsFeedOptions> = {},
): Promise<FeedHarness> {
  const trafficOps = new FakeTrafficOps();
  await trafficOps.open();
  const directory = await mkdtemp(path.join(tmpdir(), 'traffic-ops-feed-'));
  const files = {
    crConfig: path.join(directory, 'crconfig.backup'),
    monitoring: path.join(directory, 'tmconfig.backup'),
  };
  const snapshots: Snapshot[] = [];
  const logLines: string[] = [];
  const write = (level: string) => (message: string) => void logLines.push(`${level}: ${message}`);
  const options: TrafficOpsFeedOptions = {
    connection: { url: trafficOps.url, username: 'tm', password: 'secret', insecure: false },
    configuredCdn: '',
    monitorName: MONITOR,
    userAgent: 'test/1',
    backupFiles: files,
    retry: { minMs: 2, maxMs: 10, diskAfterFailures: 1 },
    fallbackIntervalMs: 20,
    shrinkHoldMs: 0,
    historyCount: 10,
    log: { error: write('error'), warning: write('warning'), info: write('info'), debug: write('debug') },
    onSnapshot: (snapshot) => void snapshots.push(snapshot),
    requestTimeoutMs: 1000,
    ...changes,
  };
  const feed = new TrafficOpsFeed(options);
  test.after(async () => {
    await feed.stop();
    await trafficOps.close();
    await rm(directory, { recursive: true });
  });
  return { trafficOps, feed, options, snapshots, logLines, files };
}

/** Waits until something holds, for twenty seconds at most: machines may be busy. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 20_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`never held: ${holds}`);
    await delay(3);
  }
}
