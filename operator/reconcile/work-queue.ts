import { type Clock, monotonicClock } from '../../common/clock.ts';

export interface WorkQueueOptions {
  /** Of the first retry of a key; each further one waits twice as long. 5 ms by default, as in client-go. */
  readonly retryFirstMs?: number;
  /** Longest pause between two tries of a key: 5 minutes by default. */
  readonly retryMaxMs?: number;
  readonly clock?: Clock;
  readonly observer?: WorkQueueObserver;
}

/** For metrics; all durations in ms. */
export interface WorkQueueObserver {
  added(): void;
  retried(): void;
  /** @param waitedMs since the key was added */
  taken(waitedMs: number): void;
  done(workedMs: number): void;
}

/**
 * Keys that want work: each stands in the queue once, however often it is added, and is never worked on twice at the
 * same time. What is added while it is worked on comes again afterwards, so no change is missed.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #clock: Clock;
  /** Key → when it was added; in the order of their turns. Those that were asked for first come before all others. */
  readonly #first = new Map<string, number>();
  readonly #waiting = new Map<string, number>();
  /** Key → when the work on it began. */
  readonly #working = new Map<string, number>();
  /** Added while it was worked on → when, and where it will wait. */
  readonly #again = new Map<string, { readonly addedMs: number; readonly line: Map<string, number> }>();
  readonly #delayed = new Map<string, { readonly dueMs: number; readonly cancel: AbortController }>();
  readonly #failures = new Map<string, number>();
  readonly #takers: ((key: string | null) => void)[] = [];
  #isStopped = false;

  constructor(options: WorkQueueOptions = {}) {
    this.#options = options;
    this.#clock = options.clock ?? monotonicClock;
  }

  /** Keys whose turn will come without waiting for a time. */
  get depth(): number {
    return this.#first.size + this.#waiting.size + this.#again.size;
  }

  /** For how long, in ms, each key that is worked on has been so. */
  get workingMs(): number[] {
    return [...this.#working.values()].map((sinceMs) => this.#clock.now() - sinceMs);
  }

  add(key: string): void {
    if (!this.#first.has(key) && !this.#waiting.has(key) && !this.#again.has(key))
      this.#add(key, this.#waiting);
  }

  /** Adds a key before all that were added otherwise, also if it waits already. */
  addFirst(key: string): void {
    const addedMs = this.#waiting.get(key) ?? this.#again.get(key)?.addedMs;
    this.#waiting.delete(key);
    if (!this.#first.has(key)) this.#add(key, this.#first, addedMs);
  }

  #add(key: string, line: Map<string, number>, addedMs?: number): void {
    if (this.#isStopped) return;
    if (addedMs === undefined) this.#options.observer?.added();
    const sinceMs = addedMs ?? this.#clock.now();
    if (this.#working.has(key)) {
      this.#again.set(key, { addedMs: sinceMs, line });
      return;
    }
    line.set(key, sinceMs);
    this.#serve();
  }

  /** Adds a key later. Of several times for one key the earliest counts. */
  addAfter(key: string, ms: number): void {
    if (this.#isStopped) return;
    if (ms <= 0) {
      this.add(key);
      return;
    }
    const dueMs = this.#clock.now() + ms;
    const planned = this.#delayed.get(key);
    if (planned !== undefined && planned.dueMs <= dueMs) return;
    planned?.cancel.abort();
    const cancel = new AbortController();
    this.#delayed.set(key, { dueMs, cancel });
    void this.#clock.sleep(ms, cancel.signal).then(() => {
      if (cancel.signal.aborted) return;
      this.#delayed.delete(key);
      this.add(key);
    });
  }

  /** Adds a key whose work failed, later with each failure. Returns how much later, in ms. */
  retry(key: string): number {
    const { retryFirstMs = 5, retryMaxMs = 300_000 } = this.#options;
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    const pauseMs = Math.min(retryMaxMs, retryFirstMs * 2 ** Math.min(failures, 40));
    this.#options.observer?.retried();
    this.addAfter(key, pauseMs);
    return pauseMs;
  }

  /** The work on a key succeeded: its next failure is its first. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** How often in a row the work on a key has failed. */
  failuresOf(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** The next key, which is then worked on until `done`. null: the queue is stopped. */
  take(): Promise<string | null> {
    return new Promise((resolve) => {
      if (this.#isStopped) return resolve(null);
      this.#takers.push(resolve);
      this.#serve();
    });
  }

  done(key: string): void {
    const sinceMs = this.#working.get(key);
    if (sinceMs === undefined) return;
    this.#working.delete(key);
    this.#options.observer?.done(this.#clock.now() - sinceMs);
    const again = this.#again.get(key);
    if (again === undefined || this.#isStopped) return;
    this.#again.delete(key);
    again.line.set(key, again.addedMs);
    this.#serve();
  }

  /** Forgets what waits; work under way goes on. */
  stop(): void {
    this.#isStopped = true;
    this.#first.clear();
    this.#waiting.clear();
    this.#again.clear();
    for (const { cancel } of this.#delayed.values()) cancel.abort();
    this.#delayed.clear();
    for (const taker of this.#takers.splice(0)) taker(null);
  }

  #serve(): void {
    while (this.#takers.length > 0) {
      const line = this.#first.size > 0 ? this.#first : this.#waiting;
      const [next] = line;
      if (next === undefined) return;
      const [key, addedMs] = next;
      line.delete(key);
      const nowMs = this.#clock.now();
      this.#working.set(key, nowMs);
      this.#options.observer?.taken(nowMs - addedMs);
      this.#takers.shift()?.(key);
    }
  }
}
