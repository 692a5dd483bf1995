import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { closeServer, portOf } from '../../sim/listening.ts';
import { type ApiRequest, readApiRequest } from './api-request.ts';
import { RequestCounts } from './request-counts.ts';

/** What befalls a request instead of reaching the API server. */
export type Fault =
  /** It is answered so, with a `Status` body as the API server writes it. */
  | {
      readonly kind: 'answer';
      readonly status: 400 | 403 | 404 | 409 | 410 | 429 | 500 | 503;
      readonly retryAfterSeconds?: number;
    }
  /** Its connection is reset. */
  | { readonly kind: 'reset' }
  /** It is never answered. */
  | { readonly kind: 'silence' };

/** Says for each request what befalls it; null lets it pass. */
export type FaultRule = (request: ApiRequest) => Fault | null;

export interface FaultProxyOptions {
  /** The API server: https://HOST:PORT */
  readonly server: string;
  /** Certificates that the API server is trusted by, PEM. */
  readonly authority: string;
  /** Serve TLS with this certificate; null serves plain HTTP. */
  readonly certificate: { readonly cert: string; readonly key: string } | null;
}

const reasons: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
};

/** Stands between a client and the API server, makes faults as told, and counts. */
export class FaultProxy {
  readonly #server: http.Server;
  readonly #options: FaultProxyOptions;
  readonly #agent: https.Agent;
  /** Answers of watches that are under way, with what ends them. */
  readonly #watches = new Set<http.ServerResponse>();
  readonly #connections = new Set<Socket>();
  /** The TCP connection below each of them, which alone can be reset, by the client's port. */
  readonly #wires = new Map<number, Socket>();
  /** Connections on which nothing moves any more, though they stand. */
  readonly #frozen = new WeakSet<Socket>();
  #rule: FaultRule = () => null;
  #counts = new RequestCounts();

  private constructor(options: FaultProxyOptions) {
    this.#options = options;
    this.#agent = new https.Agent({ keepAlive: true, ca: options.authority });
    const handle: http.RequestListener = (request, response) => this.#handle(request, response);
    const { certificate } = options;
    this.#server = certificate === null ? http.createServer(handle) : https.createServer(certificate, handle);
    this.#server.on('connection', (wire: Socket) => {
      const port = wire.remotePort ?? 0;
      this.#wires.set(port, wire);
      wire.once('close', () => this.#wires.delete(port));
    });
    this.#server.on(certificate === null ? 'connection' : 'secureConnection', (socket: Socket) => {
      this.#connections.add(socket);
      // Clients that are reset or killed are what this is for.
      socket.on('error', () => {});
      socket.once('close', () => this.#connections.delete(socket));
    });
    // Frozen connections have to stand until the client gives up.
    this.#server.requestTimeout = 0;
    this.#server.keepAliveTimeout = 0;
  }

  /** Listens on a free port of loopback. */
  static async start(options: FaultProxyOptions): Promise<FaultProxy> {
    const proxy = new FaultProxy(options);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject);
      proxy.#server.listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  /** What a client calls the API server. */
  get address(): string {
    const scheme = this.#options.certificate === null ? 'http' : 'https';
    return `${scheme}://127.0.0.1:${portOf(this.#server)}`;
  }

  /** All requests so far, those that met a fault too. Two of these give what came in between. */
  get counts(): RequestCounts {
    return this.#counts;
  }

  get openWatches(): number {
    return this.#watches.size;
  }

  /** From now on each request is judged by this rule. */
  setRule(rule: FaultRule): void {
    this.#rule = rule;
  }

  /** From now on all requests pass. */
  clearRule(): void {
    this.#rule = () => null;
  }

  /** Resets the connections of all watches. */
  dropWatches(): number {
    const watches = [...this.#watches];
    for (const { socket } of watches) this.#reset(socket);
    return watches.length;
  }

  /**
   * Makes today's connections half-open: they stand, but nothing passes any more and nothing is answered, as when
   * a firewall forgets them. New connections work.
   */
  freezeConnections(): number {
    for (const socket of this.#connections) {
      this.#frozen.add(socket);
      socket.pause();
    }
    return this.#connections.size;
  }

  async stop(): Promise<void> {
    for (const socket of this.#connections) socket.destroy();
    this.#agent.destroy();
    await closeServer(this.#server);
  }

  #handle(request: http.IncomingMessage, response: http.ServerResponse): void {
    const { method = 'GET', url = '/' } = request;
    const about = readApiRequest(method, url);
    this.#counts = this.#counts.with(about);
    if (this.#frozen.has(request.socket)) return;
    const fault = this.#rule(about);
    if (fault === null) {
      this.#forward(request, response, about);
      return;
    }
    if (fault.kind === 'reset') this.#reset(request.socket);
    else if (fault.kind === 'answer') answerWith(fault, about, response);
    // Whatever its body is, it need not be held.
    request.resume();
  }

  #forward(request: http.IncomingMessage, response: http.ServerResponse, about: ApiRequest): void {
    const { method, url = '/', headers, socket } = request;
    const target = new URL(url, this.#options.server);
    const onward = https.request(target, {
      method: method ?? 'GET',
      agent: this.#agent,
      headers: { ...headers, host: target.host },
    });
    onward.on('response', (answer) => {
      if (this.#frozen.has(socket)) return void answer.resume();
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      response.flushHeaders();
      if (about.verb === 'watch') {
        this.#watches.add(response);
        response.once('close', () => this.#watches.delete(response));
      }
      answer.on('data', (chunk: Buffer) => {
        if (!this.#frozen.has(socket)) response.write(chunk);
      });
      answer.on('end', () => {
        if (!this.#frozen.has(socket)) response.end();
      });
      answer.on('error', () => this.#breakOff(response));
    });
    onward.on('error', () => this.#breakOff(response));
    response.once('close', () => onward.destroy());
    request.pipe(onward);
  }

  /** The API server is gone: so is the client's connection, unless it is to know nothing of that. */
  #breakOff(response: http.ServerResponse): void {
    const socket = response.socket;
    if (socket !== null && !this.#frozen.has(socket)) this.#reset(socket);
  }

  #reset(socket: Socket | null): void {
    this.#wires.get(socket?.remotePort ?? 0)?.resetAndDestroy();
  }
}

function answerWith(
  { status, retryAfterSeconds }: Extract<Fault, { kind: 'answer' }>,
  { resource, name }: ApiRequest,
  response: http.ServerResponse,
): void {
  const wait = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  response.writeHead(status, { 'content-type': 'application/json', ...wait });
  const message = `made by the fault proxy: ${resource} ${name ?? ''}`.trim();
  const reason = reasons[status];
  response.end(
    JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, code: status }),
  );
}
