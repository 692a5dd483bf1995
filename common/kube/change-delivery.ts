import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { messageOf } from '../message-of.ts';
import type { Backoff } from './backoff.ts';
import { type KubeObject, keyOf } from './objects.ts';
import type { Change } from './store.ts';

/** A handler that throws or rejects gets the change again. */
export type ChangeHandler<T extends KubeObject> = (change: Change<T>) => void | Promise<void>;

export interface DeliveryOptions<T extends KubeObject> {
  /** E.g. `ConfigMap`. */
  readonly kind: string;
  readonly handler: ChangeHandler<T>;
  readonly log: Log;
  readonly clock: Clock;
  readonly backoff: Backoff;
}

/**
 * Hands changes to a handler, whose faults are its own: they are told, the next change comes nevertheless, and what
 * it did not take is offered again until it does, or until a newer change of the same object replaces it.
 */
export class ChangeDelivery<T extends KubeObject> {
  readonly #options: DeliveryOptions<T>;
  /** Key → what the handler did not take. */
  readonly #owed = new Map<string, Change<T>>();
  readonly #stop = new AbortController();
  #isRetrying = false;

  constructor(options: DeliveryOptions<T>) {
    this.#options = options;
  }

  deliver(change: Change<T>): void {
    this.#owed.delete(keyOf(change.object));
    try {
      const taken = this.#options.handler(change);
      if (taken instanceof Promise) taken.catch((error: unknown) => this.#failed(change, error));
    } catch (error) {
      this.#failed(change, error);
    }
  }

  stop(): void {
    this.#stop.abort();
  }

  #failed(change: Change<T>, error: unknown): void {
    const key = keyOf(change.object);
    this.#owed.set(key, change);
    const { kind, log } = this.#options;
    log.error(
      `${kind} ${key} ${change.type}, but its handler failed: ${messageOf(error)}; it is offered again, other changes go on`,
    );
    void this.#retry();
  }

  async #retry(): Promise<void> {
    if (this.#isRetrying) return;
    this.#isRetrying = true;
    const { clock, backoff } = this.#options;
    while (this.#owed.size > 0) {
      await clock.sleep(backoff.next(), this.#stop.signal);
      if (this.#stop.signal.aborted) break;
      for (const change of [...this.#owed.values()]) this.deliver(change);
    }
    backoff.reset();
    this.#isRetrying = false;
  }
}
