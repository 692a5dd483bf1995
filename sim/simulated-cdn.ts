import type { CachegroupName, CacheName } from '../common/ids.ts';
import { CacheFarm } from './cache-farm.ts';
import { hasManyLoopbackAddresses } from './listening.ts';
import type { CacheState } from './simulated-cache.ts';
import { SimulatedTrafficOps, type TrafficOpsOptions } from './traffic-ops.ts';
import { buildWorld, type World, type WorldOptions } from './world.ts';

export interface SimulatedCdnOptions {
  readonly world?: Omit<WorldOptions, 'cachePort' | 'ports' | 'oneAddress'>;
  /** Where everything is, for monitors in other networks; absent: loopback, an address for each cache. */
  readonly address?: string;
  /** Port of the caches; 0 or absent: a free one. */
  readonly cachePort?: number;
  /** Each cache on a port of its own, so that it can refuse connections. For hundreds, not thousands. */
  readonly ownPorts?: boolean;
  /** State of every cache at the start. */
  readonly state?: Partial<CacheState>;
  readonly trafficOps?: TrafficOpsOptions;
}

/** Traffic Ops, its documents and the caches that they name, all running in this process. */
export class SimulatedCdn {
  readonly farm: CacheFarm;
  readonly trafficOps: SimulatedTrafficOps;
  readonly #options: SimulatedCdnOptions;
  readonly #ports: Map<CacheName, number>;
  #worldOptions: WorldOptions;
  #world: World;

  private constructor(
    options: SimulatedCdnOptions,
    running: { farm: CacheFarm; trafficOps: SimulatedTrafficOps },
    laidOut: { worldOptions: WorldOptions; world: World; ports: Map<CacheName, number> },
  ) {
    this.#options = options;
    this.farm = running.farm;
    this.trafficOps = running.trafficOps;
    this.#worldOptions = laidOut.worldOptions;
    this.#world = laidOut.world;
    this.#ports = laidOut.ports;
  }

  /** Starts everything; if a part cannot start, nothing is left running. */
  static async start(options: SimulatedCdnOptions = {}): Promise<SimulatedCdn> {
    const at = options.address === undefined ? {} : { address: options.address };
    const farm = await CacheFarm.start({
      port: options.cachePort ?? 0,
      ipv6: options.world?.ipv6 ?? false,
      ...at,
    });
    try {
      const ports = new Map<CacheName, number>();
      const oneAddress = options.address ?? ((await hasManyLoopbackAddresses()) ? null : '127.0.0.1');
      const shared = oneAddress === null ? {} : { oneAddress };
      const worldOptions = { ...options.world, ...shared, cachePort: farm.port, ports };
      await addCaches(farm, buildWorld(worldOptions), ports, options);
      // Only now are the ports known that the documents tell of.
      const world = buildWorld(worldOptions);
      const trafficOps = await SimulatedTrafficOps.start(world, { ...options.trafficOps, ...at });
      return new SimulatedCdn(options, { farm, trafficOps }, { worldOptions, world, ports });
    } catch (error) {
      await farm.close();
      throw error;
    }
  }

  /** What exists now. */
  get world(): World {
    return this.#world;
  }

  /** Lays the CDN out anew: caches come and go, and Traffic Ops serves the next snapshot. */
  async relay(change: Partial<WorldOptions>): Promise<void> {
    const before = new Set(this.#world.caches.map((cache) => cache.name));
    this.#worldOptions = { ...this.#worldOptions, ...change };
    await addCaches(this.farm, buildWorld(this.#worldOptions), this.#ports, this.#options, before);
    this.#world = buildWorld(this.#worldOptions);
    this.trafficOps.replace(this.#world);
    const after = new Set(this.#world.caches.map((cache) => cache.name));
    for (const name of before) if (!after.has(name)) await this.farm.remove(name);
  }

  /** One more edge in this cachegroup, and the snapshot that tells of it. */
  async addEdge(cachegroup: CachegroupName): Promise<CacheName> {
    await this.relay({ extraEdges: [...(this.#worldOptions.extraEdges ?? []), cachegroup] });
    const added = this.#world.caches.at(-1);
    if (added === undefined) throw new Error('the world is empty');
    return added.name;
  }

  /** Ends everything; may be called again. */
  async close(): Promise<void> {
    await Promise.all([this.farm.close(), this.trafficOps.close()]);
  }
}

async function addCaches(
  farm: CacheFarm,
  world: World,
  ports: Map<CacheName, number>,
  { ownPorts = false, state = {} }: SimulatedCdnOptions,
  known: ReadonlySet<CacheName> = new Set(),
): Promise<void> {
  for (const cache of world.caches) {
    if (known.has(cache.name)) continue;
    const { format } = cache;
    ports.set(cache.name, await farm.add(cache, { ownPort: ownPorts, state: { ...state, format } }));
  }
}
