import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { KubeObject, Stored } from '../../common/kube/objects.ts';
import { collectionPath } from '../../common/kube/resource.ts';
import { Store } from '../../common/kube/store.ts';
import { fakeApi, keptLog } from '../../common/kube/testing/harness.ts';
import { PODS, type PodObject } from '../kube/kinds.ts';
import type { OperatorLog } from '../log.ts';
import { DeadMonitors } from './dead-monitors.ts';
import { Liveness } from './liveness.ts';

const PATH = collectionPath(PODS, 'cdn');
/** Nobody listens there. */
const NOWHERE = '127.99.0.1';
const SOMEWHERE = '127.99.0.2';
const SILENT = '127.99.0.3';

const report = { renewTime: 't1', appliedRevision: 1, polledRevision: 1, ready: true, unpolled: 0 };

interface Case {
  /** Whose Leases are stale; those of others are fresh. */
  readonly dead: readonly string[];
  readonly neverLived?: readonly string[];
  readonly ready?: 'True' | 'False';
  readonly podIP?: string;
  /** When it is looked; the last renewal of those who are dead was at 0. */
  readonly atMs?: number;
}

async function looked(
  t: TestContext,
  { dead, neverLived = [], ready = 'True', podIP = NOWHERE, atMs = 20_000 }: Case,
) {
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
  for (let nowMs = 2000; nowMs <= atMs; nowMs += 2000) {
    liveness.sighted(nowMs);
    for (const name of ['tm-emea-0', 'tm-emea-1']) {
      if (!dead.includes(name) && !neverLived.includes(name))
        liveness.observe(name, { ...report, renewTime: `t${nowMs}` }, nowMs);
    }
  }
  const deadMonitors = new DeadMonitors({
    api,
    liveness,
    podOf: (member) => pods.get(`cdn/${member}`),
    log: Object.assign(log, { of: () => log, about: () => log }) as unknown as OperatorLog,
    onMarked: () => void marked++,
    nowMs: () => atMs,
    wallMs: () => Date.UTC(2026, 0, 1),
  });
  deadMonitors.look();
  // While one is looked at, nobody looks at it again.
  deadMonitors.look();
  await deadMonitors.settled();
  const patches = server.requests.filter(({ method }) => method === 'PATCH');
  return { marked, patches, log };
}

test('a pod whose monitor is dead and silent is marked not ready, so that routers ask others', async (t) => {
  const { marked, patches, log } = await looked(t, { dead: ['tm-emea-1'] });
  assert.equal(marked, 1);
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

test('three missed renewals are enough, long before the Lease ends', async (t) => {
  assert.equal((await looked(t, { dead: ['tm-emea-1'], atMs: 6000 })).marked, 0);
  assert.equal((await looked(t, { dead: ['tm-emea-1'], atMs: 8000 })).marked, 1);
});

test('one that still answers stays: only its Lease is in trouble', async (t) => {
  const server = createServer((_, response) => response.end('ok'));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(8080, SOMEWHERE, resolve);
  });
  t.after(() => server.close());
  const { marked } = await looked(t, { dead: ['tm-emea-1'], podIP: SOMEWHERE });
  assert.equal(marked, 0);
});

test('one that takes no connection is given up long before a connection would time out', async (t) => {
  // A listener that accepts nothing, and whose queue is full: what comes then is dropped, as by a dead node.
  const program = `require('net').createServer().listen({ port: 8080, host: '${SILENT}', backlog: 1 }, () => {
    process.stdout.write('listening');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  })`;
  const silent = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => silent.kill('SIGKILL'));
  await once(silent.stdout, 'data');
  const waiting = Array.from({ length: 8 }).map(() =>
    connect({ port: 8080, host: SILENT }).on('error', () => {}),
  );
  t.after(() => waiting.forEach((socket) => void socket.destroy()));
  const startMs = performance.now();
  const { marked } = await looked(t, { dead: ['tm-emea-1'], podIP: SILENT });
  assert.equal(marked, 1);
  assert.ok(performance.now() - startMs < 8000);
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
