import { setMaxListeners } from 'node:events';
import fs from 'node:fs';
import http, { type IncomingHttpHeaders } from 'node:http';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { Actor, type ActorSpec } from './actor.ts';
import type { RunContext } from './canonical.ts';
import { isObject, type Json, type JsonObject, mapValues } from './json.ts';
import { type MonitorFiles, writeMonitorFiles } from './monitor-files.ts';
import { killMonitors, MonitorProcess } from './monitor-process.ts';
import { releasePort, takePort } from './ports.ts';
import { type MonitorRequest, readScenario, type Scenario } from './scenario.ts';
import { serverRecord, TrafficOps } from './traffic-ops.ts';

export interface WorldOptions {
  /** Words of the monitor's command; `{opsCfg}` and `{tmCfg}` stand for its configuration files. */
  readonly command: readonly string[];
  /** Keep the scratch directory. */
  readonly keep: boolean;
}

/** What the monitor answered, or why it did not. */
export type Reply =
  | { readonly failed: string }
  | {
      readonly failed?: never;
      readonly status: number;
      readonly headers: IncomingHttpHeaders;
      readonly body: Buffer;
    };

const requestTimeoutMs = 4000;
const loopback = ['127.0.0.1'] as const;

/** Scratch directories in use, for `abandonWorlds`. */
const scratch = new Set<string>();

/** Ends every monitor and removes every scratch directory at once; for the exit of this program. */
export function abandonWorlds(): void {
  killMonitors();
  for (const directory of scratch) fs.rmSync(directory, { recursive: true, force: true });
}

/** A made-up CDN on loopback with a monitor in it: one run of one scenario. */
export class World {
  readonly scenario: Scenario;
  readonly actors = new Map<string, Actor>();
  /** Aborted when the run is over or has taken too long. */
  readonly abort = new AbortController();
  readonly directory: string;
  readonly trafficOps: TrafficOps;
  readonly #options: WorldOptions;
  readonly #scenarioDirectory: string;
  /** Name → number. */
  readonly #ports: ReadonlyMap<string, number>;
  #files: MonitorFiles | null = null;
  #monitor: MonitorProcess | null = null;
  #output = '';

  private constructor(
    scenarioDirectory: string,
    scenario: Scenario,
    ports: ReadonlyMap<string, number>,
    options: WorldOptions,
  ) {
    this.scenario = scenario;
    this.#scenarioDirectory = scenarioDirectory;
    this.#options = options;
    this.#ports = ports;
    this.directory = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'tm-conformance-')));
    this.trafficOps = new TrafficOps(scenario.trafficOps, this.port('to'));
    if (!options.keep) scratch.add(this.directory);
    setMaxListeners(0, this.abort.signal);
  }

  /** Takes the ports that a scenario needs. Follow with `build`, and with `destroy` in any case. */
  static async create(scenarioDirectory: string, options: WorldOptions): Promise<World> {
    const scenario = readScenario(scenarioDirectory);
    const ports = new Map<string, number>();
    for (const [name, spec] of Object.entries({ ...scenario.caches, ...scenario.peers })) {
      ports.set(name, await takePort(spec.listen));
    }
    // Nothing listens on `nobody`, for scenarios that need such a port.
    const own = ['tm', 'to', 'nobody', ...(scenario.https ? ['tm-https'] : [])];
    for (const name of own) ports.set(name, await takePort(loopback));
    return new World(scenarioDirectory, scenario, ports, options);
  }

  /** Opens the caches, peers and Traffic Ops, and writes the monitor's files. */
  async build(): Promise<void> {
    const { scenario, trafficOps } = this;
    for (const [name, spec] of Object.entries({ ...scenario.caches, ...scenario.peers })) {
      const filled = this.fill(spec as Json) as ActorSpec;
      const actor = new Actor(name, filled, this.#scenarioDirectory, this.port(name));
      this.actors.set(name, actor);
      await actor.open();
    }
    const { cdn, servers } = scenario.trafficOps;
    const hostname = scenario.monitor?.hostname ?? 'tm-self';
    trafficOps.monitoring = this.fill(scenario.monitoring ?? null);
    trafficOps.snapshot = this.fill(scenario.snapshot ?? null);
    trafficOps.servers = (servers ?? [{ hostName: hostname, cdn }]).map((keys, index) =>
      serverRecord(this.#fillObject(keys), index, cdn),
    );
    await trafficOps.open();
    this.#files = await writeMonitorFiles({
      directory: this.directory,
      scenario,
      tmCfg: this.#fillObject(scenario.monitor?.tmCfg),
      opsCfg: this.#fillObject(scenario.monitor?.opsCfg),
      hostname,
      listenPort: this.port('tm'),
      trafficOps: { port: this.port('to'), user: trafficOps.user, password: trafficOps.password },
      backups: {
        crconfig: this.#backup(scenario.backups?.crconfig, trafficOps.snapshot),
        tmconfig: this.#backup(scenario.backups?.tmconfig, trafficOps.monitoring),
      },
    });
  }

  async destroy(): Promise<void> {
    this.abort.abort(new Error('the scenario is over'));
    await this.stopMonitor();
    await Promise.all([...this.actors.values()].map((actor) => actor.close()));
    await this.trafficOps.close();
    for (const port of this.#ports.values()) releasePort(port);
    if (this.#options.keep) {
      console.log(`    kept ${this.directory}`);
      return;
    }
    fs.rmSync(this.directory, { recursive: true, force: true });
    scratch.delete(this.directory);
  }

  get context(): RunContext {
    const ports = new Map([...this.#ports].map(([name, port]) => [port, name]));
    return { ports, dir: this.directory, actors: this.actors };
  }

  port(name: string): number {
    const port = this.#ports.get(name);
    if (port === undefined) throw new Error(`nothing here has a port called ${name}`);
    return port;
  }

  actor(name: string): Actor {
    const actor = this.actors.get(name);
    if (actor === undefined) throw new Error(`no cache or peer is called ${name}`);
    return actor;
  }

  /** Fills `{{port:NAME}}` and `{{dir}}` in the scenario's own documents. */
  fill(value: Json): Json {
    if (typeof value === 'string') {
      const whole = /^\{\{port:([\w.-]+)\}\}$/.exec(value)?.[1];
      return whole === undefined ? this.fillText(value) : this.port(whole);
    }
    if (Array.isArray(value)) return value.map((member) => this.fill(member));
    if (isObject(value)) return mapValues(value, (member) => this.fill(member));
    return value;
  }

  fillText(text: string): string {
    return text
      .replace(/\{\{port:([\w.-]+)\}\}/g, (_all, name: string) => String(this.port(name)))
      .replaceAll('{{dir}}', this.directory);
  }

  #fillObject(object: JsonObject | undefined): JsonObject {
    return mapValues(object ?? {}, (value) => this.fill(value));
  }

  #backup(spec: Json | undefined, current: Json): Json | undefined {
    if (spec === undefined || spec === false) return undefined;
    if (spec === true) return current;
    return typeof spec === 'string' ? spec : this.fill(spec);
  }

  startMonitor(): void {
    const { opsCfg = '', tmCfg = '' } = this.#files ?? {};
    const command = this.#options.command.map((word) =>
      word.replaceAll('{opsCfg}', opsCfg).replaceAll('{tmCfg}', tmCfg),
    );
    this.#monitor = new MonitorProcess(command, this.directory);
  }

  async stopMonitor(): Promise<void> {
    const monitor = this.#monitor;
    this.#monitor = null;
    await monitor?.stop();
    this.#output += monitor?.output ?? '';
  }

  /** The end of what the monitor wrote, once it has been stopped. */
  get output(): string {
    return this.#output;
  }

  /** Throws when the monitor has ended by itself. */
  checkAlive(): void {
    const end = this.#monitor?.end ?? null;
    if (end !== null) throw new Error(`the monitor ended early (${end})`);
  }

  /** Asks the monitor. */
  request({ route, method = 'GET', scheme, headers, body }: MonitorRequest): Promise<Reply> {
    const { promise, resolve } = Promise.withResolvers<Reply>();
    const fail = (error: NodeJS.ErrnoException): void => resolve({ failed: error.code ?? error.message });
    const filled = Object.entries(headers ?? {}).map(([name, value]) => [name, this.fillText(value)]);
    const options: https.RequestOptions = {
      host: '127.0.0.1',
      port: this.port(scheme === 'https' ? 'tm-https' : 'tm'),
      path: this.fillText(route),
      method,
      headers: {
        Connection: 'close',
        ...Object.fromEntries(filled),
        ...(body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) }),
      },
      agent: false,
      rejectUnauthorized: false,
      ...(scheme === 'https' ? { servername: 'localhost' } : {}),
    };
    const request = (scheme === 'https' ? https : http).request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () => {
        const { statusCode = 0 } = response;
        resolve({ status: statusCode, headers: response.headers, body: Buffer.concat(chunks) });
      });
    });
    request.setTimeout(requestTimeoutMs, () => {
      request.destroy(Object.assign(new Error('no answer in time'), { code: 'timeout' }));
    });
    request.on('error', fail);
    const stop = (): void => {
      request.destroy();
    };
    this.abort.signal.addEventListener('abort', stop, { once: true });
    request.on('close', () => this.abort.signal.removeEventListener('abort', stop));
    request.end(body);
    return promise;
  }
}
