import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

export const clusterLock = 'cluster';
export type OwnerMessage = 'keep';
export type GuardMessage = 'yours';

/** What makes this program the only one that has the cluster, and cleans up after it; see `guard.ts`. */
export class Guarding {
  readonly #guard: ChildProcess;

  private constructor(guard: ChildProcess) {
    this.#guard = guard;
  }

  /** Waits until no other program has a cluster. */
  static async begin(): Promise<Guarding> {
    const guard = spawn(process.execPath, [path.join(import.meta.dirname, 'guard.ts')], {
      // What waits for this program's output waits for the end of the clean-up as well.
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      detached: true,
    });
    const [answer] = (await Promise.race([once(guard, 'message'), once(guard, 'exit')])) as [unknown];
    if (answer !== ('yours' satisfies GuardMessage)) throw new Error('the guard of the cluster ended');
    // It must not keep this program from ending.
    guard.unref();
    guard.channel?.unref();
    return new Guarding(guard);
  }

  /** Lets the cluster stay without an owner. */
  async keep(): Promise<void> {
    this.#guard.send('keep' satisfies OwnerMessage);
    await this.#end();
  }

  /** Ends the cluster and leaves nothing. Throws when something could not be removed; its words are on stderr. */
  async cleanUp(): Promise<void> {
    await this.#end();
    if (this.#guard.exitCode !== 0) throw new Error('the cluster could not be removed');
  }

  async #end(): Promise<void> {
    if (this.#guard.exitCode !== null) return;
    this.#guard.ref();
    const ended = once(this.#guard, 'exit');
    this.#guard.disconnect();
    await ended;
  }
}
