import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { createServer as createTlsServer, getCACertificates, setDefaultCACertificates } from 'node:tls';
import { makeCertificates } from '../testing/certificates.ts';
import { answered, connectTo, failed, fetchOver, head, says } from '../testing/fetching.ts';
import { freePort, httpServer, onRequest, portOf, tcpServer } from '../testing/servers.ts';
import { sleep, until } from '../testing/waiting.ts';
import type { ConnectionOptions } from './cache-connection.ts';
import type { FetchOutcome } from './exchange.ts';

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
    let answerFirst = (): void => {};
    const server = await tcpServer(t, (socket) =>
      onRequest(socket, () => {
        const answer = `${head(1)}${++requests}`;
        if (requests === 1) answerFirst = () => socket.write(answer);
        else socket.write(answer);
      }),
    );
    const connection = connectTo(t, `http://127.0.0.1:${server.port}/`, { timeoutMs: 500 });
    const outcomes: FetchOutcome[] = [];
    await new Promise<void>((resolve) =>
      connection.fetch((outcome) => {
        outcomes.push(outcome);
        resolve();
      }),
    );
    const next = fetchOver(connection);
    answerFirst();
    assert.equal(answered(await next).body, '2');
    assert.equal(outcomes.length, 1);
    assert.equal(outcomes[0]?.kind, 'failure');
    assert.equal(answered(await fetchOver(connection)).body, '3');
  });

  it('recovers at once when a cache that refused comes back', async (t) => {
    const port = await freePort();
    const connection = connectTo(t, `http://127.0.0.1:${port}/`);
    assert.equal(failed(await fetchOver(connection)).class, 'refused');
    await tcpServer(t, says(head(2), 'ok'), port);
    assert.equal(answered(await fetchOver(connection)).body, 'ok');
  });

  it('tells nothing of a running poll once it is closed', async (t) => {
    const server = await tcpServer(t, () => {});
    const connection = connectTo(t, `http://127.0.0.1:${server.port}/`, { timeoutMs: 500 });
    let outcomes = 0;
    connection.fetch(() => outcomes++);
    await until('it is asked', () => server.connections() === 1);
    connection.close();
    await until('it has hung up', () => server.open() === 0);
    await sleep(550);
    assert.equal(outcomes, 0);
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
