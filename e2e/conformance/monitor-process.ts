import { type ChildProcess, spawn } from 'node:child_process';

const keptOutput = 60_000;
const termGraceMs = 700;
const killGraceMs = 3000;

/** Monitors that may be alive, for `killMonitors`. */
const running = new Set<ChildProcess>();

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
}

/** Ends every monitor at once; for the exit of this program, whatever its cause. */
export function killMonitors(): void {
  for (const child of running) signalGroup(child, 'SIGKILL');
}

/** The monitor under test, in a process group of its own. */
export class MonitorProcess {
  readonly #child: ChildProcess;
  #output = '';
  #end: string | null = null;

  constructor(command: readonly string[], directory: string) {
    const [program = '', ...args] = command;
    this.#child = spawn(program, args, { cwd: directory, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(this.#child);
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk).slice(-keptOutput);
    };
    this.#child.stdout?.on('data', keep);
    this.#child.stderr?.on('data', keep);
    this.#child.on('error', (error) => this.#ended(error.message));
    this.#child.on('exit', (code, signal) =>
      this.#ended(signal === null ? `exit status ${code}` : `signal ${signal}`),
    );
  }

  /** The end of what it wrote to stdout and stderr. */
  get output(): string {
    return this.#output;
  }

  /** How it ended; null while it runs. */
  get end(): string | null {
    return this.#end;
  }

  async stop(): Promise<void> {
    if (this.#end === null) {
      const { promise: gone, resolve } = Promise.withResolvers<void>();
      this.#child.once('exit', () => resolve());
      signalGroup(this.#child, 'SIGTERM');
      const kill = setTimeout(() => signalGroup(this.#child, 'SIGKILL'), termGraceMs);
      const giveUp = setTimeout(resolve, killGraceMs);
      await gone;
      clearTimeout(kill);
      clearTimeout(giveUp);
    }
    // Whatever the command left behind in its group.
    signalGroup(this.#child, 'SIGKILL');
    running.delete(this.#child);
  }

  #ended(how: string): void {
    this.#end ??= how;
    running.delete(this.#child);
  }
}
