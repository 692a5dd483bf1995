import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { httpServer } from '../testing/servers.ts';
import { until } from '../testing/waiting.ts';
import { LineSource } from './line-source.ts';

async function sourceOf(t: TestContext, listener: RequestListener, timeoutMs = 5000) {
  const { port } = await httpServer(t, listener);
  const source = new LineSource({ userAgent: 'test', timeoutMs: () => timeoutMs });
  t.after(() => source.close());
  return (signal = new AbortController().signal) =>
    source.lines(`http://127.0.0.1:${port}/path?query=1`, signal);
}

async function all(lines: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = [];
  for await (const line of lines) found.push(line);
  return found;
}

describe('lines of another monitor', () => {
  it('come whole, however they were cut on the way', async (t) => {
    const lines = await sourceOf(t, (request, response) => {
      assert.equal(request.url, '/path?query=1');
      assert.equal(request.headers['user-agent'], 'test');
      const bytes = Buffer.from('first\nsecönd\n\nlast\n');
      for (let at = 0; at < bytes.length; at++) response.write(bytes.subarray(at, at + 1));
      response.end();
    });
    assert.deepEqual(await all(lines()), ['first', 'secönd', '', 'last']);
  });

  it('come packed', async (t) => {
    const text = Array.from({ length: 50_000 }, (_, i) => `line ${i}\n`).join('');
    const lines = await sourceOf(t, (_request, response) => {
      response.setHeader('Content-Encoding', 'gzip');
      response.end(gzipSync(text));
    });
    const found = await all(lines());
    assert.deepEqual([found.length, found.at(-1)], [50_000, 'line 49999']);
  });

  const failing: readonly [what: string, listener: RequestListener, reason: RegExp][] = [
    ['a status that is no 200', (_request, response) => response.writeHead(503).end('no'), /status: 503/],
    ['an end in the middle of a line', (_request, response) => response.end('one\ntw'), /middle of a line/],
    ['no answer', () => {}, /[Tt]imeout/],
    ['an answer that stops', (_request, response) => response.write('one\n'), /[Tt]imeout/],
    [
      'a connection that breaks',
      (_request, response) => response.write('one\n', () => response.destroy()),
      /terminated|closed|aborted/,
    ],
    [
      'packed nonsense',
      (_request, response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end('x'),
      /header|end of file/,
    ],
  ];
  for (const [what, listener, reason] of failing) {
    it(`are no answer: ${what}`, async (t) => {
      const lines = await sourceOf(t, listener, 200);
      await assert.rejects(all(lines()), (error) => error instanceof Error && reason.test(error.message));
    });
  }

  it('are asked for at once, and no more when nobody wants them', async (t) => {
    let isAsked = false;
    let isGone = false;
    const lines = await sourceOf(t, (request, response) => {
      isAsked = true;
      request.once('close', () => {
        isGone = true;
      });
      response.write('one\ntwo\n');
    });
    const gone = new AbortController();
    lines(gone.signal);
    await until('the question', () => isAsked);
    gone.abort();
    await until('the end of the request', () => isGone);
  });
});
