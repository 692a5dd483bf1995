import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  answered,
  connectTo,
  failed,
  fetchOver,
  head,
  LIMIT,
  poll,
  pour,
  says,
  saysAndEnds,
} from '../testing/fetching.ts';
import { freePort, httpServer, onRequest, tcpServer } from '../testing/servers.ts';
import { until } from '../testing/waiting.ts';
import type { FailureClass } from './fetch-failure.ts';

describe('a poll is answered', () => {
  const body = JSON.stringify({ ats: {}, text: 'é'.repeat(100) });
  const long = JSON.stringify(Array.from({ length: 10_000 }, (_, i) => i * 7919));
  const packed = (text: string): Buffer => gzipSync(text);
  const gzip = 'Content-Encoding: gzip\r\n';
  assert.ok(packed(body).length < 4096 && packed(long).length > 4096);

  const rows: readonly [name: string, parts: readonly (string | Buffer)[], body: string][] = [
    ['plainly', [head(Buffer.byteLength(body)), body], body],
    ['with a little gzip', [head(packed(body).length, gzip), packed(body)], body],
    ['with much gzip', [head(packed(long).length, gzip), packed(long)], long],
    ['with GZIP in capitals', [head(packed(body).length, 'Content-Encoding: GZIP\r\n'), packed(body)], body],
    ['with gzip of two members', [head(packed('a').length * 2, gzip), packed('a'), packed('b')], 'ab'],
    ['with nothing', [head(0)], ''],
    ['with gzip of nothing at all', [head(0, gzip)], ''],
    [
      'in chunks',
      ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n'],
      'abc',
    ],
    ['after an interim answer', ['HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n', head(2), 'ok'], 'ok'],
    ['with another status below 300', [head(2, '', '299 Fine'), 'ok'], 'ok'],
    ['with a body as large as may be', [head(LIMIT), 'x'.repeat(LIMIT)], 'x'.repeat(LIMIT)],
    [
      'with gzip as large as may be',
      [head(packed('x'.repeat(LIMIT)).length, gzip), packed('x'.repeat(LIMIT))],
      'x'.repeat(LIMIT),
    ],
  ];
  for (const [name, parts, expected] of rows) {
    it(name, async (t) => assert.equal(answered(await poll(t, says(...parts))).body, expected));
  }

  it('until the connection ends, when no length is told', async (t) => {
    const outcome = await poll(t, saysAndEnds('HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\n\r\n', 'a,b'));
    assert.deepEqual(answered(outcome), { body: 'a,b', contentType: 'text/csv' });
  });

  it('with the content type as it came; none is empty', async (t) => {
    const typed = head(2, '').replace('text/json', 'Text/JSON; charset=utf-8');
    assert.equal(answered(await poll(t, says(typed, '{}'))).contentType, 'Text/JSON; charset=utf-8');
    const untyped = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}';
    assert.equal(answered(await poll(t, says(untyped))).contentType, '');
  });
});

describe('a poll fails', () => {
  const small = gzipSync(Buffer.alloc(LIMIT * 2));
  const packed = gzipSync('a body that is small whichever way it comes');
  const large = gzipSync(Buffer.concat([Buffer.alloc(30_000_000), Buffer.from('end')]));
  assert.ok(small.length < 4096 && large.length > 4096 && large.length < LIMIT);
  const gzip = 'Content-Encoding: gzip\r\n';
  const flood = 'X-Flood: there is always one more header to come\r\n';

  type Row = readonly [
    name: string,
    onSocket: (socket: Socket) => void,
    failureClass: FailureClass,
    text: RegExp,
    timeoutMs?: number,
  ];
  const rows: readonly Row[] = [
    [
      'reset when asked',
      (s) => onRequest(s, () => s.resetAndDestroy()),
      'reset',
      /^Get ".*": read: connection reset/,
    ],
    ['closed when asked', (s) => onRequest(s, () => s.destroy()), 'reset', /^Get "http:.*\/_astats": EOF$/],
    ['closed when connected', (s) => s.destroy(), 'reset', /^Get ".*": /],
    ['no answer', () => {}, 'timeout', /^Get ".*": context deadline exceeded .*awaiting headers\)$/, 80],
    ['a stall in the headers', says('HTTP/1.1 200 OK\r\nX-'), 'timeout', /awaiting headers\)$/, 80],
    ['a stall in the body', says(head(100), 'half'), 'timeout', /^reading body: .*while reading body\)$/, 80],
    ['an end in the body', saysAndEnds(head(100), 'half'), 'reset', /^reading body: unexpected EOF$/],
    [
      'a reset in the body',
      (s) => onRequest(s, () => s.write(head(100), () => s.resetAndDestroy())),
      'reset',
      /: read: connection reset by peer$/,
    ],
    [
      'a length that is too large',
      says(head(LIMIT + 1), 'a'),
      'too_large',
      /larger than max_body_bytes \(100000\)$/,
    ],
    [
      'a body without an end',
      pour('HTTP/1.1 200 OK\r\n\r\n', ' '.repeat(65_536)),
      'too_large',
      /^reading body: .*max_body_bytes/,
    ],
    [
      'a small gzip bomb',
      says(head(small.length, gzip), small),
      'too_large',
      /^reading body: the unpacked body is larger/,
    ],
    [
      'a large gzip bomb',
      says(head(large.length, gzip), large),
      'too_large',
      /^reading body: the unpacked body is larger/,
    ],
    ['gzip that is none', says(head(5, gzip), 'plain'), 'encoding', /^reading body: .*header/],
    [
      'gzip cut off',
      says(head(packed.length - 20, gzip), packed.subarray(0, -20)),
      'encoding',
      /^reading body: /,
    ],
    [
      'a flood of headers',
      pour('HTTP/1.1 200 OK\r\n', flood.repeat(1000)),
      'protocol',
      /headers exceeded 16384 bytes/,
    ],
    [
      'garbage instead of HTTP',
      saysAndEnds('\x16\x03\x01\x02\x00\x01 200 WHAT?\r\n: : :\r\n\r\n'),
      'protocol',
      /malformed HTTP response/,
    ],
    ['a status of 500', says(head(4, '', '500 No'), 'oops'), 'status', /^bad HTTP status: 500$/],
    ['a status of 404', says(head(0, '', '404 No')), 'status', /^bad HTTP status: 404$/],
    ['a status of 304', says(head(0, '', '304 No')), 'status', /^bad HTTP status: 304$/],
    [
      'a status of 503 and a stall',
      says(head(9, '', '503 No'), 'oops'),
      'status',
      /^bad HTTP status: 503$/,
      80,
    ],
    [
      'a status of 503 and an end',
      saysAndEnds(head(9, '', '503 No'), 'oops'),
      'status',
      /^bad HTTP status: 503$/,
    ],
    [
      'a status of 503 and no end',
      pour('HTTP/1.1 503 No\r\n\r\n', ' '.repeat(65_536)),
      'status',
      /^bad HTTP status: 503$/,
    ],
    [
      'an upgrade that nobody asked for',
      says('HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
      'reset',
      /^Get /,
    ],
  ];
  for (const [name, onSocket, failureClass, text, timeoutMs = 2000] of rows) {
    it(`by ${name}`, async (t) => {
      const failure = failed(await poll(t, onSocket, { timeoutMs }));
      assert.equal(failure.class, failureClass, failure.text);
      assert.match(failure.text, text);
    });
  }

  it('when nobody listens', async (t) => {
    const port = await freePort();
    const failure = failed(await fetchOver(connectTo(t, `http://127.0.0.1:${port}/`)));
    assert.deepEqual(failure, {
      class: 'refused',
      text: `Get "http://127.0.0.1:${port}/": dial tcp 127.0.0.1:${port}: connect: connection refused`,
    });
  });

  it('by a redirect, which is not followed', async (t) => {
    const elsewhere = await httpServer(t, (_request, response) => response.end('elsewhere'));
    const location = `Location: http://127.0.0.1:${elsewhere.port}/\r\n`;
    const failure = failed(await poll(t, says(head(0, location, '302 Found'))));
    assert.deepEqual(failure, { class: 'status', text: 'bad HTTP status: 302', status: 302 });
    assert.equal(elsewhere.connections(), 0);
  });

  it('at the deadline, however steadily a cache drips', async (t) => {
    const started = performance.now();
    const drip = (socket: Socket): void =>
      onRequest(socket, () => {
        socket.write(head(1000));
        const timer = setInterval(() => socket.write('x'), 10);
        socket.on('close', () => clearInterval(timer));
      });
    const failure = failed(await poll(t, drip, { timeoutMs: 150 }));
    const tookMs = performance.now() - started;
    assert.equal(failure.class, 'timeout');
    assert.ok(tookMs >= 140 && tookMs < 5000, `${tookMs} ms`);
  });

  it('at the deadline while connecting, and gives the socket up', async (t) => {
    // TLS that never begins: the request has not been sent by then.
    const server = await tcpServer(t, () => {});
    const connection = connectTo(t, `https://127.0.0.1:${server.port}/`, { timeoutMs: 100 });
    assert.equal(failed(await fetchOver(connection)).class, 'timeout');
    await until('the socket is closed', () => server.open() === 0);
  });

  for (const [name, onSocket] of [
    ['a stall in the body', says(head(100), 'half')],
    ['a body without an end', pour('HTTP/1.1 200 OK\r\n\r\n', ' '.repeat(65_536))],
  ] as const) {
    it(`and lets go of the socket after ${name}`, async (t) => {
      const server = await tcpServer(t, onSocket);
      const url = `http://127.0.0.1:${server.port}/`;
      failed(await fetchOver(connectTo(t, url, { timeoutMs: 100 })));
      await until('the socket is closed', () => server.open() === 0);
    });
  }
});

describe('a deadline that this process itself comes to late', () => {
  /** Keeps the event loop from everything else, as a long garbage collection or a SIGSTOP would. */
  const holdUp = (ms: number): void => {
    const endMs = performance.now() + ms;
    while (performance.now() < endMs);
  };

  it('fails no poll whose answer is waiting to be read', async (t) => {
    const outcome = await poll(
      t,
      (socket) =>
        onRequest(socket, () => {
          socket.write(`${head(2)}ok`);
          holdUp(300);
        }),
      { timeoutMs: 100 },
    );
    assert.equal(answered(outcome).body, 'ok');
  });

  it('gives a cache the time that was lost, once', async (t) => {
    const answersAfter = (ms: number) => (socket: Socket) =>
      onRequest(socket, () => {
        holdUp(1000);
        setTimeout(() => socket.write(`${head(2)}ok`), ms).unref();
      });
    assert.equal(answered(await poll(t, answersAfter(20), { timeoutMs: 500 })).body, 'ok');
    const started = performance.now();
    assert.equal(failed(await poll(t, answersAfter(60_000), { timeoutMs: 500 })).class, 'timeout');
    assert.ok(performance.now() - started >= 1450);
  });

  it('is kept the second time, though this process is held up again and again', async (t) => {
    const silent = (socket: Socket): void =>
      onRequest(socket, () => {
        const timer = setInterval(() => holdUp(150), 10);
        t.after(() => clearInterval(timer));
      });
    assert.equal(failed(await poll(t, silent, { timeoutMs: 100 })).class, 'timeout');
  });
});
