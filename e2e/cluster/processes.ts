import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process, told apart from a later one with the same number by its start. */
interface Identity {
  readonly pid: number;
  /** In clock ticks since the machine started. */
  readonly started: string;
}

const lookEveryMs = 20;
const killLimitMs = 10_000;

/** The processes of the cluster, by name, in a file, so that another program can stop what this one started. */
export class Processes {
  readonly #file: string;
  readonly #known: Map<string, Identity>;

  constructor(file: string) {
    this.#file = file;
    const text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '{}';
    this.#known = new Map(Object.entries(JSON.parse(text) as Record<string, Identity>));
  }

  record(name: string, pid: number): void {
    const stat = readStat(pid);
    if (stat === null) return;
    this.#known.set(name, { pid, started: stat.started });
    fs.writeFileSync(this.#file, JSON.stringify(Object.fromEntries(this.#known), null, 2));
  }

  isRunning(name: string): boolean {
    return this.#pidOf(name) !== null;
  }

  /**
   * The process that a recorded one waits for: entering a namespace of processes takes a fork, and signals go to
   * the child. Null when there is none.
   */
  childOf(name: string): number | null {
    const pid = this.#pidOf(name);
    if (pid === null) return null;
    const children = readText(`/proc/${pid}/task/${pid}/children`)?.trim().split(' ')[0] ?? '';
    return children === '' ? null : Number(children);
  }

  /** Waits for its end, and ends it when it has not come after `graceMs`. */
  async end(name: string, graceMs: number): Promise<void> {
    if (await this.#ended(name, graceMs)) return;
    const victims = [this.childOf(name), this.#pidOf(name)];
    for (const pid of victims) if (pid !== null) kill(pid);
    if (!(await this.#ended(name, killLimitMs))) throw new Error(`${name} cannot be killed`);
  }

  async #ended(name: string, withinMs: number): Promise<boolean> {
    const end = performance.now() + withinMs;
    while (this.isRunning(name)) {
      if (performance.now() >= end) return false;
      await sleep(lookEveryMs);
    }
    return true;
  }

  #pidOf(name: string): number | null {
    const known = this.#known.get(name);
    if (known === undefined) return null;
    const stat = readStat(known.pid);
    // A zombie has ended; its parent has not looked yet.
    return stat !== null && stat.started === known.started && stat.state !== 'Z' ? known.pid : null;
  }
}

/** Ends a process at once; harmless if it is gone. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone.
  }
}

function readStat(pid: number): { readonly state: string; readonly started: string } | null {
  const text = readText(`/proc/${pid}/stat`);
  if (text === null) return null;
  // The name of the program, in brackets, may hold blanks.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', started: fields[19] ?? '' };
}

function readText(file: string): string | null {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
