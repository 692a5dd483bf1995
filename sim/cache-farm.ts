import type { Server, Socket } from 'node:net';
import type { CacheName } from '../common/ids.ts';
import { CacheConnection, type ConnectionContext } from './cache-connection.ts';
import { closeServer, listenOn, portOf } from './listening.ts';
import { type CacheDescription, type CacheState, SimulatedCache } from './simulated-cache.ts';

/** How a farm is set up. */
export interface CacheFarmOptions {
  /** Of the shared socket; 0 or absent: a free one. */
  readonly port?: number;
  /** Caches are at this address too, told apart by the Host header, for monitors in other networks. */
  readonly address?: string;
  /** Also listen on ::1, where the Host header tells the caches apart. */
  readonly ipv6?: boolean;
  /** Milliseconds that never go back; the counters of the caches follow it. */
  readonly now?: () => number;
}

export interface AddOptions {
  readonly state?: Partial<CacheState>;
  /** What its interface has sent before now. */
  readonly startBytes?: bigint;
  /** A socket of its own, at its own address, so that it can refuse connections. Any free port. */
  readonly ownPort?: boolean;
}

interface Resident {
  readonly cache: SimulatedCache;
  readonly sockets: Set<Socket>;
  readonly ownPort: number | null;
  server: Server | null;
  /** Opening and closing of its server, one after the other. */
  settled: Promise<void>;
}

/**
 * Thousands of caches in one process behind one listening socket. On Linux every 127.x.y.z is this machine, so each
 * cache has an address of its own and the address that was called tells which one is meant; where that is not so, or
 * over IPv6, the Host header tells.
 */
export class CacheFarm {
  readonly port: number;
  readonly #servers: readonly Server[];
  readonly #residents = new Map<CacheName, Resident>();
  readonly #byAddress = new Map<string, Resident>();
  readonly #byHost = new Map<string, Resident>();
  readonly #sockets = new Set<Socket>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #context: ConnectionContext;
  readonly #shared: string | null;
  #closing: Promise<void> | null = null;

  private constructor(servers: readonly Server[], now: () => number, shared: string | null) {
    this.#shared = shared;
    this.#servers = servers;
    this.port = portOf(servers[0]);
    this.#context = {
      now: () => Math.floor(now()),
      later: (ms, action) => this.#later(ms, action),
      cacheOfHost: (host) => this.#byHost.get(host)?.cache,
    };
    for (const server of servers) server.on('connection', (socket) => this.#accept(socket));
  }

  /** Starts to listen; caches are added afterwards, because their documents want to know the port. */
  static async start(options: CacheFarmOptions = {}): Promise<CacheFarm> {
    const first = await listenOn('0.0.0.0', options.port ?? 0);
    const servers = [first];
    if (options.ipv6 === true) {
      try {
        servers.push(await listenOn('::1', portOf(first)));
      } catch (error) {
        await closeServer(first);
        throw error;
      }
    }
    return new CacheFarm(servers, options.now ?? (() => performance.now()), options.address ?? null);
  }

  /** Adds a cache and tells its port: the shared one unless it has its own. */
  async add(description: CacheDescription, options: AddOptions = {}): Promise<number> {
    if (this.#closing !== null) throw new Error('the cache farm is closed');
    if (this.#residents.has(description.name)) throw new Error(`cache ${description.name} is there already`);
    const startBytes = options.startBytes ?? 143_283_576_747_316n;
    const cache = new SimulatedCache(description, options.state ?? {}, startBytes, this.#context.now());
    const server = options.ownPort === true ? await listenOn(description.address, 0) : null;
    const ownPort = server === null ? null : portOf(server);
    const resident: Resident = { cache, sockets: new Set(), ownPort, server, settled: Promise.resolve() };
    server?.on('connection', (socket) => this.#welcome(socket, resident));
    this.#residents.set(description.name, resident);
    this.#byAddress.set(description.address, resident);
    this.#byHost.set(description.fqdn.toLowerCase(), resident);
    return ownPort ?? this.port;
  }

  /** The cache of this name. Read it; change it by `update`. */
  cache(name: CacheName): SimulatedCache {
    return this.#resident(name).cache;
  }

  /** All caches, in the order in which they were added. */
  caches(): SimulatedCache[] {
    return [...this.#residents.values()].map((resident) => resident.cache);
  }

  /** Changes the state of a cache; resolves when a port that had to open or close has done so. */
  async update(name: CacheName, patch: Partial<CacheState>): Promise<void> {
    const resident = this.#resident(name);
    resident.cache.update(patch, this.#context.now());
    if (resident.ownPort === null) {
      // The next best thing to refusing: nobody keeps a connection from before.
      if (patch.behaviour?.kind === 'refused')
        for (const socket of resident.sockets) socket.resetAndDestroy();
      return;
    }
    resident.settled = resident.settled.then(() => this.#openOrClose(resident));
    await resident.settled;
  }

  /** Takes a cache away; its connections end. */
  async remove(name: CacheName): Promise<void> {
    const resident = this.#resident(name);
    this.#residents.delete(name);
    const { address, fqdn } = resident.cache.description;
    if (this.#byAddress.get(address) === resident) this.#byAddress.delete(address);
    this.#byHost.delete(fqdn.toLowerCase());
    for (const socket of resident.sockets) socket.destroy();
    await resident.settled;
    if (resident.server !== null) await closeServer(resident.server);
  }

  /** Polls that all caches were asked for so far. */
  get polls(): number {
    let polls = 0;
    for (const { cache } of this.#residents.values()) polls += cache.healthPolls + cache.fullPolls;
    return polls;
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Ends everything at once; may be called again. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    for (const socket of this.#sockets) socket.destroy();
    const residents = [...this.#residents.values()];
    await Promise.all(residents.map((resident) => resident.settled));
    const own = residents.map((resident) => resident.server).filter((server) => server !== null);
    // A connection may have come in while ports were closing.
    const closed = [...this.#servers, ...own].map((server) => closeServer(server));
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
  }

  #accept(socket: Socket): void {
    // The shared socket listens on every address of the machine, but this is for nobody else.
    const address = socket.localAddress ?? '';
    const isShared = address === '127.0.0.1' || address === this.#shared;
    if (!isShared && !address.startsWith('127.') && address !== '::1') {
      socket.destroy();
      return;
    }
    const resident = isShared ? undefined : this.#byAddress.get(address);
    this.#welcome(socket, resident);
  }

  #welcome(socket: Socket, resident: Resident | undefined): void {
    const sockets = resident?.sockets;
    this.#sockets.add(socket);
    sockets?.add(socket);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      sockets?.delete(socket);
    });
    // Whoever polls may hang up at any time.
    socket.on('error', () => {});
    if (this.#closing !== null) socket.destroy();
    else if (resident?.cache.state.behaviour.kind === 'refused') socket.resetAndDestroy();
    else new CacheConnection(socket, resident?.cache, this.#context);
  }

  async #openOrClose(resident: Resident): Promise<void> {
    const open = resident.cache.state.behaviour.kind !== 'refused' && this.#closing === null;
    if (open && resident.server === null && resident.ownPort !== null) {
      resident.server = await listenOn(resident.cache.description.address, resident.ownPort);
      resident.server.on('connection', (socket) => this.#welcome(socket, resident));
    } else if (!open && resident.server !== null) {
      const { server } = resident;
      resident.server = null;
      const closed = closeServer(server);
      for (const socket of resident.sockets) socket.resetAndDestroy();
      await closed;
    }
  }

  #resident(name: CacheName): Resident {
    const resident = this.#residents.get(name);
    if (resident === undefined) throw new Error(`no cache is called ${name}`);
    return resident;
  }

  #later(ms: number, action: () => void): void {
    if (this.#closing !== null) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, ms);
    this.#timers.add(timer);
  }
}
