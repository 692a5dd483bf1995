import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

export const clusterLock = 'cluster';
export const releaseWord = 'release';

/** Lets a guard wait beside this program; see `guard.ts`. */
export class Guarding {
  readonly #guard = spawn(process.execPath, [path.join(import.meta.dirname, 'guard.ts')], {
    // What waits for this program's output waits for the end of the clean-up as well.
    stdio: ['pipe', 'inherit', 'inherit'],
    detached: true,
  });

  constructor() {
    this.#guard.unref();
  }

  /** The cluster is no longer this program's business. */
  async release(): Promise<void> {
    if (this.#guard.exitCode !== null) return;
    this.#guard.ref();
    const ended = once(this.#guard, 'exit');
    this.#guard.stdin?.end(releaseWord);
    await ended;
  }
}
