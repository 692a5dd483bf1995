import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { bodyOf, type Payload } from './payloads/payload.ts';
import type { RequestHead } from './request-head.ts';
import type { SimulatedCache } from './simulated-cache.ts';

/** One request at one cache, while it is being answered. */
export interface Exchange {
  readonly socket: Socket;
  readonly cache: SimulatedCache;
  readonly request: RequestHead;
  /** Body of a right answer, with the counters of this moment. */
  payload(): Payload;
  /** Like setTimeout, but nothing fires after the farm was closed. */
  later(ms: number, action: () => void): void;
  /** The answer is complete: the connection may go on to its next request. */
  done(): void;
}

/** Status line and headers; `extra` is whole lines, each with its line break. */
export function answerHead(
  status: number,
  contentType: string,
  length: number,
  close: boolean,
  extra = '',
): string {
  const reason = status === 200 ? 'OK' : (STATUS_CODES[status] ?? 'Unknown');
  return (
    `HTTP/1.1 ${status} ${reason}\r\nServer: ATS/9.2.4\r\nContent-Type: ${contentType}\r\n` +
    `Content-Length: ${length}\r\n${extra}${close ? 'Connection: close\r\n' : ''}\r\n`
  );
}

/** The right answer of a cache, as cheap as it gets: one write, without a copy of the bulk. */
export function answer(exchange: Exchange): void {
  const { socket, cache, request } = exchange;
  const { httpStatus, gzip } = cache.state;
  const payload = exchange.payload();
  if (gzip && request.acceptsGzip) {
    const packed = gzipSync(bodyOf(payload), { level: 1 });
    const head = answerHead(
      httpStatus,
      payload.contentType,
      packed.length,
      request.close,
      'Content-Encoding: gzip\r\n',
    );
    socket.write(Buffer.concat([Buffer.from(head, 'latin1'), packed]));
  } else {
    writePayload(socket, httpStatus, payload, request.close);
  }
  exchange.done();
}

/** Writes an uncompressed answer. */
export function writePayload(socket: Socket, status: number, payload: Payload, close: boolean): void {
  const { contentType, head, bulk, tail } = payload;
  const length = head.length + (bulk?.length ?? 0) + tail.length;
  const before = answerHead(status, contentType, length, close) + head;
  if (bulk === null) {
    socket.write(before + tail, 'latin1');
    return;
  }
  socket.cork();
  socket.write(before, 'latin1');
  socket.write(bulk);
  socket.write(tail, 'latin1');
  socket.uncork();
}
