import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from './host-command.ts';
import type { Processes } from './processes.ts';

const startLimitMs = 10_000;
const lookEveryMs = 20;

/**
 * What passes for a machine: network, processes and mounts of its own. Its first process holds it together: when
 * that is killed, the kernel ends every process and drops every mount of the machine, containers too.
 */
export class Machine {
  readonly name: string;
  readonly #folder: string;
  readonly #processes: Processes;

  /** `folder` has to be outside `/var/lib`, `/var/log` and `/run`, which the machine has for itself. */
  constructor(name: string, folder: string, processes: Processes) {
    this.name = name;
    this.#folder = folder;
    this.#processes = processes;
  }

  /** Starts its first process, in a network namespace that is there. */
  async boot(): Promise<void> {
    const logs = path.join(this.#folder, 'var-log');
    fs.mkdirSync(logs, { recursive: true });
    const ready = path.join(this.#folder, 'booted');
    const script = [
      'set -e',
      'hostname "$1"',
      // Containers may ask for mounts that are shared with the node's, which are private so far.
      'mount --make-rshared /',
      'mount --bind "$2" /var/log',
      // In memory, images are unpacked and thrown away in no time.
      'mount -t tmpfs -o mode=0755 tmpfs /var/lib',
      'mount -t tmpfs -o mode=0755 tmpfs /run',
      'touch "$3"',
      // Bash reaps what its children leave to it, as a first process has to.
      'while :; do sleep 3600; done',
    ].join('\n');
    this.#launch(this.name, this.#bootLog, [
      ...['nsenter', `--net=/var/run/netns/${this.name}`],
      ...['unshare', '--mount', '--uts', '--pid', '--fork', '--kill-child=SIGKILL', '--mount-proc'],
      ...['bash', '-c', script, 'bash', this.name, logs, ready],
    ]);
    const end = performance.now() + startLimitMs;
    while (!fs.existsSync(ready)) {
      if (performance.now() > end) throw new Error(`${this.name} did not boot:\n${readEnd(this.#bootLog)}`);
      await sleep(lookEveryMs);
    }
  }

  get #bootLog(): string {
    return path.join(this.#folder, 'boot.log');
  }

  /** Where a program of the machine writes. */
  logOf(program: string): string {
    return path.join(this.#folder, `${program}.log`);
  }

  /** Starts a program that stays. */
  start(program: string, command: string, args: readonly string[]): void {
    const log = this.logOf(program);
    const died = ['setpriv', '--pdeathsig', 'KILL'];
    this.#launch(`${this.name}/${program}`, log, ['nsenter', ...this.#inside(), ...died, command, ...args]);
  }

  /** Asks a program to end, and ends it when it has not after `graceMs`. */
  async stop(program: string, graceMs: number): Promise<void> {
    const key = `${this.name}/${program}`;
    const inner = this.#processes.childOf(key);
    if (inner !== null) {
      process.kill(inner, 'SIGCONT');
      process.kill(inner, 'SIGTERM');
    }
    await this.#processes.end(key, graceMs);
  }

  /** Sends a signal to a program: SIGSTOP makes it stand still. */
  signal(program: string, signal: NodeJS.Signals): void {
    const inner = this.#processes.childOf(`${this.name}/${program}`);
    if (inner === null) throw new Error(`${program} does not run on ${this.name}`);
    process.kill(inner, signal);
  }

  runs(program: string): boolean {
    return this.#processes.isRunning(`${this.name}/${program}`);
  }

  /** Runs a program to its end there, and gives what it printed. */
  execute(command: string, ...args: readonly string[]): Promise<string> {
    return run('nsenter', ...this.#inside(), command, ...args);
  }

  lastWords(program: string): string {
    return readEnd(this.logOf(program));
  }

  #inside(): readonly string[] {
    const first = this.#processes.childOf(this.name);
    if (first === null) throw new Error(`${this.name} is not running`);
    return [`--target=${first}`, '--net', '--mount', '--uts', '--pid'];
  }

  #launch(key: string, logFile: string, [command = '', ...args]: readonly string[]): void {
    const log = fs.openSync(logFile, 'a');
    // Sessions of their own: they outlive this process when they are to.
    const child = spawn(command, args, { stdio: ['ignore', log, log], detached: true });
    fs.closeSync(log);
    child.on('error', (error) => fs.appendFileSync(logFile, `could not be started: ${error.message}\n`));
    child.unref();
    if (child.pid !== undefined) this.#processes.record(key, child.pid);
  }
}

function readEnd(file: string): string {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8').slice(-3000) : '';
}
