import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { closeServer } from '../../sim/listening.ts';
import type { KubeObject } from '../api/rest.ts';
import { clusterFolder, findTraces } from './clean-up.ts';
import { Cluster } from './cluster.ts';
import { foundCluster, spared } from './found/found-by.ts';
import { run } from './host-command.ts';
import { programArchive, programImage } from './program-image.ts';
import { whyNoCluster } from './requirements.ts';

const title = 'a cluster of three nodes';
const missing = whyNoCluster();
if (missing !== null && foundCluster === null) console.log(`SKIPPED: ${title}: ${missing}`);

const upLimitMs = 60_000;
const namespace = 'ground';
const pods = `/api/v1/namespaces/${namespace}/pods`;

/** A server of Node.js that tells its name, as our image runs it. */
const script = `require('http').createServer((q, r) => r.end(process.env.HOSTNAME)).listen(8080);
console.log('serving as uid ' + process.getuid());
process.on('SIGTERM', () => process.exit());`;

const labels = { app: 'echo' };

/** Pods under Pod Security "restricted", one or two on each node. */
const statefulSet = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'echo' },
  spec: {
    replicas: 6,
    serviceName: 'echo',
    podManagementPolicy: 'Parallel',
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: 'topology.kubernetes.io/zone',
            whenUnsatisfiable: 'DoNotSchedule',
            labelSelector: { matchLabels: labels },
          },
        ],
        containers: [
          {
            name: 'echo',
            image: programImage,
            imagePullPolicy: 'Never',
            args: ['--eval', script],
            ports: [{ containerPort: 8080 }],
            readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ['ALL'] },
            },
          },
        ],
      },
    },
  },
};

interface Pod extends KubeObject {
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

describe(title, { skip: spared(title) || (missing ?? false) }, () => {
  let before_: readonly (string | undefined)[];
  let cluster: Cluster;

  const readyPods = async (): Promise<readonly Pod[]> =>
    ((await cluster.admin.list(pods)) as readonly Pod[]).filter(({ status }) =>
      status.conditions?.some((one) => one.type === 'Ready' && one.status === 'True'),
    );
  const onNode = async (node: string): Promise<Pod> => {
    const pod = (await readyPods()).find(({ spec }) => spec.nodeName === node);
    assert.ok(pod !== undefined, `no ready pod on ${node}`);
    return pod;
  };
  /** Runs JavaScript in a pod and gives what it prints. */
  const inPod = ({ metadata }: Pod, code: string): Promise<string> =>
    cluster.kubectl('exec', '-n', namespace, metadata.name, '--', '/usr/local/bin/node', '--eval', code);

  before(async () => {
    assert.deepEqual(await findTraces(), [], 'another cluster is up: npm run cluster:down ends it');
    const archive = await programArchive();
    before_ = await surroundings();
    const started = performance.now();
    cluster = await Cluster.up([archive]);
    const tookMs = performance.now() - started;
    console.log(`up in ${(tookMs / 1000).toFixed(1)} s`);
    assert.ok(tookMs < upLimitMs, `it took ${tookMs} ms`);
  });

  after(async () => {
    await cluster?.down();
    await Cluster.endKept();
  });

  test('has a node in each of three zones', async () => {
    const nodes = await cluster.admin.list('/api/v1/nodes');
    assert.deepEqual(
      nodes.map(({ metadata }) => [metadata.name, metadata.labels?.['topology.kubernetes.io/zone']]),
      [
        ['node-1', 'zone-1'],
        ['node-2', 'zone-2'],
        ['node-3', 'zone-3'],
      ],
    );
  });

  test('runs pods of our image under Pod Security "restricted", spread over the zones', async () => {
    const enforce = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    await cluster.admin.create('/api/v1/namespaces', { metadata: { name: namespace, labels: enforce } });
    const started = performance.now();
    const where = `/apis/apps/v1/namespaces/${namespace}/statefulsets/echo`;
    await cluster.admin.apply(where, statefulSet);
    await cluster.admin.apply(`/api/v1/namespaces/${namespace}/services/echo`, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'echo' },
      spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
    });
    await cluster.until('six pods', async () => (await readyPods()).length === 6);
    console.log(`six pods ready after ${((performance.now() - started) / 1000).toFixed(1)} s`);
    const found = await readyPods();
    assert.deepEqual(found.map(({ spec }) => spec.nodeName).sort(), [
      ...['node-1', 'node-1', 'node-2', 'node-2', 'node-3', 'node-3'],
    ]);
    const logs = await cluster.kubectl('logs', '-n', namespace, 'echo-0');
    assert.equal(logs, 'serving as uid 65532\n');
  });

  test('this machine reaches every pod, and a Service over all of them', async () => {
    const found = await readyPods();
    for (const { metadata, status } of found) {
      assert.equal(await ask(`http://${status.podIP}:8080/`), metadata.name);
    }
    const service = await cluster.admin.get(`/api/v1/namespaces/${namespace}/services/echo`);
    const { spec } = service as unknown as { spec: { clusterIP: string } };
    const names = new Set<string | null>();
    await cluster.until('every pod to answer', async () => {
      names.add(await ask(`http://${spec.clusterIP}/`));
      return found.every(({ metadata }) => names.has(metadata.name));
    });
  });

  test('a pod reaches this machine, pods of other nodes, and Services by name', async () => {
    const server = http.createServer((_request, response) => response.end('from the machine'));
    await new Promise<void>((resolve) => server.listen(0, cluster.hostAddress, resolve));
    try {
      const { port } = server.address() as { port: number };
      const from = await onNode('node-1');
      const to = await onNode('node-3');
      const asking = (url: string): Promise<string> =>
        inPod(from, `fetch('${url}').then(r => r.text()).then(t => process.stdout.write(t))`);
      assert.equal(await asking(`http://${cluster.hostAddress}:${port}/`), 'from the machine');
      assert.equal(await asking(`http://${to.status.podIP}:8080/`), to.metadata.name);
      assert.match(await asking(`http://echo.${namespace}.svc.cluster.local/`), /^echo-\d$/);
    } finally {
      await closeServer(server);
    }
  });

  test('a node that is cut off is silent, and comes back', async () => {
    const { status, metadata } = await onNode('node-2');
    const url = `http://${status.podIP}:8080/`;
    await cluster.cutOff('node-2');
    assert.equal(await ask(url), null);
    await cluster.join('node-2');
    await cluster.until('the pod to answer', async () => (await ask(url)) === metadata.name);
    await cluster.until('the node', async () => (await cluster.readyNodes()).includes('node-2'));
  });

  test('pods outlive a restart of their kubelet', async () => {
    const { metadata, status } = await onNode('node-3');
    await cluster.restartKubelet('node-3');
    await cluster.until('the node', async () => (await cluster.readyNodes()).length === 3);
    assert.equal(await ask(`http://${status.podIP}:8080/`), metadata.name);
    const again = (await cluster.admin.get(`${pods}/${metadata.name}`)) as Pod;
    assert.equal(again.metadata.uid, metadata.uid);
  });

  test('pods go on without the API server, which comes back with all it knew', async () => {
    const { metadata, status } = await onNode('node-1');
    await cluster.stopApiServer();
    await assert.rejects(cluster.admin.ask('GET', '/readyz'));
    assert.equal(await ask(`http://${status.podIP}:8080/`), metadata.name);
    await cluster.startApiServer();
    assert.equal((await cluster.admin.list(pods)).length, 6);
  });

  test('etcd restarts with all it knew', async () => {
    await cluster.restartEtcd();
    assert.equal((await cluster.admin.list(pods)).length, 6);
  });

  test('without DNS names are unknown, and with it known again', async () => {
    const pod = await onNode('node-1');
    const looking = (): Promise<string> =>
      inPod(
        pod,
        `require('dns').lookup('echo.${namespace}.svc.cluster.local', (e, a) => process.stdout.write(a ?? e.code))`,
      );
    await cluster.stopDns();
    assert.match(await looking(), /^E/);
    cluster.startDns();
    await cluster.until('the name', async () => /^198\.19\./.test(await looking()));
  });

  test('goes, and leaves nothing', async () => {
    const started = performance.now();
    await cluster.down();
    console.log(`down in ${((performance.now() - started) / 1000).toFixed(1)} s`);
    assert.deepEqual(await findTraces(), []);
    assert.deepEqual(await surroundings(), before_);
  });

  test('two programs have one each, one after the other', async () => {
    const first = await Cluster.up();
    const second = Cluster.up();
    let waited = true;
    void second.then(() => {
      waited = false;
    });
    assert.equal((await first.readyNodes()).length, 3);
    assert.ok(waited);
    await first.down();
    await (await second).down();
    assert.deepEqual(await findTraces(), []);
  });

  test('leaves nothing when it cannot come up', async () => {
    await assert.rejects(Cluster.up(['/no/such/archive.tar']), /no such file/);
    assert.deepEqual(await findTraces(), []);
    assert.deepEqual(await surroundings(), before_);
  });

  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    test(`leaves nothing when its program ends by ${signal}`, async () => {
      const main = path.join(import.meta.dirname, 'main.ts');
      const program = spawn(process.execPath, [main, 'up'], { stdio: 'ignore', detached: true });
      // In the midst of it: the control plane runs, and nodes are starting.
      const kubelet = path.join(clusterFolder, 'tmo-node-1', 'kubelet.log');
      await cluster.until('a kubelet', async () => fs.existsSync(kubelet));
      assert.ok(program.kill(signal), 'it was up already');
      await cluster.until('the clean-up', async () => (await findTraces()).length === 0);
      assert.deepEqual(await surroundings(), before_);
    });
  }
});

/** What a URL answers; null when nothing comes within a second. */
async function ask(url: string): Promise<string | null> {
  try {
    // A connection of its own: Services choose by connection.
    const headers = { connection: 'close' };
    return await (await fetch(url, { headers, signal: AbortSignal.timeout(1000) })).text();
  } catch {
    return null;
  }
}

/** All that a cluster might leave on this machine, whatever it is called. */
async function surroundings(): Promise<readonly (string | undefined)[]> {
  const links = (await run('ip', '-o', 'link')).split('\n').map((line) => /^\d+: ([^:@]+)/.exec(line)?.[1]);
  const namespaces = (await run('ip', 'netns', 'list')).split('\n');
  const mounts = fs.readFileSync('/proc/mounts', 'utf8').split('\n');
  const groups = (await run('find', '/sys/fs/cgroup', '-type', 'd')).split('\n');
  const rules = (await run('iptables-save')).split('\n').filter((line) => /^(:|-A)/.test(line));
  return [links, namespaces, mounts, groups, rules, processesElsewhere()].flatMap((all) =>
    all.filter((one) => one !== undefined && one !== '').sort(),
  );
}

/** Processes in other network namespaces than this one, as all of a cluster's are. */
function processesElsewhere(): string[] {
  const namespaceOf = (pid: string): string | null => {
    try {
      return fs.readlinkSync(`/proc/${pid}/ns/net`);
    } catch {
      // It has ended.
      return null;
    }
  };
  const own = namespaceOf('self');
  return fs.readdirSync('/proc').filter((name) => {
    const namespace = /^\d+$/.test(name) ? namespaceOf(name) : null;
    return namespace !== null && namespace !== own;
  });
}
