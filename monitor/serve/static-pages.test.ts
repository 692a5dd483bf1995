import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { ask, type Question } from '../testing/asking.ts';
import { httpServer } from '../testing/servers.ts';
import { createApp } from './app.ts';
import { readStaticPages } from './static-pages.ts';

async function serve(t: TestContext, directory: string | null) {
  const pages = await readStaticPages(directory);
  const app = createApp({
    routes: [],
    streams: new Map(),
    pages: () => pages,
    closedBecause: () => null,
    isReady: () => true,
    metrics: async () => ({ status: 200, contentType: 'text/plain', body: '' }),
    onError: () => {},
    accessLog: () => null,
    writeTimeoutMs: () => 0,
  });
  const { port } = await httpServer(t, app);
  return {
    pages,
    get: (path: string, question: Omit<Question, 'port' | 'path'> = {}) => ask({ port, path, ...question }),
  };
}

const packed = { headers: { 'Accept-Encoding': 'gzip' } };

describe('the page that comes with the monitor', () => {
  it('is packed, and not sent again to who has it', async (t) => {
    const { get } = await serve(t, null);
    const { status, headers, body } = await get('/', packed);
    assert.deepEqual([status, headers['content-type']], [200, 'text/html; charset=utf-8']);
    assert.match(gunzipSync(body).toString(), /^<!doctype html>/);
    assert.equal(headers['cache-control'], 'no-cache');
    const again = await get('/', { headers: { 'If-None-Match': String(headers['etag']) } });
    assert.deepEqual([again.status, again.text], [304, '']);
  });

  it('may load nothing from elsewhere and run nothing that is written into it', async (t) => {
    const { get } = await serve(t, null);
    const policy = String((await get('/')).headers['content-security-policy']);
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /script-src 'self'(;|$)/);
    assert.doesNotMatch(policy, /unsafe/);
  });

  it('has its parts beside it, each with its type, and nothing else of the folder', async (t) => {
    const { pages, get } = await serve(t, null);
    for (const [route, { contentType }] of pages) {
      assert.match(route, /^\/($|script\.js$|style\.css$|page\/[a-z-]+\.(js|css|svg)$)/);
      assert.notEqual(contentType, 'application/octet-stream');
    }
    assert.equal((await get('/page/../package.json')).status, 301);
    assert.equal((await get('/index.html')).status, 404);
  });
});

describe('a page in static_file_dir', () => {
  function folder(t: TestContext, files: readonly string[]): string {
    const place = mkdtempSync(join(tmpdir(), 'page-'));
    t.after(() => rmSync(place, { recursive: true, force: true }));
    for (const file of files) writeFileSync(join(place, file), `this is ${file}`);
    return place;
  }

  it('is served as the Go monitor serves it: three files, plainly', async (t) => {
    const { get } = await serve(t, folder(t, ['index.html', 'script.js', 'style.css', 'more.js']));
    for (const [path, file, type] of [
      ['/', 'index.html', 'text/html; charset=utf-8'],
      ['/script.js', 'script.js', 'text/javascript; charset=utf-8'],
      ['/style.css', 'style.css', 'text/css; charset=utf-8'],
    ]) {
      const { status, text, headers } = await get(path ?? '', packed);
      assert.deepEqual([status, text, headers['content-type']], [200, `this is ${file}`, type]);
      assert.equal(headers['permissions-policy'], 'interest-cohort=()');
      for (const header of ['etag', 'content-encoding', 'content-security-policy', 'cache-control'])
        assert.equal(headers[header], undefined, header);
    }
    assert.equal((await get('/more.js')).status, 404);
  });

  it('that is not whole is refused, with the file and what to do', async (t) => {
    await assert.rejects(
      readStaticPages(folder(t, ['index.html', 'script.js'])),
      /static_file_dir: cannot read .*style\.css .*leave static_file_dir out/,
    );
  });
});
