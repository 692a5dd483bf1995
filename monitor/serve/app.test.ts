import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { AccessRecord } from '../log/lines.ts';
import { type Answer, ask, askRaw, type Question } from '../testing/asking.ts';
import { httpServer } from '../testing/servers.ts';
import { until } from '../testing/waiting.ts';
import { createApp, type Route, type RouteRequest } from './app.ts';
import { json, type Reply } from './reply.ts';

const PAGE: Reply = {
  status: 200,
  body: Buffer.from('<html></html>'),
  contentType: 'text/html; charset=utf-8',
  isPlain: true,
};

/** An app with one route of interest, served; its switches are a test's to turn. */
async function serve(t: TestContext, answer: Route['answer'] = () => json('{}')) {
  const state = {
    closed: null as string | null,
    ready: true,
    metrics: () => 'tm_ready 1\n',
    logging: true,
    // Longer than any test waits: one that means another sets it.
    writeTimeoutMs: 60_000,
    errors: [] as string[],
    records: [] as AccessRecord[],
    requests: [] as RouteRequest[],
  };
  const route: Route = {
    path: '/publish/CrStates',
    answer: (request) => {
      state.requests.push(request);
      return answer(request);
    },
  };
  const app = createApp({
    routes: [
      route,
      { path: '/api/other', answer: () => json('2') },
      { path: '/api/open', answer: () => json('3'), isUngated: true },
    ],
    streams: new Map([
      [
        '/api/stream',
        (_request, response) => {
          response.writeHead(200).write('begun');
          setTimeout(() => response.end(), 150);
        },
      ],
    ]),
    pages: () => new Map([['/', PAGE]]),
    closedBecause: () => state.closed,
    isReady: () => state.ready,
    metrics: async () => ({ status: 200, contentType: 'text/plain', body: state.metrics() }),
    onError: (message) => state.errors.push(message),
    accessLog: () => (state.logging ? (record) => state.records.push(record) : null),
    writeTimeoutMs: () => state.writeTimeoutMs,
  });
  const { port } = await httpServer(t, app);
  const get = (path: string, question: Omit<Question, 'port' | 'path'> = {}): Promise<Answer> =>
    ask({ port, path, ...question });
  return { state, port, get };
}

describe('a data route', () => {
  for (const path of [
    '/publish/CrStates',
    '/publish/CrStates/',
    '/publish/CrStates/anything/else',
    '/publish/CrStates?raw',
  ]) {
    it(`answers ${path}`, async (t) => {
      const { get } = await serve(t);
      const { status, headers, text } = await get(path);
      assert.deepEqual([status, text], [200, '{}']);
      assert.equal(headers['content-type'], 'application/json');
      assert.equal(headers['permissions-policy'], 'interest-cohort=()');
      assert.equal(headers['x-powered-by'], undefined);
    });
  }

  it('gets the query and the percent-encoded piece of the path that follows it', async (t) => {
    const { state, get } = await serve(t);
    await get('/publish/CrStates/edge%201/zzz?raw&a=b+c');
    const [request] = state.requests;
    assert.equal(request?.argument, 'edge%201');
    assert.deepEqual(
      [...(request?.query ?? [])],
      [
        ['raw', ['']],
        ['a', ['b c']],
      ],
    );
    await get('/publish/CrStates');
    assert.equal(state.requests[1]?.argument, '');
  });

  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
    it(`answers ${method} like GET (D63)`, async (t) => {
      const { get } = await serve(t);
      const { status, text } = await get('/publish/CrStates', { method });
      assert.deepEqual([status, text], [200, '{}']);
    });
  }

  it('answers HEAD without a body', async (t) => {
    const { get } = await serve(t);
    const { status, text, headers } = await get('/publish/CrStates', { method: 'HEAD' });
    assert.deepEqual([status, text, headers['content-length']], [200, '', '2']);
  });

  it('that throws answers 500, and the error is told', async (t) => {
    const { state, get } = await serve(t, () => {
      throw new Error('no snapshot');
    });
    const { status, text, headers } = await get('/publish/CrStates?x');
    assert.deepEqual([status, text], [500, 'Internal Server Error']);
    assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
    assert.deepEqual(state.errors, ['Request Error: /publish/CrStates?x: no snapshot']);
    assert.equal((await get('/api/other')).status, 200);
  });

  it('is packed for those who take it', async (t) => {
    const { get } = await serve(t, () => json('{"a":"b"}'));
    const { body } = await get('/publish/CrStates', { headers: { 'Accept-Encoding': 'gzip' } });
    assert.equal(gunzipSync(body).toString(), '{"a":"b"}');
  });

  it('is cut off when its client reads too slowly', async (t) => {
    const { state, port } = await serve(t, () => json(Buffer.alloc(50_000_000)));
    state.writeTimeoutMs = 100;
    const socket = connect({ host: '127.0.0.1', port });
    t.after(() => socket.destroy());
    socket.on('error', () => {});
    socket.write('GET /publish/CrStates HTTP/1.1\r\nHost: a\r\n\r\n');
    await until('the request is logged as ended', () => state.records.length === 1);
  });

  it('is never cut off by a write timeout of 0', async (t) => {
    const { state, get } = await serve(t, () => json('x'.repeat(1_000_000)));
    state.writeTimeoutMs = 0;
    const { text } = await get('/publish/CrStates', { headers: { 'Accept-Encoding': 'gzip' } });
    assert.ok(text.length > 0);
  });
});

describe('while the gate is shut', () => {
  it('data routes answer 503 in the form of the Go monitor', async (t) => {
    const { state, get } = await serve(t);
    state.closed = 'service still starting, some caches unpolled: edge-1';
    const { status, text, headers } = await get('/publish/CrStates?raw');
    assert.deepEqual([status, text], [503, 'Service Unavailable']);
    assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
    assert.equal(headers['permissions-policy'], undefined);
    assert.deepEqual(state.errors, [
      'Request Error: /publish/CrStates?raw: service still starting, some caches unpolled: edge-1',
    ]);
    assert.equal(state.requests.length, 0);
  });

  it('that is told once a second for each route, not with each request', async (t) => {
    const { state, get } = await serve(t);
    state.closed = 'starting';
    for (let i = 0; i < 5; i++) await get('/publish/CrStates');
    await get('/api/other');
    assert.equal(state.errors.length, 2);
  });

  it('and opens, they answer', async (t) => {
    const { state, get } = await serve(t);
    state.closed = 'starting';
    await get('/publish/CrStates');
    state.closed = null;
    assert.equal((await get('/publish/CrStates')).status, 200);
  });

  it('routes that are open to all answer', async (t) => {
    const { state, get } = await serve(t);
    state.closed = 'starting';
    const { status, text } = await get('/api/open');
    assert.deepEqual([status, text, state.errors], [200, '3', []]);
  });

  it('streams begin, and no write timeout ends them', async (t) => {
    const { state, get } = await serve(t);
    state.closed = 'starting';
    state.writeTimeoutMs = 50;
    const { status, text } = await get('/api/stream');
    assert.deepEqual([status, text], [200, 'begun']);
  });

  it('pages, health and unknown paths are as ever', async (t) => {
    const { state, get } = await serve(t);
    state.closed = 'starting';
    assert.equal((await get('/')).status, 200);
    assert.equal((await get('/healthz')).status, 200);
    assert.equal((await get('/nothing')).status, 404);
  });
});

describe('health', () => {
  it('is ok while the process answers; readiness is told apart', async (t) => {
    const { state, get } = await serve(t);
    const told = async (path: string) => {
      const { status, text } = await get(path);
      return [status, text];
    };
    assert.deepEqual(await told('/healthz'), [200, 'ok']);
    assert.deepEqual(await told('/readyz'), [200, 'ready']);
    state.ready = false;
    assert.deepEqual(await told('/readyz'), [503, 'not ready']);
    assert.deepEqual(await told('/healthz'), [200, 'ok']);
  });

  it('metrics are told, packed for those who take it, whether the gate is open or not', async (t) => {
    const { state, get } = await serve(t);
    state.closed = 'still starting';
    const { status, text } = await get('/metrics');
    assert.deepEqual([status, text], [200, 'tm_ready 1\n']);
    const { body } = await get('/metrics', { headers: { 'Accept-Encoding': 'gzip' } });
    assert.equal(gunzipSync(body).toString(), 'tm_ready 1\n');
  });

  it('metrics that cannot be told are a 500 and an error', async (t) => {
    const { state, get } = await serve(t);
    state.metrics = () => {
      throw new Error('no figures');
    };
    const { status } = await get('/metrics');
    assert.equal(status, 500);
    assert.deepEqual(state.errors, ['Request Error: /metrics: no figures']);
  });
});

describe('other paths', () => {
  for (const path of [
    '/nothing',
    '/index.html',
    '/publish',
    '/publish/CrStatesX',
    '/publish/crstates',
    '/PUBLISH/CrStates',
    '/%zz',
  ]) {
    it(`${path} is 404 in Go's form`, async (t) => {
      const { get } = await serve(t);
      const { status, text, headers } = await get(path);
      assert.deepEqual([status, text], [404, '404 page not found\n']);
      assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
      assert.equal(headers['x-content-type-options'], 'nosniff');
    });
  }

  const unclean: readonly [path: string, location: string][] = [
    ['//publish/CrStates', '/publish/CrStates'],
    ['//evil.test/x', '/evil.test/x'],
    ['/publish//CrStates?raw&x=1', '/publish/CrStates?raw&x=1'],
    ['/publish/../api/other', '/api/other'],
    ['/./', '/'],
  ];
  for (const [path, location] of unclean) {
    it(`${path} is redirected to ${location}`, async (t) => {
      const { get } = await serve(t);
      const { status, headers } = await get(path);
      assert.deepEqual([status, headers['location']], [301, location]);
    });
  }

  it('a page that is plain has its type and no caching', async (t) => {
    const { get } = await serve(t);
    const { status, text, headers } = await get('/', { headers: { 'Accept-Encoding': 'gzip' } });
    assert.deepEqual([status, text], [200, '<html></html>']);
    assert.equal(headers['content-type'], 'text/html; charset=utf-8');
    assert.equal(headers['permissions-policy'], 'interest-cohort=()');
    assert.equal(headers['etag'], undefined);
    assert.equal(headers['content-encoding'], undefined);
  });

  it('bytes that are not HTTP end the connection and nothing else', async (t) => {
    const { port, get } = await serve(t);
    assert.match(await askRaw(port, '\x16\x03\x01\x00\r\n\r\n'), /^HTTP\/1\.1 400 /);
    assert.equal((await get('/publish/CrStates')).status, 200);
  });
});

describe('access records', () => {
  it('tell of a request to a data route once it has ended', async (t) => {
    const { state, get } = await serve(t, () => {
      const endMs = performance.now() + 60;
      while (performance.now() < endMs);
      return json('{"a":1}');
    });
    const before = Date.now();
    await get('/publish/CrStates/edge%201?raw=%20', {
      headers: { 'User-Agent': 'router' },
    });
    await until('it is logged', () => state.records.length === 1);
    const [record] = state.records;
    assert.ok(record);
    const { timeMs, durationMs, remotePort, ...rest } = record;
    assert.deepEqual(rest, {
      remoteAddress: '127.0.0.1',
      method: 'GET',
      path: '/publish/CrStates/edge 1',
      query: 'raw=%20',
      status: 200,
      bytes: 7,
      userAgent: 'router',
    });
    assert.ok(timeMs >= before && timeMs <= Date.now());
    assert.ok(durationMs >= 50 && durationMs < 10_000, `${durationMs}, not in ms`);
    assert.ok((remotePort ?? 0) > 0);
  });

  it('tell of refusals too, and count the bytes that went out', async (t) => {
    const { state, get } = await serve(t);
    state.closed = 'starting';
    await get('/publish/CrStates');
    await until('it is logged', () => state.records.length === 1);
    const [{ status, bytes } = { status: 0, bytes: 0 }] = state.records;
    assert.deepEqual([status, bytes], [503, 'Service Unavailable'.length]);
  });

  it('tell nothing of pages, health, redirects and unknown paths', async (t) => {
    const { state, get } = await serve(t);
    for (const path of ['/', '/healthz', '//', '/nothing', '/publish/CrStates']) await get(path);
    await until('one is logged', () => state.records.length > 0);
    assert.equal(state.records.length, 1);
  });

  it('are not made while there is no access log', async (t) => {
    const { state, get } = await serve(t);
    state.logging = false;
    await get('/publish/CrStates');
    assert.equal(state.records.length, 0);
  });
});
