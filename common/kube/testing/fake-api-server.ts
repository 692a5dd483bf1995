import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { KubeObject, ObjectMeta } from '../objects.ts';
import { FakeObjects } from './fake-objects.ts';

/** What the server does instead of answering; `null` lets the request through. */
export type Fault =
  | { readonly kind: 'status'; readonly code: number; readonly reason?: string; readonly retryAfter?: string }
  | { readonly kind: 'reset' }
  /** Takes the request and never says a word. */
  | { readonly kind: 'hang' }
  | { readonly kind: 'text'; readonly text: string };

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

interface Watch {
  readonly path: string;
  readonly response: ServerResponse;
}

/**
 * An API server for what a real one cannot be told to do: it lists in pages, watches with bookmarks, keeps resource
 * versions, and is faulty on demand. Of selectors it knows `metadata.name=`; it checks no schema.
 */
export class FakeApiServer {
  readonly objects = new FakeObjects();
  readonly requests: Request[] = [];
  /** Asked for each request; the default lets all through. */
  fault: (request: Request) => Fault | null = () => null;
  /** Sends nothing on watches any more, as if the network were gone. */
  isSilent = false;
  readonly #server = http.createServer((request, response) => void this.#take(request, response));
  readonly #sockets = new Set<Socket>();
  readonly #watches = new Set<Watch>();
  connections = 0;

  constructor() {
    this.#server.on('connection', (socket: Socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.objects.onEvent = (path, type, object) => this.#tell(path, type, object);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get watches(): number {
    return this.#watches.size;
  }

  async open(port = 0): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.dropConnections();
    await closed;
  }

  dropConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** As the server does when `timeoutSeconds` are over. */
  endWatches(): void {
    for (const { response } of this.#watches) response.end();
    this.#watches.clear();
  }

  sendBookmarks(): void {
    const metadata: ObjectMeta = { resourceVersion: this.objects.resourceVersion };
    for (const watch of this.#watches) this.#send(watch, 'BOOKMARK', { metadata });
  }

  /** An `ERROR` event within each watch. */
  sendError(code: number, reason: string): void {
    for (const watch of this.#watches) this.#send(watch, 'ERROR', { kind: 'Status', code, reason });
  }

  /** As it stands on the wire. */
  sendLine(line: string): void {
    for (const { response } of this.#watches) response.write(`${line}\n`);
  }

  async #take(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const piece of incoming) body += piece;
    const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://server');
    const request: Request = {
      method: incoming.method ?? '',
      path: pathname,
      query: searchParams,
      headers: incoming.headers,
      body,
    };
    this.requests.push(request);
    const fault = this.fault(request);
    if (fault !== null) return commit(fault, response);
    if (request.method === 'GET' && request.query.get('watch') === 'true')
      return this.#watch(request, response);
    const { code, object } = this.objects.answer(request);
    reply(response, code, JSON.stringify(object));
  }

  #watch({ path, query }: Request, response: ServerResponse): void {
    const missed = this.objects.eventsSince(path, Number(query.get('resourceVersion')));
    if (missed === 'expired') {
      reply(
        response,
        410,
        JSON.stringify({ kind: 'Status', code: 410, reason: 'Expired', message: 'too old' }),
      );
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const watch = { path, response };
    this.#watches.add(watch);
    response.once('close', () => this.#watches.delete(watch));
    for (const { type, object } of missed) this.#send(watch, type, object);
  }

  #tell(path: string, type: string, object: KubeObject): void {
    for (const watch of this.#watches) if (watch.path === path) this.#send(watch, type, object);
  }

  #send(watch: Watch, type: string, object: object): void {
    if (!this.isSilent) watch.response.write(`${JSON.stringify({ type, object })}\n`);
  }
}

function commit(fault: Fault, response: ServerResponse): void {
  switch (fault.kind) {
    case 'hang':
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'text':
      reply(response, 200, fault.text);
      return;
    case 'status': {
      const { code, reason = '', retryAfter } = fault;
      if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
      reply(response, code, JSON.stringify({ kind: 'Status', code, reason, message: 'told to' }));
    }
  }
}

function reply(response: ServerResponse, code: number, text: string): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(text);
}
