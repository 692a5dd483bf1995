import http from 'node:http';
import https from 'node:https';
import { Socket } from 'node:net';
import axios, { type AxiosResponse } from 'axios';
import { messageOf, TrafficOpsError } from './errors.ts';

/** One HTTP answer, whatever its status. */
export interface Answer {
  readonly status: number;
  readonly body: Buffer;
  /** `ip:port` of Traffic Ops, empty if unknown. */
  readonly remoteAddress: string;
  /** undefined: no such header. */
  header(name: string): string | undefined;
  readonly setCookies: readonly string[];
}

export interface Request {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Aborted when the program no longer wants the answer. */
  readonly signal: AbortSignal;
}

const MAX_ANSWER_BYTES = 512 * 1024 * 1024;

/** Sends single requests to Traffic Ops over its own kept-alive connections. */
export class HttpExchange {
  readonly #httpAgent = knowingPeers(new http.Agent({ keepAlive: true }));
  readonly #httpsAgent: https.Agent;
  readonly #timeoutMs: number;
  readonly #client = axios.create({
    responseType: 'arraybuffer',
    validateStatus: () => true,
    maxRedirects: 0,
    proxy: false,
    maxContentLength: MAX_ANSWER_BYTES,
    // Bodies are bytes in both directions: nothing is to be guessed or converted.
    transformRequest: [(data: unknown) => data],
    transformResponse: [(data: unknown) => data],
  });

  /**
   * @param options.insecure do not verify the certificate of Traffic Ops
   * @param options.ca PEM of the authorities to trust instead of those of the process
   * @param options.timeoutMs for a whole exchange: connect, headers and body
   */
  constructor(options: { insecure: boolean; ca?: string | undefined; timeoutMs: number }) {
    const { insecure, ca } = options;
    this.#httpsAgent = knowingPeers(
      new https.Agent({
        keepAlive: true,
        rejectUnauthorized: !insecure,
        ...(ca === undefined ? {} : { ca }),
      }),
    );
    this.#timeoutMs = options.timeoutMs;
  }

  /** Closes idle connections; the exchange can still be used. */
  close(): void {
    this.#httpAgent.destroy();
    this.#httpsAgent.destroy();
  }

  /** @throws TrafficOpsError of kind `network` or `aborted`; a status is never an error here */
  async send(request: Request): Promise<Answer> {
    try {
      return await this.#once(request);
    } catch (error) {
      if (!diedWhileIdle(error) || request.signal.aborted) throw this.#failure(request, error);
    }
    // The other side closed a kept connection just as we wrote to it. A new one tells whether anything is wrong.
    try {
      return await this.#once(request);
    } catch (error) {
      throw this.#failure(request, error);
    }
  }

  async #once(request: Request): Promise<Answer> {
    // A deadline of our own besides the time-out of axios, which starts anew with each piece that arrives.
    const deadline = new AbortController();
    const abort = () => deadline.abort();
    const timer = setTimeout(abort, this.#timeoutMs);
    request.signal.addEventListener('abort', abort);
    if (request.signal.aborted) abort();
    try {
      const response: AxiosResponse<Buffer> = await this.#client.request({
        method: request.method,
        url: request.url,
        headers: { Accept: null, 'Accept-Encoding': 'gzip', ...request.headers },
        ...(request.body === undefined ? {} : { data: request.body }),
        timeout: this.#timeoutMs,
        signal: deadline.signal,
        httpAgent: this.#httpAgent,
        httpsAgent: this.#httpsAgent,
      });
      return toAnswer(response);
    } finally {
      clearTimeout(timer);
      request.signal.removeEventListener('abort', abort);
    }
  }

  #failure(request: Request, error: unknown): TrafficOpsError {
    const what = `${request.method} ${withoutCredentials(request.url)}`;
    if (request.signal.aborted) return new TrafficOpsError('aborted', `${what}: given up`);
    if (axios.isCancel(error) || codeOf(error) === 'ECONNABORTED' || codeOf(error) === 'ETIMEDOUT') {
      return new TrafficOpsError('network', `${what}: no whole answer within ${this.#timeoutMs} ms`);
    }
    // Without a cause: an axios error carries the request, and with it the password.
    return new TrafficOpsError('network', `${what}: ${reasonOf(error)}`);
  }
}

/** Node forgets the address of the other side when the connection ends, unless somebody asked for it before. */
function knowingPeers<Agent extends http.Agent>(agent: Agent): Agent {
  const connect = agent.createConnection;
  agent.createConnection = (...args) => {
    const socket = connect.apply(agent, args);
    if (socket instanceof Socket) socket.once('connect', () => void socket.remoteAddress);
    return socket;
  };
  return agent;
}

function toAnswer(response: AxiosResponse<Buffer>): Answer {
  const setCookies: unknown = response.headers['set-cookie'];
  return {
    status: response.status,
    body: response.data,
    remoteAddress: remoteAddressOf(response.request),
    header: (name) => {
      const value: unknown = response.headers[name];
      return typeof value === 'string' ? value : undefined;
    },
    setCookies: Array.isArray(setCookies) ? setCookies.filter((cookie) => typeof cookie === 'string') : [],
  };
}

function remoteAddressOf(request: unknown): string {
  if (!(request instanceof http.ClientRequest)) return '';
  const { remoteAddress, remotePort } = request.socket ?? {};
  if (remoteAddress === undefined || remotePort === undefined) return '';
  return remoteAddress.includes(':') ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
}

function diedWhileIdle(error: unknown): boolean {
  if (!axios.isAxiosError(error) || !(error.request instanceof http.ClientRequest)) return false;
  return (
    error.request.reusedSocket &&
    error.response === undefined &&
    /^(ECONNRESET|EPIPE)$/.test(error.code ?? '')
  );
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** A connection tried on several addresses fails with an empty message and a list. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (cause instanceof AggregateError && cause.errors.length > 0)
    return cause.errors.map(messageOf).join(', ');
  return messageOf(error) || codeOf(error) || 'failed';
}

/** A URL for messages: an address may hold a user and a password. */
export function withoutCredentials(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1');
}
