import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { ask, askRaw } from '../testing/asking.ts';
import { makeCertificates } from '../testing/certificates.ts';
import { settings } from '../testing/configs.ts';
import { freePort, tcpServer } from '../testing/servers.ts';
import { Listeners } from './listeners.ts';

const hello: RequestListener = (_request, response) => response.end('hello');

/** Listeners that end with the test. */
function listenersOf(t: TestContext, handler: RequestListener = hello): Listeners {
  const listeners = new Listeners(handler);
  t.after(() => listeners.close(0));
  return listeners;
}

function portsOf(listeners: Listeners): { plain: number; secure: number } {
  const [plain = 0, secure = 0] = listeners.ports;
  return { plain, secure };
}

const ANY = '127.0.0.1:0';

/** How long a client clings; far more than any grace, also on a busy machine. */
const PATIENCE_MS = 20_000;

/** Listeners with a client in the middle of an answer that never ends. */
async function clungTo(t: TestContext) {
  const begun = Promise.withResolvers<void>();
  const listeners = listenersOf(t, (_request, response) => response.write('for ever', () => begun.resolve()));
  await listeners.apply(settings({ httpListener: ANY }));
  const started = performance.now();
  let tookMs = 0;
  const answer = askRaw(portsOf(listeners).plain, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', PATIENCE_MS).finally(
    () => {
      tookMs = performance.now() - started;
    },
  );
  await begun.promise;
  return {
    listeners,
    clinging: { answer, hungUpBy: () => (tookMs < PATIENCE_MS / 2 ? 'server' : 'client') },
  };
}

/** SHA-256 of the certificate that is served there. */
function fingerprint(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

describe('listening', { concurrency: true }, () => {
  it('serves where the settings say, and keeps the listener while they say the same', async (t) => {
    const listeners = listenersOf(t);
    await listeners.apply(settings({ httpListener: ANY }));
    const { plain } = portsOf(listeners);
    await listeners.apply(settings({ httpListener: ANY }));
    assert.equal(portsOf(listeners).plain, plain);
    assert.equal((await ask({ port: plain })).text, 'hello');
  });

  it('moves to another address: the new one is open, the old one is not', async (t) => {
    const listeners = listenersOf(t);
    const [first, second] = [await freePort(), await freePort()];
    await listeners.apply(settings({ httpListener: `127.0.0.1:${first}` }));
    await listeners.apply(settings({ httpListener: `127.0.0.1:${second}` }));
    assert.deepEqual(listeners.ports, [second]);
    assert.equal((await ask({ port: second })).text, 'hello');
    await assert.rejects(ask({ port: first }), { code: 'ECONNREFUSED' });
  });

  it('at a port that is taken fails with the address, and the old one serves on (D7)', async (t) => {
    const listeners = listenersOf(t);
    await listeners.apply(settings({ httpListener: ANY }));
    const { plain } = portsOf(listeners);
    const taken = await tcpServer(t, () => {});
    await assert.rejects(
      listeners.apply(settings({ httpListener: `127.0.0.1:${taken.port}` })),
      new RegExp(`cannot listen on httpListener "127\\.0\\.0\\.1:${taken.port}": .*EADDRINUSE`),
    );
    assert.deepEqual(listeners.ports, [plain]);
    assert.equal((await ask({ port: plain })).text, 'hello');
  });

  it('moves although a client of the old address never ends', async (t) => {
    const { listeners, clinging } = await clungTo(t);
    const before = portsOf(listeners).plain;
    await listeners.apply(settings({ httpListener: 'localhost:0' }));
    assert.notEqual(portsOf(listeners).plain, before);
    assert.match(await clinging.answer, /for ever/);
    assert.equal(clinging.hungUpBy(), 'server');
  });

  it('cuts off what does not end within the grace when it closes', async (t) => {
    const { listeners, clinging } = await clungTo(t);
    await listeners.close(100);
    assert.match(await clinging.answer, /for ever/);
    assert.equal(clinging.hungUpBy(), 'server');
    assert.deepEqual(listeners.ports, []);
  });

  it('gives up a client that never finishes its request', async (t) => {
    const listeners = listenersOf(t);
    await listeners.apply(settings({ httpListener: ANY }, { serveReadTimeoutMs: 200 }));
    const started = performance.now();
    await askRaw(portsOf(listeners).plain, 'GET / HTTP/1.1\r\nHost:', PATIENCE_MS);
    assert.ok(performance.now() - started < PATIENCE_MS / 2, `${performance.now() - started} ms`);
  });
});

describe('HTTPS', () => {
  it('comes and goes: beside it HTTP only redirects, without it HTTP serves again (D62)', async (t) => {
    const certificates = makeCertificates(t, 'monitor.cdn.test');
    if (certificates === null) return;
    const { ca, certFile, keyFile } = certificates;
    const listeners = listenersOf(t);
    await listeners.apply(settings({ httpListener: ANY }));
    const { plain } = portsOf(listeners);

    const secured = settings({ httpListener: ANY, httpsListener: ANY, certFile, keyFile });
    await listeners.apply(secured);
    const { secure, plain: still } = portsOf(listeners);
    assert.equal(still, plain);
    assert.equal((await ask({ port: secure, secure: true, ca })).text, 'hello');
    const redirect = await ask({ port: plain, path: '/x?y' });
    assert.equal(redirect.status, 301);
    assert.equal(redirect.headers['location'], `https://127.0.0.1:${secure}/x?y`);

    await listeners.apply(settings({ httpListener: ANY }));
    assert.deepEqual(listeners.ports, [plain]);
    assert.equal((await ask({ port: plain })).text, 'hello');
    await assert.rejects(ask({ port: secure, secure: true }), { code: 'ECONNREFUSED' });
  });

  it('takes a renewed certificate without a new socket', async (t) => {
    const [first, second] = [makeCertificates(t, 'a.test'), makeCertificates(t, 'a.test')];
    if (first === null || second === null) return;
    const listeners = listenersOf(t);
    const using = ({ certFile, keyFile }: typeof first) =>
      settings({ httpListener: ANY, httpsListener: ANY, certFile, keyFile });
    await listeners.apply(using(first));
    const { secure } = portsOf(listeners);
    const before = await fingerprint(secure);
    await listeners.apply(using(second));
    assert.equal(portsOf(listeners).secure, secure);
    assert.notEqual(await fingerprint(secure), before);

    // Key and certificate that do not belong together: all stays as it is.
    const mixed = settings({
      httpListener: ANY,
      httpsListener: ANY,
      certFile: first.certFile,
      keyFile: second.keyFile,
    });
    const served = await fingerprint(secure);
    await assert.rejects(listeners.apply(mixed), /certFile ".*cert\.pem" and keyFile ".*key\.pem"/);
    assert.equal(await fingerprint(secure), served);
  });

  it('that cannot be had leaves HTTP as it was', async (t) => {
    const listeners = listenersOf(t);
    await listeners.apply(settings({ httpListener: ANY }));
    const gone = {
      httpListener: ANY,
      httpsListener: ANY,
      certFile: '/nonexistent/c',
      keyFile: '/nonexistent/k',
    };
    await assert.rejects(listeners.apply(settings(gone)), /\/nonexistent\/c/);
    assert.equal((await ask({ port: portsOf(listeners).plain })).text, 'hello');
  });

  it('is given up again if HTTP cannot be had', async (t) => {
    const certificates = makeCertificates(t, 'a.test');
    if (certificates === null) return;
    const { certFile, keyFile } = certificates;
    const listeners = listenersOf(t);
    const taken = await tcpServer(t, () => {});
    const port = await freePort();
    const both = {
      httpListener: `127.0.0.1:${taken.port}`,
      httpsListener: `127.0.0.1:${port}`,
      certFile,
      keyFile,
    };
    await assert.rejects(listeners.apply(settings(both)), /EADDRINUSE/);
    assert.deepEqual(listeners.ports, []);
    await assert.rejects(ask({ port, secure: true }), { code: 'ECONNREFUSED' });
  });
});
