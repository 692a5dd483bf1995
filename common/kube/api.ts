import { type Clock, monotonicClock } from '../clock.ts';
import { AbandonedError, ApiError, UnreachableError } from './api-error.ts';
import { wholeBody } from './bodies.ts';
import { applyQuery, decodeList, decodeStored, listQuery, toApiError, withQuery } from './encoding.ts';
import type { KubeList, KubeObject, ObjectMeta, Stored } from './objects.ts';
import type { RateLimit } from './rate-limit.ts';
import { collectionPath, type ObjectName, objectPath, type ResourceKind } from './resource.ts';
import {
  type Answer,
  diedWhileIdle,
  type Exchange,
  type KubeTransport,
  requestName,
  toFailure,
} from './transport.ts';
import { openWatch, type WatchOptions, type WatchStream } from './watch.ts';

export interface ApiOptions {
  readonly transport: KubeTransport;
  /** null: none, for what must never wait, like the renewal of a Lease. */
  readonly limit: RateLimit | null;
  /** For a whole call: connect, all tries and the pauses that the server asks for, in ms. 30 s by default. */
  readonly deadlineMs?: number;
  readonly clock?: Clock;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Instead of that of the KubeApi. */
  readonly deadlineMs?: number;
}

export interface ListOptions extends CallOptions {
  /** Left out: the whole cluster. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Objects a page. */
  readonly limit?: number;
  readonly continueToken?: string;
}

export interface WriteOptions extends CallOptions {
  readonly subresource?: 'status' | 'scale';
  /** Only see whether it would be taken. */
  readonly isDryRun?: boolean;
}

export interface ApplyOptions extends WriteOptions {
  readonly fieldManager: string;
  /** Take over fields that another manager owns, instead of a conflict. */
  readonly force: boolean;
}

export interface DeleteOptions extends CallOptions {
  /** What the object must still be; otherwise a conflict. */
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  /** What becomes of the objects that it owns. */
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
}

/** An object to write: it says where it belongs. */
export type Named<T extends KubeObject> = T & { readonly metadata: ObjectMeta & { readonly name: string } };

const DEADLINE_MS = 30_000;

/**
 * The API server's REST interface. Every call throws ApiError when the server refuses, UnreachableError without a
 * whole answer in time, UnreadableError for nonsense, AbandonedError when its signal is aborted. A server that says Retry-After is obeyed as long
 * as the deadline allows.
 */
export class KubeApi {
  readonly #options: ApiOptions;
  readonly #clock: Clock;

  constructor(options: ApiOptions) {
    this.#options = options;
    this.#clock = options.clock ?? monotonicClock;
  }

  async get<T extends KubeObject>(
    resource: ResourceKind<T>,
    at: ObjectName,
    options: CallOptions = {},
  ): Promise<Stored<T>> {
    return decodeStored(resource, await this.#call('GET', objectPath(resource, at), options));
  }

  async list<T extends KubeObject>(
    resource: ResourceKind<T>,
    options: ListOptions = {},
  ): Promise<KubeList<T>> {
    const path = withQuery(collectionPath(resource, options.namespace), listQuery(options));
    return decodeList(resource, await this.#call('GET', path, options));
  }

  async create<T extends KubeObject>(
    resource: ResourceKind<T>,
    object: Named<T>,
    options: WriteOptions & { readonly fieldManager?: string } = {},
  ): Promise<Stored<T>> {
    const path = withQuery(collectionPath(resource, object.metadata.namespace), applyQuery(options));
    return decodeStored(resource, await this.#write('POST', path, jsonOf(resource, object), options));
  }

  /** With a resource version in its metadata: only if the object is still the one that was read. */
  async replace<T extends KubeObject>(
    resource: ResourceKind<T>,
    object: Named<T>,
    options: WriteOptions & { readonly fieldManager?: string } = {},
  ): Promise<Stored<T>> {
    const path = withQuery(objectPath(resource, object.metadata, options.subresource), applyQuery(options));
    return decodeStored(resource, await this.#write('PUT', path, jsonOf(resource, object), options));
  }

  /** Server-side apply: creates the object, or makes those fields of it ours that are given. */
  async apply<T extends KubeObject>(
    resource: ResourceKind<T>,
    object: Named<T>,
    options: ApplyOptions,
  ): Promise<Stored<T>> {
    const path = withQuery(objectPath(resource, object.metadata, options.subresource), applyQuery(options));
    // JSON is YAML.
    const body = { type: 'application/apply-patch+yaml', text: jsonOf(resource, object).text };
    return decodeStored(resource, await this.#write('PATCH', path, body, options));
  }

  /** JSON merge patch: null removes a field, a list is replaced as a whole. */
  async mergePatch<T extends KubeObject>(
    resource: ResourceKind<T>,
    at: ObjectName,
    patch: object,
    options: WriteOptions & { readonly fieldManager?: string } = {},
  ): Promise<Stored<T>> {
    const path = withQuery(objectPath(resource, at, options.subresource), applyQuery(options));
    const body = { type: 'application/merge-patch+json', text: JSON.stringify(patch) };
    return decodeStored(resource, await this.#write('PATCH', path, body, options));
  }

  async delete(
    resource: ResourceKind<KubeObject>,
    at: ObjectName,
    options: DeleteOptions = {},
  ): Promise<void> {
    const { preconditions, propagationPolicy } = options;
    const text = JSON.stringify({
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      ...(preconditions === undefined ? {} : { preconditions }),
      ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    });
    await this.#write('DELETE', objectPath(resource, at), { type: 'application/json', text }, options);
  }

  /** Changes as they come. The caller has to read the stream to its end, or abort the signal. */
  async watch<T extends KubeObject>(
    resource: ResourceKind<T>,
    options: WatchOptions,
  ): Promise<WatchStream<T>> {
    await this.#options.limit?.turn(options.signal);
    return openWatch(this.#options.transport, resource, options);
  }

  #write(
    method: Exchange['method'],
    path: string,
    body: { readonly type: string; readonly text: string },
    options: CallOptions,
  ): Promise<string> {
    return this.#call(method, path, options, body);
  }

  async #call(
    method: Exchange['method'],
    path: string,
    options: CallOptions,
    body?: { readonly type: string; readonly text: string },
  ): Promise<string> {
    const request = requestName(method, path);
    const given = new AbortController();
    const abort = () => given.abort();
    options.signal?.addEventListener('abort', abort);
    if (options.signal?.aborted) abort();
    let timer: NodeJS.Timeout | undefined;
    try {
      await this.#options.limit?.turn(given.signal);
      const deadlineMs = options.deadlineMs ?? this.#options.deadlineMs ?? DEADLINE_MS;
      const late = new UnreachableError(request, `no whole answer within ${deadlineMs} ms`);
      timer = setTimeout(() => given.abort(late), deadlineMs);
      const endMs = this.#clock.now() + deadlineMs;
      const exchange: Exchange = {
        method,
        path,
        signal: given.signal,
        ...(body === undefined ? {} : { contentType: body.type, body: body.text }),
      };
      return await this.#untilTaken(request, exchange, endMs);
    } finally {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', abort);
    }
  }

  /** Asks again for as long as the server asks for patience and the deadline is not near. */
  async #untilTaken(request: string, exchange: Exchange, endMs: number): Promise<string> {
    for (;;) {
      try {
        return await this.#once(request, exchange);
      } catch (error) {
        const pauseMs = error instanceof ApiError ? error.retryAfterMs : null;
        if (pauseMs === null || this.#clock.now() + pauseMs >= endMs) throw error;
        await this.#clock.sleep(pauseMs, exchange.signal);
        if (exchange.signal.aborted) throw new AbandonedError(request);
      }
    }
  }

  async #once(request: string, exchange: Exchange): Promise<string> {
    const answer = await this.#sendOnLiveConnection(exchange);
    let text: string;
    try {
      text = await wholeBody(request, answer);
    } catch (error) {
      throw error instanceof UnreachableError ? error : toFailure(request, error, exchange.signal);
    }
    if (answer.status >= 200 && answer.status < 300) return text;
    throw toApiError(request, answer.status, answer.header('retry-after'), text);
  }

  /** A creation is not sent twice: the first may have been carried out. */
  async #sendOnLiveConnection(exchange: Exchange): Promise<Answer> {
    const { transport } = this.#options;
    try {
      return await transport.send(exchange);
    } catch (error) {
      if (exchange.method === 'POST' || !diedWhileIdle(error)) throw error;
      return transport.send(exchange);
    }
  }
}

function jsonOf(resource: ResourceKind<KubeObject>, object: KubeObject): { type: string; text: string } {
  const { apiVersion, kind } = resource;
  return { type: 'application/json', text: JSON.stringify({ ...object, apiVersion, kind }) };
}
