import { ApiError, UnreachableError, UnreadableError } from './api-error.ts';
import { linesOf, wholeBody } from './bodies.ts';
import { isObject, listQuery, type Selection, storedOf, toApiError, withQuery } from './encoding.ts';
import type { KubeObject, WatchEvent } from './objects.ts';
import { collectionPath, type ResourceKind } from './resource.ts';
import { type Answer, type KubeTransport, requestName, toFailure } from './transport.ts';

export interface WatchOptions extends Selection {
  /** Left out: the whole cluster. */
  readonly namespace?: string;
  /** Changes after this one are told. */
  readonly resourceVersion: string;
  /** When the server is to end the watch by itself. */
  readonly timeoutSeconds: number;
  /** Longest silence, in ms: less than what bookmarks break (see ReflectorTiming) ends quiet watches for nothing. */
  readonly idleMs: number;
  readonly signal: AbortSignal;
}

/** Ends when the server ends it; throws as a call does. */
export type WatchStream<T extends KubeObject> = AsyncGenerator<WatchEvent<T>>;

/** The answer to a watch comes at once; nothing else may be waited for so long. */
const HEAD_MS = 15_000;

/** @throws ApiError, UnreachableError or AbandonedError if there is no watch */
export async function openWatch<T extends KubeObject>(
  transport: KubeTransport,
  resource: ResourceKind<T>,
  options: WatchOptions,
): Promise<WatchStream<T>> {
  const { resourceVersion, timeoutSeconds, idleMs } = options;
  const path = withQuery(collectionPath(resource, options.namespace), {
    watch: true,
    allowWatchBookmarks: true,
    resourceVersion,
    timeoutSeconds,
    ...listQuery(options),
  });
  const request = requestName('watch', path);
  const silence = new Silence(request, options.signal);
  silence.allow(Math.min(HEAD_MS, idleMs));
  try {
    const answer = await transport.send({ method: 'GET', path, signal: silence.signal });
    if (answer.status !== 200) {
      throw toApiError(
        request,
        answer.status,
        answer.header('retry-after'),
        await wholeBody(request, answer),
      );
    }
    return eventsOf(resource, request, answer, silence, idleMs);
  } catch (error) {
    silence.end();
    throw isTold(error) ? error : toFailure(request, error, silence.signal);
  }
}

async function* eventsOf<T extends KubeObject>(
  resource: ResourceKind<T>,
  request: string,
  answer: Answer,
  silence: Silence,
  idleMs: number,
): WatchStream<T> {
  silence.allow(idleMs);
  try {
    for await (const line of linesOf(request, answer, () => silence.allow(idleMs))) {
      yield decodeEvent(resource, request, line);
    }
  } catch (error) {
    throw isTold(error) ? error : toFailure(request, error, silence.signal);
  } finally {
    silence.end();
  }
}

/** Says already what it is about. */
const isTold = (error: unknown): boolean =>
  error instanceof ApiError || error instanceof UnreachableError || error instanceof UnreadableError;

/** @throws ApiError for an error that the server tells in the stream, UnreadableError for what makes no sense */
function decodeEvent<T extends KubeObject>(
  resource: ResourceKind<T>,
  request: string,
  line: string,
): WatchEvent<T> {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch (error) {
    throw new UnreadableError(`${request}: a line of the watch is not JSON`, { cause: error });
  }
  if (!isObject(event) || !isObject(event['object'])) {
    throw new UnreadableError(`${request}: a line of the watch is no event`);
  }
  const { type, object } = event;
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type, object: storedOf(resource, object) };
    case 'BOOKMARK':
      return { type, resourceVersion: storedOf(resource, object).metadata.resourceVersion };
    case 'ERROR':
      throw toApiError(request, Number(object['code'] ?? 500), undefined, JSON.stringify(object));
    default:
      throw new UnreadableError(`${request}: unknown event ${JSON.stringify(type)} in the watch`);
  }
}

/** Gives an exchange up when nothing comes for too long: a connection whose other end is gone says nothing for ever. */
class Silence {
  readonly #abort = new AbortController();
  readonly #request: string;
  readonly #outer: AbortSignal;
  readonly #onOuter = (): void => this.#abort.abort();
  #timer: NodeJS.Timeout | undefined;

  constructor(request: string, outer: AbortSignal) {
    this.#request = request;
    this.#outer = outer;
    outer.addEventListener('abort', this.#onOuter);
    if (outer.aborted) this.#onOuter();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** From now on. */
  allow(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#giveUp(ms), ms);
  }

  /** Drops a connection that still runs. */
  end(): void {
    clearTimeout(this.#timer);
    this.#outer.removeEventListener('abort', this.#onOuter);
    this.#abort.abort();
  }

  #giveUp(ms: number): void {
    const reason = `nothing came for ${ms} ms: the connection is taken for dead`;
    this.#abort.abort(new UnreachableError(this.#request, reason));
  }
}
