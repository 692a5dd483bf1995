import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Prepared, prepared } from './prepared-body.ts';
import { type Pieces, streamPieces } from './stream-pieces.ts';

/** A body that is sent while it is made: too long to be kept. */
export interface Streamed {
  readonly pieces: Pieces;
}

/** What a route answers. */
export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: Prepared | string | Buffer | Streamed;
  readonly headers?: Readonly<Record<string, string>>;
  /** Never packed, whatever the client takes. */
  readonly isPlain?: true;
  /** For the error log: why the route does not tell what it is asked for. */
  readonly refusal?: string;
}

export const json = (body: Reply['body'], headers: Reply['headers'] = {}): Reply => ({
  status: 200,
  contentType: 'application/json',
  body,
  headers,
});

/** A filter that cannot be understood: bare text that calls itself JSON, as clients of the Go monitor know it (D56). */
export const badRequest = (message: string): Reply => ({
  status: 400,
  contentType: 'application/json',
  body: message,
});

/** The route knows, but must not tell now. */
export const unavailable = (refusal: string): Reply => ({
  status: 503,
  contentType: 'text/plain; charset=utf-8',
  body: 'Service Unavailable',
  refusal,
});

const bodyBytes = Symbol('body bytes');
type Counted = ServerResponse & { [bodyBytes]?: number };

/** Body bytes that were sent, for the access log. */
export const sentBytes = (response: Counted): number => response[bodyBytes] ?? 0;

/**
 * Sends a reply the way every data route does: gzip if the client takes it (q-values count, D64), 304 if it has the
 * body already, no body for HEAD.
 */
export function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  const headers: Record<string, string | number> = {
    'Content-Type': reply.contentType,
    'Permissions-Policy': 'interest-cohort=()',
    ...(reply.isPlain === true ? {} : { Vary: 'Accept-Encoding' }),
    ...reply.headers,
  };
  if (typeof reply.body === 'object' && 'pieces' in reply.body) {
    sendStreamed(request, response, reply, reply.body, headers);
    return;
  }
  const isShared = typeof reply.body === 'object' && 'packed' in reply.body;
  const body = isShared ? (reply.body as Prepared) : prepared(Buffer.from(reply.body as string | Buffer), '');
  if (isShared) {
    headers['ETag'] = body.etag;
    if (hasAlready(request.headers['if-none-match'], body.etag)) {
      response.writeHead(304, headers).end();
      return;
    }
  }
  const finish = (bytes: Buffer): void => {
    headers['Content-Length'] = bytes.length;
    response.writeHead(reply.status, headers);
    if (request.method !== 'HEAD') (response as Counted)[bodyBytes] = bytes.length;
    response.end(request.method === 'HEAD' ? undefined : bytes);
  };
  const isPacked = reply.isPlain !== true && body.size > 0 && takesGzip(request.headers['accept-encoding']);
  if (isPacked) headers['Content-Encoding'] = 'gzip';
  const bytes = isPacked ? body.packed() : body.plain();
  if (bytes instanceof Promise) bytes.then(finish, (error: Error) => response.destroy(error));
  else finish(bytes);
}

/** In chunks: how long it will be is not known. */
function sendStreamed(
  request: IncomingMessage,
  response: Counted,
  { status }: Reply,
  { pieces }: Streamed,
  headers: Record<string, string | number>,
): void {
  const isPacked = takesGzip(request.headers['accept-encoding']);
  if (isPacked) headers['Content-Encoding'] = 'gzip';
  response.writeHead(status, headers);
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  response[bodyBytes] = 0;
  streamPieces(response, pieces, isPacked, (bytes) => {
    response[bodyBytes] = sentBytes(response) + bytes;
    // A body that cannot be completed must not look complete.
  }).catch((error: Error) => response.destroy(error));
}

/** Text that says what went wrong, outside the data routes: reference 9.1. */
export function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Record<string, string> = {},
): void {
  (response as Counted)[bodyBytes] = Buffer.byteLength(text);
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

function hasAlready(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const opaque = (tag: string): string => tag.trim().replace(/^W\//, '');
  return ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || opaque(tag) === opaque(etag));
}

/** Routers send the same header with every request: what it means is worked out once. */
const gzipAnswers = new Map<string, boolean>();

/** Whether an Accept-Encoding header asks for gzip by name, with a weight that is not 0. */
export function takesGzip(header: string | undefined): boolean {
  if (header === undefined) return false;
  const known = gzipAnswers.get(header);
  if (known !== undefined) return known;
  const answer = header.split(',').some((element) => {
    const [coding = '', ...parameters] = element.split(';').map((part) => part.trim().toLowerCase());
    return coding === 'gzip' && !parameters.some((parameter) => /^q\s*=\s*0(\.0*)?$/.test(parameter));
  });
  if (gzipAnswers.size >= 100) gzipAnswers.clear();
  gzipAnswers.set(header, answer);
  return answer;
}
