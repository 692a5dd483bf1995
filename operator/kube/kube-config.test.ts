import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { KubeConfig, type User } from '@kubernetes/client-node';
import { findCluster, KubeConfigCredentials } from './kube-config.ts';

const CLUSTER = { name: 'c', server: 'https://kube.example:6443/', skipTLSVerify: false };

function credentialsOf(user: Partial<User>, cluster: object = {}): KubeConfigCredentials {
  const config = new KubeConfig();
  config.loadFromClusterAndUser({ ...CLUSTER, ...cluster }, { name: 'u', ...user });
  return new KubeConfigCredentials(config);
}

async function directoryOf(t: TestContext): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'kubeconfig-'));
  t.after(() => rm(directory, { recursive: true }));
  return directory;
}

describe('a kubeconfig', () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const cases: [what: string, user: Partial<User>, cluster: object, expected: object][] = [
    ['a token', { token: 't' }, {}, { headers: { authorization: 'Bearer t' }, tls: {} }],
    [
      'name and password',
      { username: 'me', password: 'secret' },
      {},
      { headers: { authorization: `Basic ${base64('me:secret')}` }, tls: {} },
    ],
    [
      'a certificate, with the CA of the cluster',
      { certData: base64('CERT'), keyData: base64('KEY') },
      { caData: base64('CA'), tlsServerName: 'kubernetes' },
      {
        headers: {},
        tls: {
          ca: Buffer.from('CA'),
          cert: Buffer.from('CERT'),
          key: Buffer.from('KEY'),
          servername: 'kubernetes',
        },
      },
    ],
    [
      'another identity, without verifying the server',
      { token: 't', impersonateUser: 'other' },
      { skipTLSVerify: true },
      {
        headers: { authorization: 'Bearer t', 'impersonate-user': 'other' },
        tls: { rejectUnauthorized: false },
      },
    ],
  ];
  for (const [what, user, cluster, expected] of cases) {
    test(`with ${what}`, async () => assert.deepEqual(await credentialsOf(user, cluster).access(), expected));
  }

  test('names the server, without a slash', () => {
    assert.equal(credentialsOf({}).server, 'https://kube.example:6443');
  });

  test('may name plain HTTP, as "kubectl proxy" serves it', async () => {
    const credentials = credentialsOf({ token: 't' }, { server: 'http://127.0.0.1:8001' });
    assert.equal((await credentials.access()).headers['authorization'], 'Bearer t');
  });

  test('with a command gets a new token once the server does not believe the old one', async (t) => {
    const directory = await directoryOf(t);
    const token = path.join(directory, 'token');
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: 'sh',
      args: [
        '-c',
        `printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s","expirationTimestamp":"2001-01-01T00:00:00Z"}}' "$(cat ${token})"`,
      ],
    };
    await writeFile(token, 'one');
    const credentials = credentialsOf({ exec });
    assert.equal((await credentials.access()).headers['authorization'], 'Bearer one');
    await writeFile(token, 'two');
    assert.equal((await credentials.access()).headers['authorization'], 'Bearer one');
    credentials.forget();
    assert.equal((await credentials.access()).headers['authorization'], 'Bearer two');
  });

  test('keeps its connections while files hold the same, and makes new ones for a new CA', async (t) => {
    const caFile = path.join(await directoryOf(t), 'ca.crt');
    await writeFile(caFile, 'one');
    const credentials = credentialsOf({ token: 't' }, { caFile });
    const { tls } = await credentials.access();
    credentials.forget();
    assert.equal((await credentials.access()).tls, tls);
    await writeFile(caFile, 'two');
    credentials.forget();
    assert.deepEqual((await credentials.access()).tls, { ca: Buffer.from('two') });
  });

  test('without a cluster, or with a proxy, is refused with what to do', () => {
    assert.throws(() => new KubeConfigCredentials(new KubeConfig()), /names no cluster; set KUBECONFIG/);
    assert.throws(
      () => credentialsOf({}, { proxyUrl: 'http://proxy' }),
      /cluster "c" has a proxy-url, which is not/,
    );
  });
});

describe('a cluster is found', () => {
  const fileOf = (name: string): string =>
    JSON.stringify({
      clusters: [{ name, cluster: { server: `https://${name}.example` } }],
      users: [{ name, user: { token: name } }],
      contexts: [{ name, context: { cluster: name, user: name, namespace: `of-${name}` } }],
      'current-context': name,
    });

  test('in the files that KUBECONFIG names, even in a pod; the first says which', async (t) => {
    const directory = await directoryOf(t);
    const files = ['a', 'b'].map((name) => path.join(directory, name));
    for (const file of files) await writeFile(file, fileOf(path.basename(file)));
    const environment = { KUBECONFIG: files.join(path.delimiter), KUBERNETES_SERVICE_HOST: '198.19.0.1' };
    const { credentials, namespace } = await findCluster(environment);
    assert.deepEqual([credentials.server, namespace], ['https://a.example', 'of-a']);
    assert.equal((await credentials.access()).headers['authorization'], 'Bearer a');
  });

  test('nowhere if the file is not there, which is said', async () => {
    await assert.rejects(
      findCluster({ KUBECONFIG: '/does/not/exist' }),
      /^Error: kubeconfig not usable: ENOENT/,
    );
  });
});
