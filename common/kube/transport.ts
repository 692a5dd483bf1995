import { Agent, type Dispatcher } from 'undici';
import { messageOf } from '../message-of.ts';
import { AbandonedError, UnreachableError } from './api-error.ts';
import type { Access, Credentials, TlsAccess } from './credentials.ts';

export interface TransportOptions {
  readonly credentials: Credentials;
  readonly userAgent: string;
  /** Told of each exchange, for metrics; `code` is the HTTP status, or `<error>` as client-go has it. */
  readonly onExchange?: (exchange: {
    method: Method;
    host: string;
    code: string;
    durationMs: number;
  }) => void;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Exchange {
  readonly method: Method;
  /** With the query. */
  readonly path: string;
  readonly contentType?: string;
  readonly body?: string;
  /** Aborted when the caller no longer wants the answer. */
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  /** undefined: no such header. */
  header(name: string): string | undefined;
  readonly body: Dispatcher.ResponseData['body'];
}

const CONNECT_TIMEOUT_MS = 10_000;
/** Shorter than the time after which the API server closes idle connections (90 s), so that we are first. */
const IDLE_MS = 60_000;
const UNAUTHORIZED = 401;

/** Keeps the connections to one API server. */
export class KubeTransport {
  readonly host: string;
  readonly #options: TransportOptions;
  #agent: Agent | null = null;
  #tls: TlsAccess | null = null;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.host = new URL(options.credentials.server).host;
  }

  /**
   * Sends a request and hands over the head of the answer; the signal covers its body too. What the server does not
   * believe (401) is sent once more with credentials read anew.
   *
   * @throws UnreachableError without an answer, AbandonedError if the signal was aborted
   */
  async send(exchange: Exchange): Promise<Answer> {
    const answer = await this.#once(exchange);
    if (answer.status !== UNAUTHORIZED) return answer;
    await answer.body.dump();
    this.#options.credentials.forget();
    return this.#once(exchange);
  }

  /** Ends all connections, with the exchanges that are under way. */
  async close(): Promise<void> {
    await this.#agent?.destroy();
    this.#agent = null;
  }

  async #once(exchange: Exchange): Promise<Answer> {
    const { method, path, signal } = exchange;
    const request = requestName(method, path);
    if (signal.aborted) throw new AbandonedError(request);
    const startMs = performance.now();
    let code = '<error>';
    try {
      const access = await this.#options.credentials.access();
      const answer = await this.#agentFor(access).request({
        origin: this.#options.credentials.server,
        path,
        method,
        headers: this.#headers(exchange, access),
        body: exchange.body ?? null,
        signal,
      });
      code = String(answer.statusCode);
      return {
        status: answer.statusCode,
        header: (name) => {
          const value = answer.headers[name];
          return typeof value === 'string' ? value : value?.[0];
        },
        body: answer.body,
      };
    } catch (error) {
      throw toFailure(request, error, signal);
    } finally {
      this.#options.onExchange?.({ method, host: this.host, code, durationMs: performance.now() - startMs });
    }
  }

  #headers({ contentType }: Exchange, access: Access): Record<string, string> {
    return {
      accept: 'application/json',
      'user-agent': this.#options.userAgent,
      ...(contentType === undefined ? {} : { 'content-type': contentType }),
      ...access.headers,
    };
  }

  #agentFor({ tls }: Access): Agent {
    if (this.#agent !== null && this.#tls === tls) return this.#agent;
    // What is under way on the old connections ends there.
    void this.#agent?.close();
    this.#tls = tls;
    this.#agent = new Agent({
      connect: { ...tls, timeout: CONNECT_TIMEOUT_MS },
      // A watch of its own connection each: nothing that waits in one can hold up another.
      allowH2: false,
      pipelining: 1,
      keepAliveTimeout: IDLE_MS,
      keepAliveMaxTimeout: IDLE_MS,
      // Callers have deadlines of their own, and a quiet watch is no fault.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    return this.#agent;
  }
}

/** For messages: without the query, in which a number may differ each time. */
export function requestName(method: string, path: string): string {
  return `${method} ${path.split('?', 1)[0]}`;
}

/** @param signal of the exchange; its reason, if it is an error, says why it was given up */
export function toFailure(request: string, error: unknown, signal: AbortSignal): Error {
  if (!signal.aborted) return new UnreachableError(request, reasonOf(error), error);
  if (signal.reason instanceof UnreachableError) return signal.reason;
  return new AbandonedError(request);
}

/** Node's own message is empty when every address of a name refused. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '')
    return error.errors.map((one) => messageOf(one)).join('; ');
  return messageOf(error);
}

/** A kept connection that the server closed just as we wrote to it. */
export function diedWhileIdle(error: unknown): boolean {
  const cause: unknown = error instanceof UnreachableError ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
}
