import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import express, { type Request, type RequestHandler, type Response } from 'express';
import type { GateScope } from '../health/gate.ts';
import type { AccessRecord } from '../log/lines.ts';
import { cleanPath } from './clean-path.ts';
import { parseQuery, type Query } from './query.ts';
import { type Reply, send, sendText, sentBytes } from './reply.ts';
import type { StaticPages } from './static-pages.ts';

/** A data route: behind the gate as a rule, in the access log, packed if asked. */
export interface Route {
  readonly path: string;
  /** Answered while the gate is shut, too. */
  readonly isUngated?: true;
  answer(request: RouteRequest): Reply;
}

export interface RouteRequest {
  readonly query: Query;
  /** What follows the route in the path, percent-encoded: reference 9.1. */
  readonly argument: string;
}

export interface AppOptions {
  readonly routes: readonly Route[];
  /** Answers that do not end, by path: neither gated nor cut off nor packed. */
  readonly streams: ReadonlyMap<string, RequestListener>;
  readonly pages: () => StaticPages;
  /** Why data routes answer 503, or null. */
  readonly closedBecause: (scope: GateScope) => string | null;
  /** Whether routers should be sent here: reference 6.4 and docs/configuration.md. */
  readonly isReady: () => boolean;
  /** `/metrics`: never behind the gate. */
  readonly metrics: () => Promise<Reply>;
  readonly onError: (message: string) => void;
  /** null while there is no access log. */
  readonly accessLog: () => ((record: AccessRecord) => void) | null;
  /** A longer answer is cut off, in ms. */
  readonly writeTimeoutMs: () => number;
}

/** All routes of the monitor. Any method acts like GET (D63). */
export function createApp(options: AppOptions): RequestListener {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', false);
  app.set('case sensitive routing', true);
  app.use(redirectUnclean);
  const answers = new Map<string, DataAnswer>();
  for (const route of options.routes) {
    const answer = dataAnswer(route, options);
    answers.set(route.path, answer);
    app.use(route.path, (request, response) => answer(request, response, request.originalUrl));
  }
  for (const [path, stream] of options.streams) {
    app.use(path, (request, response) => stream(request, response));
  }
  app.use('/healthz', (_request, response) => sendText(response, 200, 'ok'));
  app.use('/readyz', (_request, response) => {
    const ready = options.isReady();
    sendText(response, ready ? 200 : 503, ready ? 'ready' : 'not ready');
  });
  app.use('/metrics', (request, response) => {
    limitTime(response, options.writeTimeoutMs());
    options.metrics().then(
      (reply) => send(request, response, reply),
      (error: Error) => {
        options.onError(`Request Error: ${request.originalUrl}: ${error.message}`);
        sendText(response, 500, 'Internal Server Error');
      },
    );
  });
  app.use((request, response) => sendPage(options.pages(), request, response));
  return (request, response) => {
    const url = request.url ?? '/';
    // Routers ask for the same paths again and again; what is spelt exactly needs no router to be found.
    const answer = answers.get(pathOf(url));
    if (answer === undefined) app(request, response);
    else answer(request, response, url);
  };
}

const redirectUnclean: RequestHandler = (request, response, next) => {
  const clean = cleanPath(request.path);
  if (clean === request.path) next();
  else sendText(response, 301, '', { Location: clean + request.originalUrl.slice(request.path.length) });
};

/** Routers ask on while the gate is shut or the quorum lost; one line a second says it as well as hundreds. */
const REFUSAL_LINE_EVERY_MS = 1000;

/** Answers a request for `url`, path and query as they came. */
type DataAnswer = (request: IncomingMessage, response: ServerResponse, url: string) => void;

function dataAnswer(route: Route, options: AppOptions): DataAnswer {
  let toldMs = Number.NEGATIVE_INFINITY;
  const tell = (url: string, refusal: string): void => {
    const nowMs = performance.now();
    if (nowMs - toldMs < REFUSAL_LINE_EVERY_MS) return;
    options.onError(`Request Error: ${url}: ${refusal}`);
    toldMs = nowMs;
  };
  return (request, response, url) => {
    limitTime(response, options.writeTimeoutMs());
    logAccess(request, response, url, options);
    const closed = route.isUngated === true ? null : closedFor(url, options);
    if (closed !== null) {
      tell(url, closed);
      sendText(response, 503, 'Service Unavailable');
      return;
    }
    const reply = replyOf(route, url, options);
    if (reply.refusal !== undefined) tell(url, reply.refusal);
    send(request, response, reply);
  };
}

/** Other monitors ask for what this one polls itself, and need not wait for what the others poll: reference 6.4. */
function closedFor(url: string, { closedBecause }: AppOptions): string | null {
  const closed = closedBecause('all');
  if (closed === null) return null;
  const query = parseQuery(queryOf(url));
  return query.has('raw') || query.has('local') ? closedBecause('direct') : closed;
}

function replyOf(route: Route, url: string, options: AppOptions): Reply {
  try {
    const [, argument = ''] = pathOf(url).slice(route.path.length).split('/');
    return route.answer({ query: parseQuery(queryOf(url)), argument });
  } catch (error) {
    options.onError(`Request Error: ${url}: ${error instanceof Error ? error.message : error}`);
    return { status: 500, contentType: 'text/plain; charset=utf-8', body: 'Internal Server Error' };
  }
}

function pathOf(url: string): string {
  const mark = url.indexOf('?');
  return mark < 0 ? url : url.slice(0, mark);
}

function queryOf(url: string): string {
  const mark = url.indexOf('?');
  return mark < 0 ? '' : url.slice(mark + 1);
}

/** A client that reads too slowly is cut off: `serve_write_timeout_ms`, 0 for never. */
function limitTime(response: ServerResponse, limitMs: number): void {
  if (limitMs === 0) return;
  const timer = setTimeout(() => response.destroy(), limitMs);
  response.once('close', () => clearTimeout(timer));
}

function logAccess(
  request: IncomingMessage,
  response: ServerResponse,
  url: string,
  options: AppOptions,
): void {
  const log = options.accessLog();
  if (log === null) return;
  const start = performance.now();
  const { remoteAddress = '', remotePort = 0 } = request.socket;
  response.once('close', () => {
    log({
      timeMs: Date.now(),
      durationMs: performance.now() - start,
      remoteAddress,
      remotePort,
      method: request.method ?? 'GET',
      path: decoded(pathOf(url)),
      query: queryOf(url),
      status: response.statusCode,
      bytes: sentBytes(response),
      userAgent: request.headers['user-agent'] ?? '',
    });
  });
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function sendPage(pages: StaticPages, request: Request, response: Response): void {
  const page = pages.get(request.path);
  if (page !== undefined) send(request, response, page);
  else sendText(response, 404, '404 page not found\n', { 'X-Content-Type-Options': 'nosniff' });
}
