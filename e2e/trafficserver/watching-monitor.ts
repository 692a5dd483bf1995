import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cachegroupName, monitorName } from '../../common/ids.ts';
import { writeMonitorFiles } from '../../sim/monitor-files.ts';
import { MonitorProcess } from '../../sim/monitor-process.ts';
import { SimulatedTrafficOps } from '../../sim/traffic-ops.ts';
import { buildWorld, type World } from '../../sim/world.ts';
import type { WorldMonitor } from '../../sim/world-parts.ts';

/** What `/api/cache-statuses` says of a cache, as far as these tests look at it. */
export interface CacheStatus {
  readonly status: string;
  readonly load_average: number;
  readonly ipv4_available: boolean;
  readonly combined_available: boolean;
  readonly interfaces: Readonly<
    Record<string, { readonly available: boolean; readonly bandwidth_kbps: number }>
  >;
}

export interface WatchOptions {
  readonly cachePort: number;
  readonly monitorPort: number;
  /** The interface that Traffic Ops names; the cache has to report it. */
  readonly interfaceName: string;
  /** `http_polling_format`: what polls accept. */
  readonly accept: string;
}

const patienceMs = 30_000;
const lookEveryMs = 100;

/** Our monitor, and a Traffic Ops that tells it of one cache in the format `stats_over_http`. */
export class WatchingMonitor {
  readonly #trafficOps: SimulatedTrafficOps;
  readonly #monitor: MonitorProcess;
  readonly #folder: string;
  readonly #origin: string;
  readonly #cache: string;

  private constructor(
    trafficOps: SimulatedTrafficOps,
    monitor: MonitorProcess,
    folder: string,
    origin: string,
    cache: string,
  ) {
    this.#trafficOps = trafficOps;
    this.#monitor = monitor;
    this.#folder = folder;
    this.#origin = origin;
    this.#cache = cache;
  }

  static async start(options: WatchOptions): Promise<WatchingMonitor> {
    const self: WorldMonitor = {
      name: monitorName('tm-01'),
      fqdn: 'tm-01.example.net',
      ip: '127.0.0.1',
      port: options.monitorPort,
      cachegroup: cachegroupName('nowhere'),
      status: 'ONLINE',
    };
    const world = worldOfOneCache(options, self);
    const trafficOps = await SimulatedTrafficOps.start(world);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tm-watching-'));
    const settings = { http_polling_format: options.accept };
    const files = await writeMonitorFiles(folder, trafficOps, self, settings);
    const monitor = new MonitorProcess(path.join(import.meta.dirname, '../../monitor/main.ts'), files);
    const origin = `http://127.0.0.1:${options.monitorPort}`;
    return new WatchingMonitor(trafficOps, monitor, folder, origin, world.caches[0]?.name ?? '');
  }

  /** Waits until the cache's status is as wanted, and gives it. */
  async until(what: string, wanted: (status: CacheStatus) => boolean): Promise<CacheStatus> {
    const end = performance.now() + patienceMs;
    let last: unknown = 'nothing';
    while (performance.now() < end && this.#monitor.running) {
      const statuses = (await this.#get('/api/cache-statuses')) as Record<string, CacheStatus> | null;
      const status = statuses?.[this.#cache];
      if (status !== undefined && wanted(status)) return status;
      last = status ?? last;
      await sleep(lookEveryMs);
    }
    const said = this.#monitor.lastOutput;
    throw new Error(`waited in vain for: ${what}; last ${JSON.stringify(last)}; the monitor said:\n${said}`);
  }

  /** What a router reads: whether the cache is available. */
  async isAvailable(): Promise<boolean | undefined> {
    const states = (await this.#get('/publish/CrStates')) as {
      caches: Record<string, { isAvailable: boolean }>;
    } | null;
    return states?.caches[this.#cache]?.isAvailable;
  }

  async stop(): Promise<void> {
    await this.#monitor.stop();
    await this.#trafficOps.close();
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Null: no answer, or not yet. */
  async #get(route: string): Promise<unknown> {
    try {
      const response = await fetch(`${this.#origin}${route}`);
      const text = await response.text();
      return response.ok ? JSON.parse(text) : null;
    } catch {
      return null;
    }
  }
}

function worldOfOneCache({ cachePort, interfaceName }: WatchOptions, monitor: WorldMonitor): World {
  const world = buildWorld({
    cachePort,
    cachegroups: 1,
    edges: 1,
    deliveryServices: 1,
    monitors: [monitor],
    formats: ['stats_over_http'],
    oneAddress: '127.0.0.1',
    // The machine's real load is reported; however busy it is, that must not fail the cache.
    profile: { thresholds: { loadavg: 10_000 } },
    intervals: { health: 300, stat: 600, peers: 1000, trafficOps: 1000 },
  });
  const trafficServers = world.monitoring.trafficServers.map((server) => ({
    ...server,
    interfaces: server.interfaces.map((one) => ({ ...one, name: interfaceName })),
  }));
  return { ...world, monitoring: { ...world.monitoring, trafficServers } };
}
