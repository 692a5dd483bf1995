import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { answer, answerHead, type Exchange, writePayload } from './answer.ts';
import type { Behaviour } from './behaviours.ts';
import { bodyOf } from './payloads/payload.ts';

const mebibyte = 1024 * 1024;
const spaces = Buffer.alloc(64 * 1024, ' ');

/** Answers in the way that the script of the cache says. */
export function behave(behaviour: Behaviour, exchange: Exchange): void {
  const { socket, request } = exchange;
  switch (behaviour.kind) {
    case 'healthy':
      answer(exchange);
      break;
    case 'hang':
      break;
    case 'reset':
    case 'refused':
      socket.resetAndDestroy();
      break;
    case 'close':
      socket.destroy();
      break;
    case 'slow-drip':
      drip(wholeAnswer(exchange), behaviour.bytes, behaviour.everyMs, exchange);
      break;
    case 'endless-body':
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/json\r\n\r\n{"ats":{"endless":"', 'latin1');
      pump(socket, spaces, Number.POSITIVE_INFINITY, () => {});
      break;
    case 'huge-body':
      sendBehindSpaces(exchange, behaviour.bytes);
      break;
    case 'gzip-bomb':
      sendBomb(exchange, behaviour.unpackedBytes);
      break;
    case 'header-flood':
      floodHeaders(exchange, behaviour.headers);
      break;
    case 'truncated-body':
      truncate(exchange);
      break;
    case 'garbage-http':
      socket.end(Buffer.from('\x16\x03\x01\x02\x00\x01\xfc 200 WHAT?\r\n: : :\r\n\r\n', 'latin1'));
      break;
    case 'garbage-body':
      sendBody(exchange, '{"ats":{"server":"9.2.4"},"system":{"inf.name":<html>oops');
      break;
    case 'deep-json':
      sendBody(exchange, `{"ats":{"deep":${'['.repeat(behaviour.depth)}${']'.repeat(behaviour.depth)}}}`);
      break;
    case 'redirect':
      socket.write(answerHead(302, 'text/html', 0, request.close, `Location: ${behaviour.location}\r\n`));
      exchange.done();
      break;
    case 'wrong-content-type': {
      const payload = { ...exchange.payload(), contentType: behaviour.contentType };
      writePayload(socket, 200, payload, request.close);
      exchange.done();
      break;
    }
  }
}

function truncate(exchange: Exchange): void {
  const whole = wholeAnswer(exchange);
  const headers = whole.indexOf('\r\n\r\n') + 4;
  exchange.socket.end(whole.subarray(0, headers + Math.floor((whole.length - headers) / 2)));
}

function sendBody({ socket, request, done }: Exchange, body: string): void {
  writePayload(socket, 200, { contentType: 'text/json', head: body, bulk: null, tail: '' }, request.close);
  done();
}

function wholeAnswer({ cache, request, payload }: Exchange): Buffer {
  const right = payload();
  const body = bodyOf(right);
  const head = answerHead(cache.state.httpStatus, right.contentType, body.length, request.close);
  return Buffer.concat([Buffer.from(head, 'latin1'), body]);
}

function drip(rest: Buffer, bytes: number, everyMs: number, exchange: Exchange): void {
  if (exchange.socket.destroyed) return;
  exchange.socket.write(rest.subarray(0, bytes));
  if (rest.length <= bytes) exchange.done();
  else exchange.later(everyMs, () => drip(rest.subarray(bytes), bytes, everyMs, exchange));
}

function sendBehindSpaces({ socket, request, payload, done }: Exchange, bytes: number): void {
  const right = payload();
  const body = bodyOf(right);
  socket.write(answerHead(200, right.contentType, bytes + body.length, request.close), 'latin1');
  pump(socket, spaces, bytes, () => {
    socket.write(body);
    done();
  });
}

function sendBomb({ socket, request, payload, done }: Exchange, unpackedBytes: number): void {
  const right = payload();
  const body = gzipSync(bodyOf(right));
  // A gzip stream may have several members, so one packed mebibyte, repeated, is as good as one long one.
  const member = gzipSync(Buffer.alloc(mebibyte, ' '), { level: 9 });
  const members = Math.floor(unpackedBytes / mebibyte) * member.length;
  const extra = 'Content-Encoding: gzip\r\n';
  socket.write(answerHead(200, right.contentType, members + body.length, request.close, extra), 'latin1');
  pump(socket, Buffer.concat(Array.from({ length: 64 }, () => member)), members, () => {
    socket.write(body);
    done();
  });
}

function floodHeaders({ socket, payload, request, done }: Exchange, headers: number): void {
  socket.write('HTTP/1.1 200 OK\r\n', 'latin1');
  const line = 'X-Flood: there is always one more header to come\r\n';
  pump(socket, Buffer.from(line.repeat(1000), 'latin1'), headers * line.length, () => {
    const right = payload();
    const body = bodyOf(right);
    // The status line has gone out already.
    const head = answerHead(200, right.contentType, body.length, request.close);
    socket.write(head.slice(head.indexOf('\r\n') + 2), 'latin1');
    socket.write(body);
    done();
  });
}

/** Writes `chunk` again and again until `bytes` are out, no faster than the other side reads. */
function pump(socket: Socket, chunk: Buffer, bytes: number, then: () => void): void {
  let left = bytes;
  const more = () => {
    while (left > 0) {
      if (socket.destroyed) return;
      const piece = left < chunk.length ? chunk.subarray(0, left) : chunk;
      left -= piece.length;
      if (!socket.write(piece)) {
        socket.once('drain', more);
        return;
      }
    }
    if (!socket.destroyed) then();
  };
  more();
}
