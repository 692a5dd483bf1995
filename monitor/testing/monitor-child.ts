import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { SimulatedCdn } from '../../sim/simulated-cdn.ts';
import { type Answer, ask } from './asking.ts';
import { freePort } from './servers.ts';
import { until } from './waiting.ts';

const MAIN = join(import.meta.dirname, '..', 'main.ts');
const GUARD = pathToFileURL(join(import.meta.dirname, '..', '..', 'sim', 'end-with-parent.ts')).href;

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
}

/** The real program as a child process, which ends with the test at the latest. */
export class MonitorChild {
  stdout = '';
  stderr = '';
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  #end: Ended | null = null;

  constructor(t: TestContext, args: readonly string[]) {
    this.#child = spawn(process.execPath, ['--import', GUARD, MAIN, ...args], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString();
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        this.#end = { code, signal };
        resolve(this.#end);
      });
    });
    t.after(async () => {
      this.signal('SIGKILL');
      await this.ended;
    });
  }

  get running(): boolean {
    return this.#end === null;
  }

  signal(name: NodeJS.Signals): void {
    if (this.running) this.#child.kill(name);
  }

  /** Resident memory in MiB; null where the system does not tell. */
  get residentMib(): number | null {
    try {
      const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
    } catch {
      return null;
    }
  }
}

type Json = Readonly<Record<string, unknown>>;

/** Both config files in a folder that goes with the test. Ports: `httpListener` is on a free one. */
export class MonitorFolder {
  readonly path: string;
  readonly port: number;
  readonly opsCfg: string;
  readonly config: string;
  #ops: Json;
  #monitor: Json;

  private constructor(t: TestContext, port: number, cdn: SimulatedCdn | null) {
    this.path = mkdtempSync(join(tmpdir(), 'monitor-'));
    t.after(() => rmSync(this.path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
    this.port = port;
    this.opsCfg = join(this.path, 'traffic_ops.cfg');
    this.config = join(this.path, 'traffic_monitor.cfg');
    this.#ops = {
      username: cdn?.trafficOps.username ?? 'nobody',
      password: cdn?.trafficOps.password ?? 'nothing',
      url: cdn?.trafficOps.url ?? 'http://127.0.0.1:9',
      httpListener: `127.0.0.1:${port}`,
    };
    this.#monitor = {
      short_hostname_override: 'tm-01',
      cache_polling_protocol: 'ipv4only',
      stat_polling: false,
      monitor_config_polling_interval_ms: 500,
      traffic_ops_max_retry_interval_ms: 500,
      health_flush_interval_ms: 20,
      drain_ms: 0,
      crconfig_backup_file: join(this.path, 'crconfig.backup'),
      tmconfig_backup_file: join(this.path, 'tmconfig.backup'),
      log_location_event: 'null',
      log_location_warning: 'null',
    };
    this.write();
  }

  static async create(t: TestContext, cdn: SimulatedCdn | null): Promise<MonitorFolder> {
    return new MonitorFolder(t, await freePort(), cdn);
  }

  /** Writes both files with these changes, which stay for later writes. */
  write({ ops = {}, monitor = {} }: { ops?: Json; monitor?: Json } = {}): void {
    this.#ops = { ...this.#ops, ...ops };
    this.#monitor = { ...this.#monitor, ...monitor };
    mkdirSync(this.path, { recursive: true });
    writeFileSync(this.opsCfg, JSON.stringify(this.#ops));
    writeFileSync(this.config, JSON.stringify(this.#monitor));
  }

  start(t: TestContext): MonitorChild {
    return new MonitorChild(t, ['--opsCfg', this.opsCfg, '--config', this.config]);
  }

  get(path: string): Promise<Answer> {
    return ask({ port: this.port, path, timeoutMs: 3000 });
  }

  /** Status of a route; 0: nobody listens. */
  async statusOf(path: string): Promise<number> {
    try {
      return (await this.get(path)).status;
    } catch {
      return 0;
    }
  }

  async untilOpen(child: MonitorChild): Promise<void> {
    const isOpen = async (): Promise<boolean> => (await this.statusOf('/publish/CrStates')) === 200;
    try {
      await until('CrStates is served', isOpen, 60_000);
    } catch (error) {
      throw new Error(`the monitor does not serve: ${child.stdout}${child.stderr}`, { cause: error });
    }
  }

  async states(): Promise<Readonly<Record<string, PublishedState>>> {
    const { status, text } = await this.get('/publish/CrStates');
    if (status !== 200) throw new Error(`CrStates is answered with ${status}`);
    const document: { caches: Record<string, PublishedState> } = JSON.parse(text);
    return document.caches;
  }
}

export interface PublishedState {
  readonly isAvailable: boolean;
  readonly status: string;
}
