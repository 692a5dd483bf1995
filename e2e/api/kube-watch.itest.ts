import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeApi } from '../../common/kube/api.ts';
import type { ConfigMap } from '../../common/kube/objects.ts';
import { Reflector, type ReflectorOptions, type ReflectorTiming } from '../../common/kube/reflector.ts';
import { CONFIG_MAPS } from '../../common/kube/resource.ts';
import type { Change } from '../../common/kube/store.ts';
import { keptLog } from '../../common/kube/testing/harness.ts';
import type { KubeTransport } from '../../common/kube/transport.ts';
import { programSets } from '../tools/programs.ts';
import { whyMissing } from '../tools/tools.ts';
import { ControlPlane } from './control-plane.ts';
import { FaultProxy } from './fault-proxy.ts';
import { kubeClient } from './kube-client.ts';

const missing = whyMissing(programSets.api);
if (missing !== null) console.log(`SKIPPED: the reflector at the API server: ${missing}`);

const QUICK: Partial<ReflectorTiming> = { backoffFirstMs: 50, backoffMaxMs: 1000 };

describe('a reflector at a real API server', { skip: missing ?? false }, () => {
  let plane: ControlPlane;
  let proxy: FaultProxy;
  let namespace: string;
  let api: KubeApi;
  let transport: KubeTransport;

  before(async () => {
    plane = await ControlPlane.start();
    const { server, authority } = plane.access('admin');
    proxy = await FaultProxy.start({ server, authority, certificate: plane.servingCertificate });
    ({ api, transport } = await kubeClient(plane.kubeconfigFile('admin', 'default', proxy.address)));
  });

  beforeEach(async () => {
    namespace = await plane.createNamespace('watch');
    await plane.until('the CA of the namespace', async () => {
      return (await plane.admin.get(`/api/v1/namespaces/${namespace}/configmaps/kube-root-ca.crt`)) !== null;
    });
  });

  after(async () => {
    await transport?.close();
    await proxy?.stop();
    await plane?.stop();
  });

  /** Straight to the API server, past the proxy. */
  const write = (name: string, value: string): Promise<unknown> =>
    plane.admin.apply(`/api/v1/namespaces/${namespace}/configmaps/${name}`, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      data: { value },
    });

  function reflecting(t: TestContext, changed: Partial<ReflectorOptions<ConfigMap>> = {}) {
    const changes: string[] = [];
    const log = keptLog();
    const reflector = new Reflector<ConfigMap>({
      api,
      resource: CONFIG_MAPS,
      selection: { namespace },
      onChange: (change) => void changes.push(told(change)),
      log,
      timing: QUICK,
      ...changed,
    });
    t.after(async () => {
      proxy.clearRule();
      await reflector.stop();
    });
    const valueIn = (name: string) => reflector.store.get(`${namespace}/${name}`)?.data?.['value'];
    return { reflector, changes, log, valueIn };
  }

  const told = ({ type, object }: Change<ConfigMap>): string => `${type} ${object.metadata.name}`;

  test('lists in pages and hears of changes within 200 ms', async (t) => {
    for (let number = 0; number < 25; number++) await write(`m${number}`, 'old');
    const earlier = proxy.counts;
    const { reflector, valueIn } = reflecting(t, { timing: { ...QUICK, pageSize: 10 } });
    reflector.start();
    await reflector.synced;
    assert.equal(reflector.store.size, 26, 'with the CA that every namespace has');
    assert.equal(proxy.counts.since(earlier).total('list'), 3);
    await plane.until('the watch', async () => proxy.openWatches === 1);
    const delays: number[] = [];
    for (let number = 0; number < 10; number++) {
      await write('m0', `new ${number}`);
      const startMs = performance.now();
      await plane.until('the change', async () => valueIn('m0') === `new ${number}`);
      delays.push(Math.round(performance.now() - startMs));
    }
    t.diagnostic(
      `from the answer to the write to the change: ${delays.join(', ')} ms (looked at each 50 ms)`,
    );
    assert.ok(Math.min(...delays) < 200);
  });

  test('watches on when the server ends a quiet watch, without a list', async (t) => {
    await write('a', '1');
    const { reflector, valueIn, log } = reflecting(t, {
      timing: { ...QUICK, watchSeconds: 2 },
      random: () => 0,
    });
    reflector.start();
    await reflector.synced;
    const earlier = proxy.counts;
    await plane.until('two more watches', async () => proxy.counts.since(earlier).total('watch') >= 2);
    await write('a', '2');
    await plane.until('the change', async () => valueIn('a') === '2');
    assert.equal(proxy.counts.since(earlier).total('list'), 0);
    assert.deepEqual(log.lines, []);
  });

  test('needs no right but to its one ConfigMap, when it asks for it by name', async (t) => {
    await write('ours', '1');
    await plane.grant('monitor', namespace, [
      {
        apiGroups: [''],
        resources: ['configmaps'],
        resourceNames: ['ours'],
        verbs: ['get', 'list', 'watch'],
      },
    ]);
    const monitor = await kubeClient(plane.kubeconfigFile('monitor', namespace, proxy.address));
    const { reflector, valueIn, changes } = reflecting(t, {
      api: monitor.api,
      selection: { namespace, fieldSelector: 'metadata.name=ours' },
    });
    t.after(() => monitor.transport.close());
    reflector.start();
    await reflector.synced;
    await write('other', '1');
    await write('ours', '2');
    await plane.until('the change', async () => valueIn('ours') === '2');
    assert.ok(!changes.includes('added other'));
    await assert.rejects(monitor.api.list(CONFIG_MAPS, { namespace }), /403 Forbidden/);
  });

  const troubles: [what: string, make: () => void | Promise<void>][] = [
    ['watches are reset', () => void proxy.dropWatches()],
    ['connections are half-open', () => void proxy.freezeConnections()],
    [
      'it answers 410, then 429, then 500, then nothing',
      async () => {
        for (const status of [410, 429, 500] as const) {
          proxy.setRule(() => ({ kind: 'answer', status, retryAfterSeconds: 1 }));
          proxy.dropWatches();
          await sleep(700);
        }
        proxy.setRule(() => ({ kind: 'reset' }));
        await sleep(700);
        proxy.clearRule();
      },
    ],
    [
      'it is stopped and started again',
      async () => {
        await plane.stopApiServer();
        await plane.startApiServer();
      },
    ],
    [
      'it is paused for longer than a watch may be silent',
      async () => {
        await plane.pauseApiServer();
        await sleep(2500);
        plane.resumeApiServer();
      },
    ],
  ];
  for (const [what, make] of troubles) {
    test(`loses nothing when ${what}, and asks no more than it has to`, async (t) => {
      await write('kept', '1');
      await write('gone', '1');
      const { reflector, valueIn } = reflecting(t, { timing: { ...QUICK, idleMs: 1500 } });
      reflector.start();
      await reflector.synced;
      await plane.until('the watch', async () => proxy.openWatches === 1);
      const earlier = proxy.counts;
      const startMs = performance.now();
      await make();
      await write('kept', '2');
      await write('new', '1');
      await plane.admin.delete(`/api/v1/namespaces/${namespace}/configmaps/gone`);
      await plane.until('all changes', async () => {
        return valueIn('kept') === '2' && valueIn('new') === '1' && valueIn('gone') === undefined;
      });
      const counts = proxy.counts.since(earlier);
      const seconds = (performance.now() - startMs) / 1000;
      t.diagnostic(
        `after ${seconds.toFixed(1)} s: ${counts.total('list')} lists, ${counts.total('watch')} watches`,
      );
      assert.ok(counts.total('list') + counts.total('watch') <= 5 + 3 * seconds);
    });
  }
});
