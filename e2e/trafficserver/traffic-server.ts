import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const program = '/usr/bin/traffic_server';
const modules = '/usr/lib/trafficserver/modules';
const defaultConfig = '/etc/trafficserver';
const plugins = ['system_stats.so', 'stats_over_http.so', 'remap_stats.so'] as const;

const startLimitMs = 30_000;
const stopLimitMs = 10_000;
const lookEveryMs = 100;

/** What is not installed of what these tests need; null when all is. */
export function missingParts(): string | null {
  const files = [program, defaultConfig, ...plugins.map((plugin) => path.join(modules, plugin))];
  const missing = files.filter((file) => !fs.existsSync(file));
  if (missing.length === 0) return null;
  return `needs Debian's trafficserver and trafficserver-experimental-plugins; not here: ${missing.join(', ')}`;
}

/** A real Apache Traffic Server on loopback, with a run root of its own; it never outlives this process. */
export class TrafficServer {
  readonly port: number;
  readonly #root: string;
  readonly #killOnExit = (): void => {
    this.#child?.kill('SIGKILL');
  };
  #child: ChildProcess | null = null;

  /** `port` has to be free; requests for the host `remapped` go to an origin that nobody serves. */
  constructor(port: number, remapped: string) {
    this.port = port;
    this.#root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'tm-trafficserver-')));
    for (const name of ['run', 'log', 'cache']) fs.mkdirSync(path.join(this.#root, name));
    fs.cpSync(defaultConfig, path.join(this.#root, 'etc'), { recursive: true });
    this.#configure(remapped);
    // Started as root, it becomes the user that Debian's package made for it.
    if (isRoot()) execFileSync('chown', ['-R', 'trafficserver', this.#root]);
    process.on('exit', this.#killOnExit);
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it and waits until it answers. */
  async start(): Promise<void> {
    const log = fs.openSync(path.join(this.#root, 'output.log'), 'a');
    const runRoot = path.join(this.#root, 'runroot.yaml');
    const child = spawn(program, [`--run-root=${runRoot}`], { stdio: ['ignore', log, log] });
    fs.closeSync(log);
    this.#child = child;
    const end = performance.now() + startLimitMs;
    while (!(await this.#answers())) {
      if (hasEnded(child) || performance.now() > end) {
        throw new Error(`traffic_server did not start:\n${this.#lastWords()}`);
      }
      await sleep(lookEveryMs);
    }
  }

  /** Stops it and waits until it is gone; harmless when it does not run. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || hasEnded(child)) return;
    const { promise: gone, resolve } = Promise.withResolvers<void>();
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
    await gone;
    clearTimeout(timer);
  }

  /** Stops it for good and removes its files. */
  async destroy(): Promise<void> {
    await this.stop();
    process.off('exit', this.#killOnExit);
    fs.rmSync(this.#root, { recursive: true, force: true });
  }

  #configure(remapped: string): void {
    const write = (name: string, lines: readonly string[]): void =>
      fs.writeFileSync(path.join(this.#root, name), `${lines.join('\n')}\n`);
    const at = (name: string): string => path.join(this.#root, name);
    write('runroot.yaml', [
      `prefix: ${this.#root}`,
      `exec_prefix: ${this.#root}`,
      'bindir: /usr/bin',
      'sbindir: /usr/bin',
      `sysconfdir: ${at('etc')}`,
      `datadir: ${at('cache')}`,
      'includedir: /usr/include',
      'libdir: /usr/lib/trafficserver',
      `libexecdir: ${modules}`,
      `localstatedir: ${at('run')}`,
      `runtimedir: ${at('run')}`,
      `logdir: ${at('log')}`,
      `cachedir: ${at('cache')}`,
    ]);
    write('etc/plugin.config', ['system_stats.so', 'stats_over_http.so _stats', 'remap_stats.so']);
    write('etc/remap.config', [`map http://${remapped}/ http://127.0.0.1:1/`]);
    write('etc/storage.config', [`${at('cache')} 32M`]);
    fs.appendFileSync(
      at('etc/records.config'),
      [
        '',
        `CONFIG proxy.config.http.server_ports STRING ${this.port}:ip-in=127.0.0.1`,
        `CONFIG proxy.config.admin.user_id STRING ${isRoot() ? 'trafficserver' : '#-1'}`,
        // A helper process that waits for a crash, and would be left over after one.
        'CONFIG proxy.config.crash_log_helper STRING NULL',
        'CONFIG proxy.config.exec_thread.autoconfig INT 0',
        'CONFIG proxy.config.exec_thread.limit INT 1',
        '',
      ].join('\n'),
    );
  }

  async #answers(): Promise<boolean> {
    try {
      const response = await fetch(`${this.origin}/_stats`);
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return false;
    }
  }

  #lastWords(): string {
    const logs = ['output.log', 'log/diags.log'].map((name) => path.join(this.#root, name));
    const texts = logs.filter((file) => fs.existsSync(file)).map((file) => fs.readFileSync(file, 'utf8'));
    return texts.join('').trim().split('\n').slice(-20).join('\n');
  }
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
