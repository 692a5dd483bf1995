import assert from 'node:assert/strict';
import { createServer as createHttpsServer } from 'node:https';
import { describe, it, type TestContext } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { monitorName } from '../../common/ids.ts';
import { makeCertificates } from '../testing/certificates.ts';
import { httpServer, onRequest, portOf, type RunningServer, tcpServer } from '../testing/servers.ts';
import { until } from '../testing/waiting.ts';
import type { PeerManner } from './peer-loop.ts';
import { PeerPoller, type PeerResult } from './peer-poller.ts';
import type { PeerTarget } from './peer-targets.ts';

const manner = (changes: Partial<PeerManner> = {}): PeerManner => ({
  intervalMs: 25,
  timeoutMs: 1000,
  keepAlive: true,
  accept: 'text/json',
  maxBodyBytes: 100_000,
  ...changes,
});

const at = (name: string, { port }: Pick<RunningServer, 'port'>, host = '127.0.0.1'): PeerTarget => ({
  peer: monitorName(name),
  url: `http://${host}:${port}/publish/CrStates?raw`,
});

/** A poller that stops with the test, and its results. */
function pollerOf(t: TestContext) {
  const results: PeerResult[] = [];
  const onResult = (result: PeerResult): void => void results.push(result);
  const poller = new PeerPoller({ userAgent: 'traffic_monitor/1.2.3', seed: 'tm-a', onResult });
  t.after(() => poller.stop());
  const more = async (count: number): Promise<void> => {
    const wanted = results.length + count;
    await until(`${count} more results`, () => results.length >= wanted);
  };
  return { poller, results, more };
}

const told = ({ outcome }: PeerResult): string =>
  outcome.kind === 'answer' ? outcome.body.toString() : outcome.failure.text;

describe('polling peers', { concurrency: true }, () => {
  it('asks each once an interval as the contract says, over a kept connection', async (t) => {
    const seen = new Set<string>();
    const server = await httpServer(t, ({ url, headers }, response) => {
      const { accept, host, 'user-agent': userAgent, 'accept-encoding': encoding } = headers;
      seen.add([url, host, accept, userAgent, encoding].join(' '));
      response.end('{}');
    });
    const { poller, results, more } = pollerOf(t);
    poller.apply([at('tm-b', server), at('tm-c', server)], manner());
    await more(8);
    assert.deepEqual(
      [...seen],
      [`/publish/CrStates?raw 127.0.0.1:${server.port} text/json traffic_monitor/1.2.3 gzip`],
    );
    assert.equal(server.connections(), 2);
    const polls = (name: string): number => results.filter(({ target }) => target.peer === name).length;
    assert.ok(Math.abs(polls('tm-b') - polls('tm-c')) <= 1);
  });

  it('leaves peers that stay alone, and drops those that go', async (t) => {
    const server = await httpServer(t, (_request, response) => response.end('{}'));
    const { poller, results, more } = pollerOf(t);
    poller.apply([at('tm-b', server), at('tm-c', server)], manner());
    await more(4);
    poller.apply([at('tm-b', server)], manner());
    results.length = 0;
    await more(4);
    assert.ok(results.every(({ target }) => target.peer === 'tm-b'));
    assert.equal(server.connections(), 2);
    await until('the other connection is closed', () => server.open() === 1);
  });

  it('asks a peer that answered so far once more before it has failed', async (t) => {
    let requests = 0;
    const server = await tcpServer(t, (socket) =>
      onRequest(socket, () => {
        requests++;
        // Every third request goes wrong, on a connection of its own.
        if (requests % 3 === 0)
          socket.end('HTTP/1.1 500 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
        else socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}');
      }),
    );
    const { poller, results, more } = pollerOf(t);
    poller.apply([at('tm-b', server)], manner());
    await more(9);
    assert.deepEqual(new Set(results.map(told)), new Set(['{}']));
    assert.ok(requests > results.length);
  });

  it('takes two failures for one, and does not ask a dead peer twice', async (t) => {
    let requests = 0;
    let isDead = false;
    const server = await httpServer(t, (_request, response) => {
      requests++;
      response.statusCode = isDead ? 503 : 200;
      response.end('{}');
    });
    const { poller, results, more } = pollerOf(t);
    poller.apply([at('tm-b', server)], manner());
    await more(2);
    isDead = true;
    await until('it has failed', () => results.some(({ outcome }) => outcome.kind === 'failure'));
    await more(3);
    const failures = results.filter(({ outcome }) => outcome.kind === 'failure').length;
    const good = results.length - failures;
    assert.ok(Math.abs(requests - (good + failures + 1)) <= 1, `${requests} requests, ${failures} failures`);
    assert.equal(told(results.at(-1) as PeerResult), 'bad HTTP status: 503');
  });

  it('gives up on a peer that hangs', async (t) => {
    const server = await httpServer(t, () => {});
    const { poller, results, more } = pollerOf(t);
    poller.apply([at('tm-b', server)], manner({ timeoutMs: 50 }));
    await more(1);
    const [first] = results;
    assert.match(first === undefined ? '' : told(first), /deadline exceeded/);
  });
});

describe('a peer that serves HTTPS', () => {
  it('is followed there once, with its certificate checked, and kept to until it fails', async (t) => {
    const made = makeCertificates(t, 'localhost');
    if (made === null) return;
    const { key, cert, ca } = made;
    const before = getCACertificates('default');
    setDefaultCACertificates([ca.toString()]);
    t.after(() => setDefaultCACertificates(before));
    let isSecureUp = true;
    const secure = createHttpsServer({ key, cert }, (_request, response) => {
      response.statusCode = isSecureUp ? 200 : 500;
      response.end('secure');
    });
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
    t.after(() => {
      secure.closeAllConnections();
      secure.close();
    });
    let redirects = 0;
    const plain = await httpServer(t, ({ url }, response) => {
      redirects++;
      response.writeHead(301, { Location: `https://localhost:${portOf(secure)}${url}` }).end();
    });
    const { poller, results, more } = pollerOf(t);
    poller.apply([at('tm-b', plain, 'localhost')], manner());
    await more(4);
    assert.deepEqual(new Set(results.map(told)), new Set(['secure']));
    assert.equal(redirects, 1);
    isSecureUp = false;
    await until('it has failed', () => results.some((result) => told(result) === 'bad HTTP status: 500'));
    isSecureUp = true;
    results.length = 0;
    await until('it is back', () => results.some((result) => told(result) === 'secure'));
    assert.ok(redirects > 1);
  });

  it('is not followed to another host, nor from one plain address to another', async (t) => {
    let leadsTo = '';
    const server = await httpServer(t, (_request, response) =>
      response.writeHead(302, { Location: leadsTo }).end(),
    );
    const { poller, results, more } = pollerOf(t);
    for (leadsTo of ['https://elsewhere.cdn.test/', `http://127.0.0.1:${server.port}/x`, '/x', '::']) {
      poller.apply([at('tm-b', server)], manner());
      results.length = 0;
      await more(1);
      assert.deepEqual(results.map(told), ['bad HTTP status: 302']);
      poller.stop();
    }
  });
});
