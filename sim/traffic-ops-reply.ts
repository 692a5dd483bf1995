import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { ServedDocument } from './traffic-ops-document.ts';

/** What Traffic Ops says to one request. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Empty for a 304. */
  readonly bytes: Buffer;
}

/** A message to people, which is also how Traffic Ops confirms a login. */
export function alertReply(status: number, text: string, headers: Record<string, string> = {}): Reply {
  const level = status < 300 ? 'success' : 'error';
  return { ...bodyReply(JSON.stringify({ alerts: [{ text, level }] })), status, headers };
}

/** Status 200 with this body. */
export function bodyReply(body: string): Reply {
  return { status: 200, headers: {}, bytes: Buffer.from(body) };
}

/** A small answer that is packed for this request alone. */
export function jsonReply(request: IncomingMessage, body: unknown): Reply {
  const bytes = Buffer.from(JSON.stringify(body));
  if (!acceptsGzip(request)) return { status: 200, headers: {}, bytes };
  return { status: 200, headers: { 'Content-Encoding': 'gzip' }, bytes: gzipSync(bytes) };
}

/** A prepared document, or 304 if entity tags are on and the client has it. */
export function documentReply(request: IncomingMessage, document: ServedDocument, etags: boolean): Reply {
  const headers: Record<string, string> = { Vary: 'Accept-Encoding' };
  if (etags) headers['ETag'] = document.etag;
  if (etags && request.headers['if-none-match'] === document.etag) {
    return { status: 304, headers, bytes: Buffer.alloc(0) };
  }
  if (!acceptsGzip(request)) return { status: 200, headers, bytes: document.bytes };
  return { status: 200, headers: { ...headers, 'Content-Encoding': 'gzip' }, bytes: document.packed };
}

/** Sends a reply; JSON unless it says otherwise. */
export function sendReply(response: ServerResponse, { status, headers, bytes }: Reply): void {
  if (status === 304) {
    response.writeHead(status, { ...headers });
    response.end();
    return;
  }
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': bytes.length,
    ...headers,
  });
  response.end(bytes);
}

function acceptsGzip(request: IncomingMessage): boolean {
  return String(request.headers['accept-encoding'] ?? '').includes('gzip');
}
