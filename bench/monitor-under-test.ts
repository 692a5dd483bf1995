import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeMonitorFiles } from '../sim/monitor-files.ts';
import { SimulatedTrafficOps } from '../sim/traffic-ops.ts';
import { buildWorld, type WorldOptions } from '../sim/world.ts';

/** Programs that can be measured: the monitor, and the least that any Node monitor must do. */
export type Program = 'monitor' | 'bare';

const START_LIMIT_MS = 90_000;

/** A program polling a simulated CDN whose caches are elsewhere. */
export class MonitorUnderTest {
  readonly url: string;
  readonly #trafficOps: SimulatedTrafficOps;
  readonly #folder: string;
  readonly #child: ChildProcess;

  private constructor(url: string, trafficOps: SimulatedTrafficOps, folder: string, child: ChildProcess) {
    this.url = url;
    this.#trafficOps = trafficOps;
    this.#folder = folder;
    this.#child = child;
  }

  /** Starts `program` on the CDN that `options` describe; ready when it knows all its caches. */
  static async start(
    program: Program,
    port: number,
    options: WorldOptions,
    settings: Readonly<Record<string, unknown>> = { stat_polling: false },
  ): Promise<MonitorUnderTest> {
    const world = buildWorld(options);
    const [monitor] = world.monitors;
    if (monitor === undefined) throw new Error('a world without monitors cannot be measured');
    const trafficOps = await SimulatedTrafficOps.start(world);
    const folder = await mkdtemp(join(tmpdir(), 'bench-monitor-'));
    const files = await writeMonitorFiles(
      folder,
      trafficOps,
      { ...monitor, port },
      { health_flush_interval_ms: 200, ...settings },
    );
    const root = dirname(import.meta.dirname);
    const args =
      program === 'bare'
        ? ['bench/bare.ts', files.opsCfg]
        : ['monitor/main.ts', '--opsCfg', files.opsCfg, '--config', files.config];
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'ignore'] });
    const started = new MonitorUnderTest(`http://127.0.0.1:${port}`, trafficOps, folder, child);
    await started.#untilReady();
    return started;
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the program did not start');
    return this.#child.pid;
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#trafficOps.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #untilReady(): Promise<void> {
    const end = performance.now() + START_LIMIT_MS;
    while (performance.now() < end && this.#child.exitCode === null) {
      const status = await fetch(`${this.url}/publish/CrStates`).then(
        (response) => response.text().then(() => response.status),
        () => 0,
      );
      if (status === 200) return;
      await sleep(100);
    }
    await this.stop();
    throw new Error(`the program was not ready within ${START_LIMIT_MS / 1000} s`);
  }
}
