import type { KubeApi } from '../../common/kube/api.ts';
import type { KubeObject } from '../../common/kube/objects.ts';
import { Reflector, type ReflectorObserver, type ReflectorOptions } from '../../common/kube/reflector.ts';
import type { ResourceKind } from '../../common/kube/resource.ts';
import type { Store } from '../../common/kube/store.ts';
import type { Log } from '../../common/log.ts';
import type { WatchedKind } from '../serve/metrics.ts';

export interface InformersOptions {
  readonly api: KubeApi;
  readonly log: Log;
  readonly observer?: ReflectorObserver;
}

/** How one kind is watched. */
export type Watched<T extends KubeObject> = Pick<
  ReflectorOptions<T>,
  'selection' | 'indexers' | 'onChange' | 'timing'
>;

interface OneInformer {
  readonly kind: string;
  readonly reflector: Pick<
    Reflector<KubeObject>,
    'start' | 'stop' | 'reopen' | 'synced' | 'isSynced' | 'silentMs' | 'listAgeMs'
  >;
  readonly size: () => number;
}

/** An outage ends for all at once, and nothing is decided before everything is known: ms. */
const LONGEST_PAUSE_MS = 8000;

/** Everything of the cluster that the operator keeps in memory: one reflector for each kind of object. */
export class Informers {
  readonly #options: InformersOptions;
  readonly #all: OneInformer[] = [];

  constructor(options: InformersOptions) {
    this.#options = options;
  }

  /** To be called before `start`. Returns where the objects of the kind are to be found. */
  add<T extends KubeObject>(resource: ResourceKind<T>, watched: Watched<T>): Store<T> {
    const { api, log, observer } = this.#options;
    const reflector = new Reflector<T>({
      api,
      resource,
      log,
      timing: { backoffMaxMs: LONGEST_PAUSE_MS },
      ...watched,
      ...(observer === undefined ? {} : { observer }),
    });
    this.#all.push({ kind: resource.kind, reflector, size: () => reflector.store.size });
    return reflector.store;
  }

  start(): void {
    for (const { reflector } of this.#all) reflector.start();
  }

  /** Opens all watches anew, for one was found to stand still. */
  reopen(): void {
    for (const { reflector } of this.#all) reflector.reopen();
  }

  /** Ends when all kinds are known; never if they are stopped before. */
  async synced(): Promise<void> {
    await Promise.all(this.#all.map(({ reflector }) => reflector.synced));
  }

  /** The kinds that are not known yet. */
  get missing(): string[] {
    return this.#all.filter(({ reflector }) => !reflector.isSynced).map(({ kind }) => kind);
  }

  /** For metrics. */
  get watched(): WatchedKind[] {
    return this.#all.map(({ kind, reflector, size }) => ({
      kind,
      objects: size(),
      silentMs: reflector.silentMs,
      listAgeMs: reflector.listAgeMs,
    }));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#all.map(({ reflector }) => reflector.stop()));
  }
}
