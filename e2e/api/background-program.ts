import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const keptBytes = 3000;
const lookEveryMs = 5;

/** A program that runs beside the test, writes to a log file, and never outlives this process. */
export class BackgroundProgram {
  readonly name: string;
  readonly #command: string;
  readonly #args: readonly string[];
  readonly #log: string;
  readonly #killOnExit = (): void => this.kill();
  #child: ChildProcess | null = null;
  #ended: Promise<void> = Promise.resolve();

  constructor(name: string, command: string, args: readonly string[], logFolder: string) {
    this.name = name;
    this.#command = command;
    this.#args = args;
    this.#log = path.join(logFolder, `${name}.log`);
  }

  /** Of the program itself, as what starts it becomes it. @throws Error if it does not run */
  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error(`${this.name} does not run`);
    return pid;
  }

  get running(): boolean {
    return this.#child !== null;
  }

  /** Starts it, once more after it has ended. */
  start(): void {
    if (this.#child !== null) throw new Error(`${this.name} runs already`);
    const log = fs.openSync(this.#log, 'a');
    const [command, ...args] = [...dyingWithParent(), this.#command, ...this.#args];
    // In a group of its own, Ctrl-C reaches only the test, which then ends it in good order.
    const child = spawn(command ?? '', args, { stdio: ['ignore', log, log], detached: true });
    fs.closeSync(log);
    this.#child = child;
    process.on('exit', this.#killOnExit);
    this.#ended = new Promise((resolve) => {
      const end = (): void => {
        this.#child = null;
        process.off('exit', this.#killOnExit);
        resolve();
      };
      child.once('error', (error) => {
        fs.appendFileSync(this.#log, `could not be started: ${error.message}\n`);
        end();
      });
      child.once('exit', end);
    });
  }

  /** Asks it to end, and ends it when it has not after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.resume();
    this.#child?.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(), graceMs);
    await this.#ended;
    clearTimeout(timer);
  }

  /** Ends it at once; works while this process is exiting. */
  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  /** Makes it stand still: connections stay, and nothing answers. Returns when its last thread stands. */
  async pause(): Promise<void> {
    this.#child?.kill('SIGSTOP');
    while (this.running && !areStopped(this.pid)) await sleep(lookEveryMs);
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  /** The end of its log. */
  get lastWords(): string {
    return fs.existsSync(this.#log) ? fs.readFileSync(this.#log, 'utf8').slice(-keptBytes) : '';
  }
}

let guard: readonly string[] | null = null;

/** What starts a program so that the kernel ends it with this process, however that dies. */
function dyingWithParent(): readonly string[] {
  if (guard === null) {
    const line = ['setpriv', '--pdeathsig', 'KILL'];
    guard = spawnSync('setpriv', ['--pdeathsig', 'KILL', 'true']).status === 0 ? line : [];
  }
  return guard;
}

/** Whether all threads of a process have been stopped. Where nothing tells of threads, it is taken for so. */
function areStopped(pid: number): boolean {
  const folder = `/proc/${pid}/task`;
  if (!fs.existsSync(folder)) return true;
  return fs.readdirSync(folder).every((thread) => {
    try {
      return /^State:\s*[Tt]/m.test(fs.readFileSync(path.join(folder, thread, 'status'), 'utf8'));
    } catch {
      // It has just ended, so it was not stopped.
      return false;
    }
  });
}
