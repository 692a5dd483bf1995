import type { Clock } from '../../common/clock.ts';
import type { KubeApi } from '../../common/kube/api.ts';
import type { ConfigMap } from '../../common/kube/objects.ts';
import { Reflector, type ReflectorTiming } from '../../common/kube/reflector.ts';
import { CONFIG_MAPS } from '../../common/kube/resource.ts';
import type { Change } from '../../common/kube/store.ts';
import type { Log } from '../../common/log.ts';

export interface AssignmentFeedOptions {
  readonly api: KubeApi;
  readonly namespace: string;
  /** Of the ConfigMap. */
  readonly name: string;
  /** The document as it stands in the ConfigMap, each time that it changes. @param where for messages */
  readonly onDocument: (text: string, where: string) => void;
  /** The ConfigMap has no document. */
  readonly onProblem: (reason: string) => void;
  readonly log: Log;
  readonly timing?: Partial<ReflectorTiming>;
  readonly clock?: Clock;
}

/**
 * One small ConfigMap changes seldom, so its watch is silent until the server ends it: soon, so that a connection whose
 * other end is gone is known to be dead after a minute. After an outage nobody wants to wait long for the next change.
 */
const TIMING: Partial<ReflectorTiming> = { watchSeconds: 25, idleMs: 60_000, backoffMaxMs: 5000 };

/** Key of the document within the ConfigMap. */
const KEY = 'assignment.json';

/** Follows the assignment document in a ConfigMap through the API: a change is here in milliseconds. */
export class AssignmentFeed {
  readonly #options: AssignmentFeedOptions;
  readonly #where: string;
  readonly #reflector: Reflector<ConfigMap>;
  #text: string | null = null;

  constructor(options: AssignmentFeedOptions) {
    const { api, namespace, name, log, timing, clock } = options;
    this.#options = options;
    this.#where = `ConfigMap ${namespace}/${name}`;
    this.#reflector = new Reflector<ConfigMap>({
      api,
      resource: CONFIG_MAPS,
      // By name, because more than this one ConfigMap the monitor may not read.
      selection: { namespace, fieldSelector: `metadata.name=${name}` },
      onChange: (change) => this.#take(change),
      log,
      timing: { ...TIMING, ...timing },
      ...(clock === undefined ? {} : { clock }),
    });
  }

  start(): void {
    this.#reflector.start();
  }

  stop(): Promise<void> {
    return this.#reflector.stop();
  }

  /** Milliseconds since the API server last said anything; null: never. */
  get silentMs(): number | null {
    return this.#reflector.silentMs;
  }

  #take({ type, object }: Change<ConfigMap>): void {
    const { onDocument, onProblem } = this.#options;
    const text = type === 'deleted' ? undefined : object.data?.[KEY];
    if (text === undefined) {
      this.#text = null;
      onProblem(type === 'deleted' ? `${this.#where} was deleted` : `${this.#where} has no key ${KEY}`);
      return;
    }
    // Other keys of the ConfigMap change as well.
    if (text === this.#text) return;
    this.#text = text;
    onDocument(text, this.#where);
  }
}
