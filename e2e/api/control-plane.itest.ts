import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Agent, request } from 'undici';
import { programSets } from '../tools/programs.ts';
import { whyMissing } from '../tools/tools.ts';
import { ControlPlane } from './control-plane.ts';
import { FaultProxy } from './fault-proxy.ts';
import { Rest, reasonOf, restAgent } from './rest.ts';

const missing = whyMissing(programSets.api);
if (missing !== null) console.log(`SKIPPED: the API server: ${missing}`);

describe('a real API server on loopback', { skip: missing ?? false }, () => {
  let plane: ControlPlane;
  let namespace: string;
  const configMaps = (): string => `/api/v1/namespaces/${namespace}/configmaps`;
  const configMap = (name: string): unknown => ({ metadata: { name }, data: { key: 'value' } });

  before(async () => {
    plane = await ControlPlane.start();
    namespace = await plane.createNamespace();
  });

  after(() => plane?.stop());

  test('says its own version, which charts ask for', async () => {
    const { body } = await plane.admin.ask('GET', '/version');
    assert.match((body as { gitVersion: string }).gitVersion, /^v1\.35\.\d+$/);
  });

  test('runs the controllers: a StatefulSet gets its pods, and loses them with it', async () => {
    const base = `/apis/apps/v1/namespaces/${namespace}/statefulsets`;
    const labels = { app: 'set' };
    const container = { name: 'one', image: 'none' };
    await plane.admin.create(base, {
      metadata: { name: 'set' },
      spec: {
        replicas: 2,
        podManagementPolicy: 'Parallel',
        selector: { matchLabels: labels },
        serviceName: 'set',
        template: { metadata: { labels }, spec: { containers: [container] } },
      },
    });
    const pods = `/api/v1/namespaces/${namespace}/pods?labelSelector=app%3Dset`;
    await plane.until('two pods', async () => (await plane.admin.list(pods)).length === 2);
    await plane.admin.delete(`${base}/set`, { propagationPolicy: 'Foreground' });
    await plane.until('no pods', async () => (await plane.admin.list(pods)).length === 0);
  });

  test('a user may do what was granted, and nothing else', async () => {
    const operator = new Rest(plane.access('operator'));
    try {
      assert.equal((await operator.ask('GET', configMaps())).status, 403);
      await plane.grant('operator', namespace, [
        { apiGroups: [''], resources: ['configmaps'], verbs: ['list'] },
      ]);
      await plane.until('the right', async () => (await operator.ask('GET', configMaps())).status === 200);
      const refused = await operator.ask('POST', configMaps(), configMap('refused'));
      assert.equal(refused.status, 403);
      assert.match(reasonOf(refused), /User "operator" cannot create resource "configmaps"/);
    } finally {
      await operator.close();
    }
  });

  test('stopped and started again it still knows everything', async () => {
    await plane.admin.create(configMaps(), configMap('kept'));
    await plane.stopApiServer();
    await assert.rejects(plane.admin.ask('GET', '/readyz'));
    await plane.startApiServer();
    assert.notEqual(await plane.admin.get(`${configMaps()}/kept`), null);
  });

  test('paused it answers nothing, and resumed all that was asked', async () => {
    await plane.pauseApiServer();
    const asked = plane.admin.ask('GET', '/readyz');
    try {
      const first = await Promise.race([asked, waitMs(500)]);
      assert.equal(first, 'nothing');
    } finally {
      plane.resumeApiServer();
    }
    assert.equal((await asked).status, 200);
  });

  test('kubectl speaks to it', async () => {
    const printed = await plane.kubectl('get', 'namespace', namespace, '-o', 'name');
    assert.equal(printed, `namespace/${namespace}\n`);
    await assert.rejects(plane.kubectl('get', 'nothing-such'), /the server doesn't have a resource type/);
  });

  test('a namespace goes with all that is in it', async () => {
    const other = await plane.createNamespace('other');
    await plane.admin.create(`/api/v1/namespaces/${other}/configmaps`, configMap('gone'));
    await plane.deleteNamespace(other);
    assert.equal(await plane.admin.get(`/api/v1/namespaces/${other}/configmaps/gone`), null);
  });

  for (const front of ['TLS', 'plain HTTP'] as const) {
    describe(`behind the fault proxy with ${front}`, () => {
      let proxy: FaultProxy;
      let client: Rest;
      const prefix = front === 'TLS' ? 'tls' : 'plain';

      before(async () => {
        const { server, authority } = plane.access('admin');
        const certificate = front === 'TLS' ? plane.servingCertificate : null;
        proxy = await FaultProxy.start({ server, authority, certificate });
        client = new Rest({ ...plane.access('admin'), server: proxy.address });
      });

      after(async () => {
        await client?.close();
        await proxy?.stop();
      });

      test('requests pass, and are counted', async () => {
        const earlier = proxy.counts;
        await client.create(configMaps(), configMap(`${prefix}-passed`));
        await client.get(`${configMaps()}/${prefix}-passed`);
        await client.get(`${configMaps()}/${prefix}-passed`);
        const counts = proxy.counts.since(earlier);
        assert.deepEqual(counts.all, [
          { verb: 'get', resource: 'configmaps', count: 2 },
          { verb: 'create', resource: 'configmaps', count: 1 },
        ]);
        assert.equal(counts.writes, 1);
        assert.match(counts.describe(60_000), /get configmaps +2 +2\.0 a minute/);
      });

      for (const status of [409, 410, 429, 500] as const) {
        test(`a rule answers ${status}`, async () => {
          proxy.setRule(({ verb }) => (verb === 'list' ? { kind: 'answer', status } : null));
          const answer = await client.ask('GET', configMaps());
          proxy.clearRule();
          assert.equal(answer.status, status);
          assert.equal((answer.body as { code: number }).code, status);
          assert.equal((await client.ask('GET', configMaps())).status, 200);
        });
      }

      test('a rule resets connections', async () => {
        proxy.setRule(() => ({ kind: 'reset' }));
        await assert.rejects(client.ask('GET', configMaps()), { code: 'ECONNRESET' });
        proxy.clearRule();
        assert.equal((await client.ask('GET', configMaps())).status, 200);
      });

      test('a watch brings events until it is dropped', async () => {
        const watch = await Watch.open(proxy.address, plane, configMaps());
        try {
          await client.create(configMaps(), configMap(`${prefix}-watched`));
          await plane.until('the event', async () => watch.text.includes(`${prefix}-watched`));
          assert.equal(proxy.openWatches, 1);
          assert.equal(proxy.dropWatches(), 1);
          await plane.until('the end of the watch', async () => watch.ended);
          await plane.until('the proxy to know', async () => proxy.openWatches === 0);
        } finally {
          watch.close();
        }
      });

      test('a frozen watch stands and is silent; new connections work', async () => {
        const watch = await Watch.open(proxy.address, plane, configMaps());
        try {
          assert.ok(proxy.freezeConnections() >= 1);
          const direct = plane.admin;
          await direct.create(configMaps(), configMap(`${prefix}-unseen`));
          // A watch on a new connection has seen it; so the frozen one would have.
          const fresh = await Watch.open(proxy.address, plane, configMaps());
          await plane.until('the event', async () => fresh.text.includes(`${prefix}-unseen`));
          fresh.close();
          assert.equal(watch.text.includes(`${prefix}-unseen`), false);
          assert.equal(watch.ended, false);
        } finally {
          watch.close();
        }
      });
    });
  }
});

/** What a watch brings, as text. */
class Watch {
  text = '';
  ended = false;
  readonly #client: Agent;

  private constructor(client: Agent) {
    this.#client = client;
  }

  static async open(server: string, plane: ControlPlane, path: string): Promise<Watch> {
    const { authority, token } = plane.access('admin');
    const client = restAgent(authority);
    const watch = new Watch(client);
    const { body } = await request(`${server}${path}?watch=true`, {
      dispatcher: client,
      headers: { authorization: `Bearer ${token}` },
    });
    body.setEncoding('utf8');
    body.on('data', (chunk: string) => {
      watch.text += chunk;
    });
    const end = (): void => {
      watch.ended = true;
    };
    body.on('end', end).on('error', end);
    return watch;
  }

  close(): void {
    void this.#client.destroy();
  }
}

function waitMs(ms: number): Promise<'nothing'> {
  return new Promise((resolve) => setTimeout(() => resolve('nothing'), ms));
}

describe('an API server to play with', { skip: missing ?? false }, () => {
  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    test(`leaves no process behind after ${signal}`, async () => {
      const program = spawn(process.execPath, [path.join(import.meta.dirname, 'up.ts')], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let printed = '';
      program.stdout.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
      });
      try {
        await until('the kubeconfig', () => printed.includes('KUBECONFIG='));
        const folder = path.dirname(/KUBECONFIG=(\S+)/.exec(printed)?.[1] ?? '');
        assert.equal(processesWith(folder), 3);
        program.kill(signal);
        await until('the end of all', () => processesWith(folder) === 0);
        if (signal === 'SIGINT') await until('the end of its files', () => !fs.existsSync(folder));
      } finally {
        program.kill('SIGKILL');
      }
    });
  }
});

/** How many processes have this folder in their command line. */
function processesWith(folder: string): number {
  const { stdout } = spawnSync('pgrep', ['--full', '--count', `=${folder}/`], { encoding: 'utf8' });
  return Number(stdout);
}

async function until(what: string, check: () => boolean): Promise<void> {
  const end = performance.now() + 60_000;
  while (!check()) {
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await waitMs(50);
  }
}
