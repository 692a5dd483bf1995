import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { ask, type Question } from '../testing/asking.ts';
import { httpServer } from '../testing/servers.ts';
import { sleep, until } from '../testing/waiting.ts';
import { json, send, sentBytes } from './reply.ts';
import { inTurns, type Pieces } from './stream-pieces.ts';

const PIECE = 'x'.repeat(1 << 16);

/** Serves pieces, and tells what became of them. */
async function serve(t: TestContext, pieces: () => Generator<string>) {
  const told = { made: 0, ended: false, sent: 0 };
  function* counted(): Generator<string> {
    try {
      for (const piece of pieces()) {
        told.made++;
        yield piece;
      }
    } finally {
      told.ended = true;
    }
  }
  const { port } = await httpServer(t, (request, response) => {
    response.once('close', () => {
      told.sent = sentBytes(response);
    });
    send(request, response, json({ pieces: counted() }));
  });
  return { told, port, get: (question: Omit<Question, 'port'> = {}) => ask({ port, ...question }) };
}

function* times(count: number, piece: string): Generator<string> {
  for (let made = 0; made < count; made++) yield piece;
}

describe('a body in pieces', () => {
  it('arrives whole, and is counted for the access log', async (t) => {
    const { get, told } = await serve(t, () => times(50, PIECE));
    const { status, headers, body } = await get();
    assert.deepEqual([status, headers['content-length'], headers['etag']], [200, undefined, undefined]);
    assert.equal(body.length, 50 * PIECE.length);
    await until('the bytes to be counted', () => told.sent === body.length);
  });

  it('is packed if the client takes that', async (t) => {
    const { get, told } = await serve(t, () => times(50, PIECE));
    const { headers, body } = await get({ headers: { 'Accept-Encoding': 'gzip' } });
    assert.equal(headers['content-encoding'], 'gzip');
    assert.equal(gunzipSync(body).length, 50 * PIECE.length);
    await until('the bytes to be counted', () => told.sent === body.length);
  });

  it('is not made for HEAD', async (t) => {
    const { get, told } = await serve(t, () => times(50, PIECE));
    assert.equal((await get({ method: 'HEAD' })).status, 200);
    assert.equal(told.made, 0);
  });

  it('is made as fast as the client reads, and no further when the client has gone', async (t) => {
    const { port, told } = await serve(t, () => times(10_000, PIECE));
    const socket = connect(port, '127.0.0.1');
    socket.pause();
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await until('the first piece', () => told.made > 0);
    let before = -1;
    await until('the making to stand still', async () => {
      await sleep(100);
      const stands = told.made === before;
      before = told.made;
      return stands;
    });
    assert.ok(told.made < 1000, `${told.made} pieces were made for a client that reads nothing`);
    socket.destroy();
    await until('the end of the making', () => told.ended);
    assert.ok(told.made < 1000);
  });

  it('is cut off, not ended, if a piece cannot be made', async (t) => {
    const { get } = await serve(t, function* () {
      yield PIECE;
      throw new Error('a fault');
    });
    await assert.rejects(get());
  });
});

it('the process does its other work while pieces are made', async () => {
  let turns = 0;
  let busy = true;
  const count = (): void => {
    turns++;
    if (busy) setImmediate(count);
  };
  setImmediate(count);
  function* slow(): Generator<string> {
    for (let made = 0; made < 20; made++) {
      const endMs = performance.now() + 3;
      while (performance.now() < endMs);
      yield 'x';
    }
  }
  let text = '';
  const pieces: Pieces = slow();
  for await (const piece of inTurns(pieces)) text += piece;
  busy = false;
  assert.equal(text.length, 20);
  assert.ok(turns >= 8, `${turns} turns in 60 ms`);
});
