import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { InClusterCredentials, ownNamespace } from './in-cluster.ts';

const IN_POD = { KUBERNETES_SERVICE_HOST: '198.19.0.1', KUBERNETES_SERVICE_PORT: '6443' };

/** The files of a service account; `write` replaces one. */
async function serviceAccount(t: TestContext) {
  const directory = await mkdtemp(path.join(tmpdir(), 'service-account-'));
  t.after(() => rm(directory, { recursive: true }));
  const write = (name: string, content: string) => writeFile(path.join(directory, name), content);
  await write('token', 'one\n');
  await write('ca.crt', 'CA one');
  await write('namespace', 'cdn\n');
  const clock = { nowMs: 0, now: () => clock.nowMs };
  return { directory, write, clock, credentials: new InClusterCredentials(IN_POD, directory, clock) };
}

describe('the service account of a pod', () => {
  const servers: [host: string, port: string | undefined, server: string][] = [
    ['198.19.0.1', '6443', 'https://198.19.0.1:6443'],
    ['fd00::1', '443', 'https://[fd00::1]:443'],
    ['kube.example', undefined, 'https://kube.example:443'],
  ];
  for (const [host, port, server] of servers) {
    test(`names the server ${server}`, () => {
      const environment = { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port };
      assert.equal(new InClusterCredentials(environment).server, server);
    });
  }

  test('is not there outside a pod', () => {
    assert.throws(() => new InClusterCredentials({}), /KUBERNETES_SERVICE_HOST is not set: this is no pod/);
  });

  test('gives the token, the CA and the namespace', async (t) => {
    const { credentials, directory } = await serviceAccount(t);
    assert.deepEqual(await credentials.access(), {
      headers: { authorization: 'Bearer one' },
      tls: { ca: 'CA one' },
    });
    assert.equal(await ownNamespace(directory), 'cdn');
  });

  test('is read again after a minute; the same CA keeps the connections', async (t) => {
    const { credentials, write, clock } = await serviceAccount(t);
    const { tls } = await credentials.access();
    await write('token', 'two');
    clock.nowMs = 59_999;
    assert.equal((await credentials.access()).headers['authorization'], 'Bearer one');
    clock.nowMs = 60_000;
    const renewed = await credentials.access();
    assert.equal(renewed.headers['authorization'], 'Bearer two');
    assert.equal(renewed.tls, tls);
    await write('ca.crt', 'CA two');
    clock.nowMs = 120_000;
    assert.deepEqual((await credentials.access()).tls, { ca: 'CA two' });
  });

  test('is read at once when the server does not believe it', async (t) => {
    const { credentials, write } = await serviceAccount(t);
    await credentials.access();
    await write('token', 'two');
    credentials.forget();
    assert.equal((await credentials.access()).headers['authorization'], 'Bearer two');
  });

  test('stays in force while its files cannot be read, but has to be there once', async (t) => {
    const { credentials, directory } = await serviceAccount(t);
    await credentials.access();
    await rm(path.join(directory, 'token'));
    credentials.forget();
    assert.equal((await credentials.access()).headers['authorization'], 'Bearer one');
    const fresh = new InClusterCredentials(IN_POD, directory);
    await assert.rejects(fresh.access(), /^Error: service account file .*\/token not read: ENOENT/);
  });
});
