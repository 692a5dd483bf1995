import { type Clock, monotonicClock } from '../clock.ts';
import type { Log } from '../log.ts';
import { messageOf } from '../message-of.ts';
import { Notices } from '../notices.ts';
import type { KubeApi } from './api.ts';
import { AbandonedError, ApiError, isExpired, UnreadableError } from './api-error.ts';
import { Backoff } from './backoff.ts';
import { ChangeDelivery, type ChangeHandler } from './change-delivery.ts';
import type { Selection } from './encoding.ts';
import type { KubeList, KubeObject, Stored, WatchEvent } from './objects.ts';
import type { ResourceKind } from './resource.ts';
import { type Change, type Indexers, Store } from './store.ts';

export interface ReflectorOptions<T extends KubeObject> {
  readonly api: KubeApi;
  readonly resource: ResourceKind<T>;
  /** Which objects; of a single one by `fieldSelector: 'metadata.name=…'`. No namespace: the whole cluster. */
  readonly selection: Selection & { readonly namespace?: string };
  readonly onChange: ChangeHandler<T>;
  readonly log: Log;
  readonly indexers?: Indexers<T>;
  readonly observer?: ReflectorObserver;
  readonly timing?: Partial<ReflectorTiming>;
  readonly clock?: Clock;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
}

/** For metrics. */
export interface ReflectorObserver {
  listed?(kind: string, objects: number): void;
  watched?(kind: string): void;
  failed?(kind: string, during: 'list' | 'watch'): void;
}

export interface ReflectorTiming {
  readonly pageSize: number;
  /** A watch is ended by the server after this to twice this long, so that not all end at once. */
  readonly watchSeconds: number;
  /** Longest silence of a watch. Kubernetes sends the first bookmark after two minutes, then one each minute. */
  readonly idleMs: number;
  /** After that long everything is listed anew when a watch ends, in case something was missed after all. */
  readonly relistMs: number;
  readonly backoffFirstMs: number;
  readonly backoffMaxMs: number;
}

const TIMING: ReflectorTiming = {
  pageSize: 500,
  watchSeconds: 300,
  idleMs: 150_000,
  relistMs: 15 * 60_000,
  backoffFirstMs: 500,
  backoffMaxMs: 30_000,
};

/** A server that ends a watch sooner than that, saying nothing, is treated as failing: no hot loop. */
const SHORTEST_QUIET_WATCH_MS = 1000;

/**
 * Keeps a Store like the API server: lists, then watches, until it is stopped; whatever goes wrong it tells and tries
 * again. Handlers get each difference once, in order of the object's versions; several versions may come as one.
 */
export class Reflector<T extends KubeObject> {
  readonly store: Store<T>;
  /** Ends once the first list is in the store and was handed out; never if the reflector is stopped before. */
  readonly synced: Promise<void>;
  readonly #options: ReflectorOptions<T>;
  readonly #timing: ReflectorTiming;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #backoff: Backoff;
  readonly #delivery: ChangeDelivery<T>;
  readonly #notices = new Notices();
  readonly #stop = new AbortController();
  /** Of the watch that is open. */
  #watching = new AbortController();
  readonly #topic: string;
  readonly #markSynced: () => void;
  #isSynced = false;
  /** null: to be listed before the next watch. */
  #resourceVersion: string | null = null;
  #listedMs: number | null = null;
  #heardMs: number | null = null;
  #running: Promise<void> | null = null;

  constructor(options: ReflectorOptions<T>) {
    const { resource, clock = monotonicClock, random = Math.random, log, onChange, selection } = options;
    this.#options = options;
    this.#timing = { ...TIMING, ...options.timing };
    this.#clock = clock;
    this.#random = random;
    this.store = new Store<T>(options.indexers);
    const pauses = { firstMs: this.#timing.backoffFirstMs, maxMs: this.#timing.backoffMaxMs, random };
    this.#backoff = new Backoff(pauses);
    this.#delivery = new ChangeDelivery({
      kind: resource.kind,
      handler: onChange,
      log,
      clock,
      backoff: new Backoff(pauses),
    });
    const where = [selection.namespace, selection.fieldSelector, selection.labelSelector].filter(Boolean);
    this.#topic = [`watching ${resource.plural}`, ...where].join(' ');
    const { promise, resolve } = Promise.withResolvers<void>();
    this.synced = promise;
    this.#markSynced = resolve;
  }

  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** Milliseconds since the server last said anything, if only that it takes a watch; null: never. */
  get silentMs(): number | null {
    return this.#heardMs === null ? null : this.#clock.now() - this.#heardMs;
  }

  /** Milliseconds since the last whole list; null: never. */
  get listAgeMs(): number | null {
    return this.#listedMs === null ? null : this.#clock.now() - this.#listedMs;
  }

  /** @throws Error if it was started before */
  start(): void {
    if (this.#running !== null) throw new Error(`${this.#topic}: started twice`);
    this.#running = this.#run();
  }

  /** Ends the watch without a sound; the store stays as it is. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#delivery.stop();
    await this.#running;
  }

  /** Opens the watch anew: somebody knows better than it what has happened. */
  reopen(): void {
    this.#watching.abort();
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const during = this.#resourceVersion === null ? 'list' : 'watch';
      try {
        const pauseMs = await this.#step();
        if (pauseMs > 0) await this.#clock.sleep(pauseMs, this.#stop.signal);
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        if (error instanceof AbandonedError) continue;
        await this.#recover(error, during);
      }
    }
  }

  /** One list, or one watch to its end; returns how long to wait after it. */
  async #step(): Promise<number> {
    if (this.#resourceVersion === null) {
      await this.#list();
      return 0;
    }
    const isQuick = await this.#watch(this.#resourceVersion);
    if (this.listAgeMs !== null && this.listAgeMs > this.#timing.relistMs) this.#resourceVersion = null;
    return isQuick ? this.#backoff.next() : 0;
  }

  async #recover(error: unknown, during: 'list' | 'watch'): Promise<void> {
    const { log, observer, resource } = this.#options;
    const isOld = isExpired(error);
    // What cannot be read would come again from the same version.
    if (isOld || error instanceof UnreadableError) this.#resourceVersion = null;
    observer?.failed?.(resource.kind, during);
    const pauseMs = this.#pauseAfter(error);
    if (!isOld && this.#notices.due(this.#topic, messageOf(error), this.#clock.now())) {
      log.warning(
        `${this.#topic}: ${messageOf(error)}; what was seen last stays in force, next try in ${Math.round(pauseMs)} ms`,
      );
    }
    await this.#clock.sleep(pauseMs, this.#stop.signal);
  }

  #pauseAfter(error: unknown): number {
    const backoffMs = this.#backoff.next();
    return error instanceof ApiError ? Math.max(backoffMs, error.retryAfterMs ?? 0) : backoffMs;
  }

  async #list(): Promise<void> {
    const { api, resource, selection, observer } = this.#options;
    const objects: Stored<T>[] = [];
    let continueToken: string | null = null;
    let resourceVersion = '';
    do {
      const page: KubeList<T> = await api.list(resource, {
        ...selection,
        limit: this.#timing.pageSize,
        signal: this.#stop.signal,
        ...(continueToken === null ? {} : { continueToken }),
      });
      objects.push(...page.items);
      ({ continueToken, resourceVersion } = page);
    } while (continueToken !== null);
    this.#heard();
    this.#listedMs = this.#clock.now();
    this.#resourceVersion = resourceVersion;
    observer?.listed?.(resource.kind, objects.length);
    this.#handOut(this.store.replaceAll(objects));
    this.#isSynced = true;
    this.#markSynced();
  }

  /** Returns whether it ended suspiciously soon. */
  async #watch(resourceVersion: string): Promise<boolean> {
    const { api, resource, selection, observer } = this.#options;
    const startMs = this.#clock.now();
    let events = 0;
    this.#watching = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, this.#watching.signal]);
    const stream = await api.watch(resource, {
      ...selection,
      resourceVersion,
      timeoutSeconds: Math.round(this.#timing.watchSeconds * (1 + this.#random())),
      idleMs: this.#timing.idleMs,
      signal,
    });
    observer?.watched?.(resource.kind);
    this.#heardMs = this.#clock.now();
    for await (const event of stream) {
      if (signal.aborted) break;
      events += 1;
      this.#backoff.reset();
      this.#heard();
      this.#take(event);
    }
    const isQuick = events === 0 && this.#clock.now() - startMs < SHORTEST_QUIET_WATCH_MS;
    if (isQuick) return true;
    this.#backoff.reset();
    this.#heard();
    return false;
  }

  #take(event: WatchEvent<T>): void {
    if (event.type === 'BOOKMARK') {
      this.#resourceVersion = event.resourceVersion;
      return;
    }
    this.#resourceVersion = event.object.metadata.resourceVersion;
    this.#handOut(event.type === 'DELETED' ? this.store.remove(event.object) : this.store.set(event.object));
  }

  /** The server has spoken, so whatever was wrong is over. */
  #heard(): void {
    this.#heardMs = this.#clock.now();
    if (this.#notices.works(this.#topic)) this.#options.log.info(`${this.#topic}: works again`);
  }

  #handOut(changes: readonly Change<T>[]): void {
    for (const change of changes) this.#delivery.deliver(change);
  }
}
