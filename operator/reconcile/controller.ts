import { type Clock, monotonicClock } from '../../common/clock.ts';
import type { Log } from '../../common/log.ts';
import { messageOf } from '../../common/message-of.ts';
import type { WorkQueue } from './work-queue.ts';

/** What is to become of a key whose work went well. */
export interface Outcome {
  /** Look again after that many ms, even if nothing changes. */
  readonly lookAgainMs?: number;
}

/**
 * Makes the world as the object that the key names wants it. Level-triggered: it is told which object, not what
 * happened; it reads, compares and writes the difference, so it may run at any time, any number of times.
 *
 * @param signal aborted when it takes too long, or the process stops
 * @throws TerminalError if trying again is of no use until something changes; any other error means: try again
 */
export type Reconcile = (key: string, signal: AbortSignal) => Promise<Outcome>;

/** Told and counted, but not retried before the object changes. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
}

export type ReconcileResult = 'success' | 'requeue_after' | 'error';

/** For metrics. */
export interface ControllerObserver {
  started(): void;
  ended(result: ReconcileResult, durationMs: number): void;
  failed(failure: 'retried' | 'terminal' | 'timeout' | 'fault'): void;
}

export interface ControllerOptions {
  readonly name: string;
  readonly queue: WorkQueue;
  readonly reconcile: Reconcile;
  /** How many keys are worked on at once. */
  readonly workers: number;
  /** After that long the signal is aborted, which counts as a failure. */
  readonly timeoutMs: number;
  /** The log for messages about one object. */
  readonly logOf: (key: string) => Log;
  readonly clock?: Clock;
  readonly observer?: ControllerObserver;
}

/** Takes keys from a queue and reconciles them, whatever happens to each. */
export class Controller {
  readonly #options: ControllerOptions;
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  #workers: Promise<void>[] = [];

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? monotonicClock;
  }

  start(): void {
    if (this.#workers.length > 0) throw new Error(`controller ${this.#options.name}: started twice`);
    this.#workers = Array.from({ length: this.#options.workers }, () => this.#work());
  }

  /** Ends when no work is under way any more; what is under way gets its signal aborted. */
  async stop(): Promise<void> {
    this.#options.queue.stop();
    this.#stop.abort();
    await Promise.all(this.#workers);
  }

  async #work(): Promise<void> {
    const { queue } = this.#options;
    for (let key = await queue.take(); key !== null; key = await queue.take()) {
      await this.#one(key);
      queue.done(key);
    }
  }

  async #one(key: string): Promise<void> {
    const { queue, observer } = this.#options;
    const startMs = this.#clock.now();
    observer?.started();
    let result: ReconcileResult;
    try {
      const { lookAgainMs } = await this.#reconcile(key);
      queue.forget(key);
      if (lookAgainMs !== undefined) queue.addAfter(key, lookAgainMs);
      result = lookAgainMs === undefined ? 'success' : 'requeue_after';
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#fail(key, error);
      result = 'error';
    }
    observer?.ended(result, this.#clock.now() - startMs);
  }

  async #reconcile(key: string): Promise<Outcome> {
    const { reconcile, timeoutMs, observer } = this.#options;
    const ended = new AbortController();
    const given = new AbortController();
    const stop = () => given.abort();
    this.#stop.signal.addEventListener('abort', stop);
    if (this.#stop.signal.aborted) stop();
    void this.#clock.sleep(timeoutMs, ended.signal).then(() => {
      if (ended.signal.aborted) return;
      observer?.failed('timeout');
      given.abort(new Error(`not done within ${timeoutMs} ms`));
    });
    try {
      return await reconcile(key, given.signal);
    } catch (error) {
      // Why it was given up says more than where.
      throw given.signal.reason instanceof Error && given.signal.reason.name !== 'AbortError'
        ? given.signal.reason
        : error;
    } finally {
      ended.abort();
      this.#stop.signal.removeEventListener('abort', stop);
    }
  }

  #fail(key: string, error: unknown): void {
    const { queue, logOf, observer } = this.#options;
    if (error instanceof TerminalError) {
      observer?.failed('terminal');
      queue.forget(key);
      logOf(key).error(
        `not reconciled: ${error.message}; what is in force stays, tried again when it changes`,
      );
      return;
    }
    observer?.failed(isFault(error) ? 'fault' : 'retried');
    const pauseMs = queue.retry(key);
    const tries = queue.failuresOf(key);
    logOf(key).error(
      `not reconciled: ${isFault(error) ? `a fault of this program: ${error.stack}` : messageOf(error)}; what is in force stays, failure ${tries} in a row, next try in ${pauseMs} ms`,
    );
  }
}

/** What only a mistake in the program throws. */
const isFault = (error: unknown): error is Error =>
  error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;
