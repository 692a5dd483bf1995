import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

export const clusterLock = 'cluster';
/** Ends a cluster of our own. */
const ownGuard = path.join(import.meta.dirname, 'guard.ts');

export type OwnerMessage = 'keep';
export type GuardMessage = 'yours';

/** What makes this program the only one that has the cluster, and cleans up after it; see `guard.ts`, and `found/guard.ts`. */
export class Guarding {
  readonly #guard: ChildProcess;

  private constructor(guard: ChildProcess) {
    this.#guard = guard;
  }

  /** Waits until the guard takes up its work: until no other program has a cluster of our own. */
  static async begin(
    program = ownGuard,
    args: readonly string[] = [],
    environment = process.env,
  ): Promise<Guarding> {
    const guard = spawn(process.execPath, [program, ...args], {
      // What waits for this program's output waits for the end of the clean-up as well.
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      detached: true,
      env: environment,
    });
    const [answer] = (await Promise.race([once(guard, 'message'), once(guard, 'exit')])) as [unknown];
    if (answer !== ('yours' satisfies GuardMessage))
      throw new Error('the guard of the cluster ended; its words are above');
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
    if (this.#guard.exitCode !== 0)
      throw new Error('its guard could not remove all of the cluster; its words are above');
  }

  async #end(): Promise<void> {
    if (this.#guard.exitCode !== null) return;
    this.#guard.ref();
    const ended = once(this.#guard, 'exit');
    this.#guard.disconnect();
    await ended;
  }
}
