import { type ChildProcess, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { MonitorFiles } from './monitor-files.ts';

const keptLines = 40;
const patienceMs = 5000;

/** A Traffic Monitor as a child process that never outlives this one. */
export class MonitorProcess {
  /** Resolves when it has ended, with how it did. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  #lines: string[] = [];
  #running = true;

  /** Starts `main`, a TypeScript file, with this program's own Node. */
  constructor(main: string, files: MonitorFiles) {
    const guard = pathToFileURL(join(import.meta.dirname, 'end-with-parent.ts')).href;
    this.#child = spawn(
      process.execPath,
      ['--import', guard, main, '--opsCfg', files.opsCfg, '--config', files.config],
      {
        cwd: dirname(import.meta.dirname),
        // In a group of its own, Ctrl-C reaches only the demo, which then ends the monitor in good order.
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      },
    );
    this.#child.stdout?.on('data', (chunk: Buffer) => this.#keep(chunk));
    this.#child.stderr?.on('data', (chunk: Buffer) => this.#keep(chunk));
    this.ended = new Promise((resolve) => {
      this.#child.once('error', (error) => this.#end(`could not be started: ${error.message}`, resolve));
      this.#child.once('close', (code, signal) => {
        this.#end(signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`, resolve);
      });
    });
  }

  get running(): boolean {
    return this.#running;
  }

  /** What it printed last. */
  get lastOutput(): string {
    return this.#lines.join('\n').trim();
  }

  /** Asks it to end, and insists if it does not. May be called again. */
  async stop(): Promise<void> {
    if (!this.#running) return;
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(), patienceMs);
    await this.ended;
    clearTimeout(timer);
  }

  /** Ends it without asking; works while this process is exiting. */
  kill(): void {
    if (this.#running) this.#child.kill('SIGKILL');
  }

  #end(how: string, resolve: (how: string) => void): void {
    this.#running = false;
    resolve(how);
  }

  #keep(chunk: Buffer): void {
    const [first = '', ...rest] = chunk.toString().split('\n');
    const last = this.#lines.pop() ?? '';
    this.#lines.push(last + first, ...rest);
    this.#lines = this.#lines.slice(-keptLines);
  }
}
