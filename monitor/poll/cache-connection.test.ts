import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { createServer as createTlsServer, getCACertificates, setDefaultCACertificates } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { makeCertificates } from '../testing/certificates.ts';
import { freePort, httpServer, onRequest, portOf, tcpServer } from '../testing/servers.ts';
import { sleep, until } from '../testing/waiting.ts';
import { CacheConnection, type ConnectionOptions } from './cache-connection.ts';
import type { FetchOutcome } from './exchange.ts';
import type { FailureClass } from './fetch-failure.ts';

const LIMIT = 100_000;

/** A connection that ends with the test. */
function connectTo(t: TestContext, url: string, changes: Partial<ConnectionOptions> = {}): CacheConnection {
  const connection = new CacheConnection({
    url,
    fqdn: 'edge-1.cdn.test',
    accept: 'text/json',
    userAgent: 'traffic_monitor/1.2.3',
    timeoutMs: 2000,
    maxBodyBytes: LIMIT,
    keepAlive: true,
    idleMs: 60_000,
    ...changes,
  });
  t.after(() => connection.close());
  return connection;
}

const fetchOver = (connection: CacheConnection): Promise<FetchOutcome> =>
  new Promise((resolve) => connection.fetch(resolve));

/** What one poll of a server with this behaviour yields. */
async function poll(
  t: TestContext,
  onSocket: (socket: Socket) => void,
  changes: Partial<ConnectionOptions> = {},
): Promise<FetchOutcome> {
  const { port } = await tcpServer(t, onSocket);
  return fetchOver(connectTo(t, `http://127.0.0.1:${port}/_astats`, changes));
}

function answered(outcome: FetchOutcome): { body: string; contentType: string } {
  if (outcome.kind === 'failure') throw new Error(`no answer: ${outcome.failure.text}`);
  return { body: outcome.body.toString(), contentType: outcome.contentType };
}

function failed(outcome: FetchOutcome): { class: FailureClass; text: string } {
  if (outcome.kind === 'answer') throw new Error(`an answer of ${outcome.body.length} bytes, not a failure`);
  return outcome.failure;
}

const head = (length: number, extra = '', status = '200 OK'): string =>
  `HTTP/1.1 ${status}\r\nContent-Type: text/json\r\nContent-Length: ${length}\r\n${extra}\r\n`;

const says =
  (...parts: (string | Buffer)[]) =>
  (socket: Socket): void =>
    onRequest(socket, () => {
      for (const part of parts) socket.write(part);
    });

const saysAndEnds =
  (...parts: (string | Buffer)[]) =>
  (socket: Socket): void =>
    onRequest(socket, () => socket.end(Buffer.concat(parts.map((part) => Buffer.from(part)))));

/** Bytes without an end, as fast as they are read. */
const pour =
  (before: string, chunk: string | Buffer) =>
  (socket: Socket): void =>
    onRequest(socket, () => {
      const more = (): void => {
        while (!socket.destroyed && socket.write(chunk));
        if (!socket.destroyed) socket.once('drain', more);
      };
      socket.write(before);
      more();
    });

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
      'body',
      /larger than max_body_bytes \(100000\)$/,
    ],
    [
      'a body without an end',
      pour('HTTP/1.1 200 OK\r\n\r\n', ' '.repeat(65_536)),
      'body',
      /^reading body: .*max_body_bytes/,
    ],
    [
      'a small gzip bomb',
      says(head(small.length, gzip), small),
      'body',
      /^reading body: the unpacked body is larger/,
    ],
    [
      'a large gzip bomb',
      says(head(large.length, gzip), large),
      'body',
      /^reading body: the unpacked body is larger/,
    ],
    ['gzip that is none', says(head(5, gzip), 'plain'), 'body', /^reading body: .*header/],
    ['gzip cut off', says(head(small.length - 20, gzip), small.subarray(0, -20)), 'body', /^reading body: /],
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
    assert.deepEqual(failure, { class: 'status', text: 'bad HTTP status: 302' });
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
    assert.ok(tookMs >= 140 && tookMs < 1000, `${tookMs} ms`);
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

describe('the request of a poll', () => {
  async function headOf(t: TestContext, changes: Partial<ConnectionOptions> = {}): Promise<string[]> {
    let seen = '';
    const { port } = await tcpServer(t, (socket) =>
      onRequest(socket, (_number, request) => {
        seen = request;
        socket.write(head(2));
        socket.write('ok');
      }),
    );
    const url = `http://127.0.0.1:${port}/_astats?application=system&inf.name=bond0`;
    answered(await fetchOver(connectTo(t, url, changes)));
    return seen.replaceAll(String(port), 'PORT').split('\r\n');
  }

  it('names the cache, the monitor and what it takes', async (t) => {
    const [line, ...headers] = await headOf(t, { accept: 'text/csv' });
    assert.equal(line, 'GET /_astats?application=system&inf.name=bond0 HTTP/1.1');
    assert.deepEqual(headers.map((header) => header.toLowerCase()).sort(), [
      'accept-encoding: gzip',
      'accept: text/csv',
      'connection: keep-alive',
      'host: edge-1.cdn.test',
      'user-agent: traffic_monitor/1.2.3',
    ]);
  });

  it('names the host of the URL for a cache without an fqdn', async (t) => {
    const headers = await headOf(t, { fqdn: '' });
    assert.ok(
      headers.some((header) => header.toLowerCase() === 'host: 127.0.0.1:port'),
      headers.join(),
    );
  });

  it('asks for the connection to be closed if it is not kept', async (t) => {
    const headers = await headOf(t, { keepAlive: false });
    assert.ok(
      headers.some((header) => header.toLowerCase() === 'connection: close'),
      headers.join(),
    );
  });
});

describe('the connection of polls', () => {
  it('is used again', async (t) => {
    const server = await httpServer(t, (_request, response) => response.end('ok'));
    const connection = connectTo(t, `http://127.0.0.1:${server.port}/`);
    for (let i = 0; i < 5; i++) answered(await fetchOver(connection));
    assert.equal(server.connections(), 1);
  });

  it('is used again after a bad status', async (t) => {
    let status = 500;
    const server = await httpServer(t, (_request, response) => {
      response.statusCode = status;
      response.end('x');
    });
    const connection = connectTo(t, `http://127.0.0.1:${server.port}/`);
    failed(await fetchOver(connection));
    status = 200;
    answered(await fetchOver(connection));
    assert.equal(server.connections(), 1);
  });

  it('is a new one each time if it is not kept', async (t) => {
    const server = await httpServer(t, (_request, response) => response.end('ok'));
    const connection = connectTo(t, `http://127.0.0.1:${server.port}/`, { keepAlive: false });
    for (let i = 0; i < 3; i++) answered(await fetchOver(connection));
    assert.equal(server.connections(), 3);
  });

  for (const [how, hangUp] of [
    ['closes', (socket: Socket) => socket.end()],
    ['resets', (socket: Socket) => socket.resetAndDestroy()],
  ] as const) {
    it(`may be one that the cache ${how} just as it is used again: asked anew once, no failed poll`, async (t) => {
      let requests = 0;
      const server = await tcpServer(t, (socket) =>
        onRequest(socket, (number) => {
          requests++;
          if (number > 1) hangUp(socket);
          else socket.write(`${head(2)}ok`);
        }),
      );
      const connection = connectTo(t, `http://127.0.0.1:${server.port}/`);
      for (let i = 0; i < 3; i++) assert.equal(answered(await fetchOver(connection)).body, 'ok');
      assert.equal(server.connections(), 3);
      assert.equal(requests, 5);
    });
  }

  it('is tried once more only: a cache that hangs up on the new one too has failed', async (t) => {
    let requests = 0;
    const server = await tcpServer(t, (socket) =>
      onRequest(socket, () => {
        requests++;
        if (requests === 1) socket.write(`${head(2)}ok`);
        else socket.end();
      }),
    );
    const connection = connectTo(t, `http://127.0.0.1:${server.port}/`);
    answered(await fetchOver(connection));
    assert.equal(failed(await fetchOver(connection)).class, 'reset');
    assert.equal(requests, 3);
    // On a connection that never carried an answer there is nothing to blame on idleness.
    failed(await fetchOver(connection));
    assert.equal(requests, 4);
  });

  it('is not tried again once a part of the answer came', async (t) => {
    let requests = 0;
    const server = await tcpServer(t, (socket) =>
      onRequest(socket, (number) => {
        requests++;
        if (number === 1) socket.write(`${head(2)}ok`);
        else socket.end(`${head(10)}half`);
      }),
    );
    const connection = connectTo(t, `http://127.0.0.1:${server.port}/`);
    answered(await fetchOver(connection));
    failed(await fetchOver(connection));
    assert.equal(requests, 2);
  });

  it('passes over the late answer of a poll that expired; the next poll has its own', async (t) => {
    let requests = 0;
    const server = await tcpServer(t, (socket) =>
      onRequest(socket, () => {
        const answer = `${head(1)}${++requests}`;
        if (requests === 1) setTimeout(() => socket.write(answer), 120);
        else socket.write(answer);
      }),
    );
    const connection = connectTo(t, `http://127.0.0.1:${server.port}/`, { timeoutMs: 60 });
    const outcomes: FetchOutcome[] = [];
    await new Promise<void>((resolve) =>
      connection.fetch((outcome) => {
        outcomes.push(outcome);
        resolve();
      }),
    );
    assert.equal(answered(await fetchOver(connection)).body, '2');
    await sleep(150);
    assert.equal(outcomes.length, 1);
    assert.equal(outcomes[0]?.kind, 'failure');
    assert.equal(answered(await fetchOver(connection)).body, '3');
  });

  it('recovers at once when a cache that refused comes back', async (t) => {
    const port = await freePort();
    const connection = connectTo(t, `http://127.0.0.1:${port}/`);
    assert.equal(failed(await fetchOver(connection)).class, 'refused');
    assert.equal(failed(await fetchOver(connection)).class, 'refused');
  });

  it('tells nothing of a running poll once it is closed', async (t) => {
    const server = await tcpServer(t, () => {});
    const connection = connectTo(t, `http://127.0.0.1:${server.port}/`, { timeoutMs: 50 });
    let outcomes = 0;
    connection.fetch(() => outcomes++);
    await until('it is asked', () => server.connections() === 1);
    connection.close();
    await sleep(100);
    assert.equal(outcomes, 0);
    assert.equal(server.open(), 0);
  });
});

describe('polls over HTTPS', () => {
  it('check the certificate for the fqdn, not for the address (D24)', async (t) => {
    const certificates = makeCertificates(t, 'edge-1.cdn.test');
    if (certificates === null) return;
    const names: unknown[] = [];
    const server = createTlsServer({ cert: certificates.cert, key: certificates.key }, (socket) => {
      socket.on('error', () => {});
      names.push(socket.servername);
      onRequest(socket, () => socket.write(`${head(2)}ok`));
    });
    // A client that does not like the certificate hangs up.
    server.on('tlsClientError', () => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const url = `https://127.0.0.1:${portOf(server)}/`;

    const distrusted = failed(await fetchOver(connectTo(t, url)));
    assert.equal(distrusted.class, 'tls');
    assert.match(distrusted.text, /certificate/);

    const trusted = getCACertificates();
    setDefaultCACertificates([...trusted, certificates.ca.toString()]);
    t.after(() => setDefaultCACertificates(trusted));
    const connection = connectTo(t, url);
    assert.equal(answered(await fetchOver(connection)).body, 'ok');
    assert.equal(answered(await fetchOver(connection)).body, 'ok');
    assert.deepEqual(names, ['edge-1.cdn.test']);
    connection.close();

    const misnamed = failed(await fetchOver(connectTo(t, url, { fqdn: 'edge-2.cdn.test' })));
    assert.equal(misnamed.class, 'tls');
    assert.match(misnamed.text, /edge-2\.cdn\.test/);
  });

  it('fail in the class tls where there is no TLS', async (t) => {
    const { port } = await tcpServer(t, (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const failure = failed(await fetchOver(connectTo(t, `https://127.0.0.1:${port}/`)));
    assert.equal(failure.class, 'tls', failure.text);
  });
});
