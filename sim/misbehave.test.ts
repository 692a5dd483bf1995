import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { type Behaviour, healthy } from './behaviours.ts';
import { CacheFarm } from './cache-farm.ts';
import { hasManyLoopbackAddresses } from './listening.ts';
import { type Answer, ask } from './testing/ask.ts';
import { buildWorld } from './world.ts';
import type { WorldCache } from './world-parts.ts';

const mebibyte = 1024 * 1024;
let farm: CacheFarm;
let cache: WorldCache;

before(async () => {
  farm = await CacheFarm.start();
  const shared = (await hasManyLoopbackAddresses()) ? {} : { oneAddress: '127.0.0.1' };
  const built = buildWorld({ cachePort: farm.port, edges: 1, ...shared }).caches[0];
  assert.ok(built);
  cache = built;
  await farm.add(cache);
});
after(() => farm.close());

async function answerOf(behaviour: Behaviour, timeoutMs = 10_000): Promise<Answer> {
  await farm.update(cache.name, { behaviour });
  const url = `http://${cache.address}:${farm.port}/_astats?application=system`;
  return ask(url, { timeoutMs, headers: { Host: cache.fqdn } });
}

function systemOf(body: Buffer): Record<string, unknown> {
  return JSON.parse(body.toString()).system;
}

/** Reads an answer, without any understanding of HTTP, and hangs up after `bytes`; how much came, if it ended before. */
async function readFromAnswer(behaviour: Behaviour, bytes: number): Promise<number> {
  await farm.update(cache.name, { behaviour });
  const socket = connect({ host: cache.address, port: farm.port });
  socket.write(`GET / HTTP/1.1\r\nHost: ${cache.fqdn}\r\n\r\n`);
  let read = 0;
  for await (const chunk of socket) {
    read += chunk.length;
    // Leaving the loop destroys the socket.
    if (read >= bytes) break;
  }
  return read;
}

test('hang: no answer within the time', () =>
  assert.rejects(answerOf({ kind: 'hang' }, 80), { name: 'AbortError' }));

test('reset and refused: the connection is reset', async () => {
  await assert.rejects(answerOf({ kind: 'reset' }), { code: 'ECONNRESET' });
  await assert.rejects(answerOf({ kind: 'refused' }), { code: 'ECONNRESET' });
});

test('close: the connection ends without an answer', () =>
  assert.rejects(answerOf({ kind: 'close' }), { code: 'ECONNRESET', message: 'socket hang up' }));

test('slow drip: a right answer for the patient only', async () => {
  await assert.rejects(answerOf({ kind: 'slow-drip', bytes: 1, everyMs: 10 }, 80), { name: 'AbortError' });
  const { body } = await answerOf({ kind: 'slow-drip', bytes: 100, everyMs: 1 });
  assert.equal(systemOf(body)['inf.name'], 'bond0');
});

test('endless body: more and more comes, and stops when nobody reads', async () => {
  const bytes = await readFromAnswer({ kind: 'endless-body' }, 20 * mebibyte);
  assert.ok(bytes >= 20 * mebibyte, `${bytes} bytes`);
  // Were it written on, nobody else would be answered: the farm has one thread.
  assert.equal((await answerOf(healthy)).status, 200);
});

test('huge body: exactly so much more than usual', async () => {
  const { body, headers } = await answerOf({ kind: 'huge-body', bytes: 3_000_001 });
  assert.equal(String(body.length), headers['content-length']);
  assert.equal(body.indexOf('{'), 3_000_001);
  assert.equal(systemOf(body)['inf.name'], 'bond0');
});

test('gzip bomb: small on the wire, huge inside', async () => {
  const { body, headers } = await answerOf({ kind: 'gzip-bomb', unpackedBytes: 16 * mebibyte });
  assert.equal(headers['content-encoding'], 'gzip');
  assert.ok(body.length < 40_000, `${body.length} bytes`);
  assert.equal(gunzipSync(body).indexOf('{'), 16 * mebibyte);
});

test('header flood: more headers than a client takes', async () => {
  await assert.rejects(answerOf({ kind: 'header-flood', headers: 10_000 }), { code: 'HPE_HEADER_OVERFLOW' });
  const { headers, body } = await answerOf({ kind: 'header-flood', headers: 3 });
  assert.equal(headers['x-flood']?.toString().split(',').length, 3);
  assert.equal(systemOf(body)['inf.name'], 'bond0');
});

test('truncated body: less than was announced', () =>
  assert.rejects(answerOf({ kind: 'truncated-body' }), { code: 'ECONNRESET' }));

test('garbage instead of HTTP', () =>
  assert.rejects(answerOf({ kind: 'garbage-http' }), (error: { code?: string }) =>
    String(error.code).startsWith('HPE_'),
  ));

test('garbage instead of JSON', async () => {
  const { status, body } = await answerOf({ kind: 'garbage-body' });
  assert.equal(status, 200);
  assert.throws(() => JSON.parse(body.toString()), SyntaxError);
});

test('deep nesting', async () => {
  const { body } = await answerOf({ kind: 'deep-json', depth: 50_000 });
  assert.ok(body.toString().includes('['.repeat(50_000)));
});

test('redirect', async () => {
  const { status, headers } = await answerOf({ kind: 'redirect', location: 'http://127.0.0.1:1/elsewhere' });
  assert.equal(status, 302);
  assert.equal(headers.location, 'http://127.0.0.1:1/elsewhere');
});

test('wrong content type, right body; then all is well again', async () => {
  const { headers, body } = await answerOf({ kind: 'wrong-content-type', contentType: 'text/html' });
  assert.equal(headers['content-type'], 'text/html');
  assert.equal(systemOf(body)['inf.name'], 'bond0');
  assert.equal((await answerOf(healthy)).headers['content-type'], 'text/json');
});
