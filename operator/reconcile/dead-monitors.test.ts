import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { type TestContext, test } from 'node:test';
import type { KubeObject, Stored } from '../../common/kube/objects.ts';
import { collectionPath } from '../../common/kube/resource.ts';
import { Store } from '../../common/kube/store.ts';
import { fakeApi, keptLog } from '../../common/kube/testing/harness.ts';
import { PODS, type PodObject } from '../kube/kinds.ts';
import type { OperatorLog } from '../log.ts';
import { groupPlan } from '../resources/testing/group-plans.ts';
import { unreadyDeadMonitors } from './dead-monitors.ts';
import { Liveness } from './liveness.ts';

const PATH = collectionPath(PODS, 'cdn');
/** Nobody listens there. */
const NOWHERE = '127.99.0.1';
const SOMEWHERE = '127.99.0.2';

const report = { renewTime: 't1', appliedRevision: 1, polledRevision: 1, ready: true, unpolled: 0 };

interface Case {
  /** Whose Leases are stale; those of others are fresh. */
  readonly dead: readonly string[];
  readonly neverLived?: readonly string[];
  readonly ready?: 'True' | 'False';
  readonly podIP?: string;
}

async function looked(t: TestContext, { dead, neverLived = [], ready = 'True', podIP = NOWHERE }: Case) {
  const { server, api } = await fakeApi(t);
  const pods = new Store<PodObject>();
  const liveness = new Liveness(10_000);
  const log = keptLog();
  let marked = 0;
  for (const name of ['tm-emea-0', 'tm-emea-1']) {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'cdn' },
      status: {
        podIP,
        conditions: [
          { type: 'Initialized', status: 'True' },
          { type: 'Ready', status: ready },
        ],
      },
    };
    pods.set(server.objects.put(PATH, pod as KubeObject) as Stored<PodObject>);
    if (neverLived.includes(name)) continue;
    liveness.observe(name, report, 0);
  }
  for (let nowMs = 2000; nowMs <= 20_000; nowMs += 2000) {
    liveness.sighted(nowMs);
    for (const name of ['tm-emea-0', 'tm-emea-1']) {
      if (!dead.includes(name) && !neverLived.includes(name))
        liveness.observe(name, { ...report, renewTime: `t${nowMs}` }, nowMs);
    }
  }
  const again = await unreadyDeadMonitors(
    {
      world: { pods },
      liveness,
      api,
      log: Object.assign(log, { of: () => log, about: () => log }) as unknown as OperatorLog,
      metrics: { markedDead: () => void marked++ },
      nowMs: () => 20_000,
      wallMs: () => Date.UTC(2026, 0, 1),
    },
    { plan: groupPlan() },
    new AbortController().signal,
  );
  const patches = server.requests.filter(({ method }) => method === 'PATCH');
  return { again, marked, patches, log };
}

test('a pod whose monitor is dead and silent is marked not ready, so that routers ask others', async (t) => {
  const { again, marked, patches, log } = await looked(t, { dead: ['tm-emea-1'] });
  assert.equal(marked, 1);
  assert.equal(again, 2000);
  assert.deepEqual(
    patches.map(({ path }) => path),
    [`${PATH}/tm-emea-1/status`],
  );
  const { status, metadata } = JSON.parse(patches[0]?.body ?? '{}');
  assert.deepEqual(status.conditions, [
    { type: 'Initialized', status: 'True' },
    {
      type: 'Ready',
      status: 'False',
      reason: 'MonitorDead',
      message: 'its Lease is stale and it does not answer',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    },
  ]);
  assert.ok(metadata.resourceVersion, 'only the pod that was looked at');
  assert.match(log.lines.join(), /marked not ready, so that routers ask others/);
});

test('one that still answers stays: only its Lease is in trouble', async (t) => {
  const server = createServer((_, response) => response.end('ok'));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(8080, SOMEWHERE, resolve);
  });
  t.after(() => server.close());
  const { again, marked } = await looked(t, { dead: ['tm-emea-1'], podIP: SOMEWHERE });
  assert.equal(marked, 0);
  assert.equal(again, 2000);
});

const leftAlone: readonly (readonly [why: string, Case])[] = [
  ['all are well', { dead: [] }],
  ['nobody else is live: it may be the operator that is cut off', { dead: ['tm-emea-0', 'tm-emea-1'] }],
  ['it has never lived: its own probe knows better', { dead: [], neverLived: ['tm-emea-1'] }],
  ['it is not ready anyway', { dead: ['tm-emea-1'], ready: 'False' }],
];
for (const [why, what] of leftAlone) {
  test(`left alone: ${why}`, async (t) => {
    const { marked, patches } = await looked(t, what);
    assert.equal(marked, 0);
    assert.deepEqual(patches, []);
  });
}
