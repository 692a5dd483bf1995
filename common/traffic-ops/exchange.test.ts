import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import https from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { HttpExchange, withoutCredentials } from './exchange.ts';

const { signal } = new AbortController();

async function selfSigned(): Promise<{ key: Buffer; cert: Buffer }> {
  const directory = await mkdtemp(path.join(tmpdir(), 'traffic-ops-tls-'));
  const key = path.join(directory, 'key');
  const cert = path.join(directory, 'cert');
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key];
  execFileSync('openssl', ['req', '-x509', ...newKey, '-out', cert, '-days', '1', '-subj', '/CN=to'], {
    stdio: 'ignore',
  });
  const pair = { key: await readFile(key), cert: await readFile(cert) };
  await rm(directory, { recursive: true });
  return pair;
}

test('a certificate that nobody signed is refused, unless told not to look', async (t) => {
  const server = https.createServer(await selfSigned(), (_request, response) => response.end('hello'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const request = { method: 'GET', url: `https://127.0.0.1:${port}/`, headers: {}, signal } as const;
  const careful = new HttpExchange({ insecure: false, timeoutMs: 1000 });
  const trusting = new HttpExchange({ insecure: true, timeoutMs: 1000 });
  t.after(() => {
    careful.close();
    trusting.close();
    server.close();
  });
  await assert.rejects(careful.send(request), { kind: 'network', message: /self-signed certificate/ });
  const answer = await trusting.send(request);
  assert.equal(answer.body.toString(), 'hello');
  assert.equal(answer.remoteAddress, `127.0.0.1:${port}`);
});

test('users and passwords in addresses are not shown', () => {
  assert.equal(withoutCredentials('https://me:se@cret@to.test/x@y'), 'https://to.test/x@y');
  assert.equal(withoutCredentials('https://to.test/?a=b@c'), 'https://to.test/?a=b@c');
});
