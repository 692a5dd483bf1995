import type { TestContext } from 'node:test';
import { type MonitorChild, MonitorFolder } from '../../../monitor/testing/monitor-child.ts';
import { SimulatedCdn, type SimulatedCdnOptions } from '../../../sim/simulated-cdn.ts';

/** A simulated CDN and a monitor, a process of its own, that watches it. Both end with the test. */
export interface WatchedCdn {
  readonly cdn: SimulatedCdn;
  readonly folder: MonitorFolder;
  readonly monitor: MonitorChild;
  readonly url: string;
}

export async function watchCdn(
  t: TestContext,
  options: SimulatedCdnOptions,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<WatchedCdn> {
  const cdn = await SimulatedCdn.start(options);
  t.after(() => cdn.close());
  const folder = await MonitorFolder.create(t, cdn);
  folder.write({ monitor: settings });
  const monitor = folder.start(t);
  await folder.untilOpen(monitor);
  return { cdn, folder, monitor, url: `http://127.0.0.1:${folder.port}/` };
}
