import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { AssignmentDocument } from '../../common/assignment/document.ts';
import { encodeAssignment } from '../../common/assignment/encode-document.ts';
import { cachegroupName, cdnName, groupName, monitorName } from '../../common/ids.ts';
import { MonitorFolder } from '../../monitor/testing/monitor-child.ts';
import { sleep, until } from '../../monitor/testing/waiting.ts';
import { SimulatedCdn } from '../../sim/simulated-cdn.ts';
import { programSets } from '../tools/programs.ts';
import { whyMissing } from '../tools/tools.ts';
import { ControlPlane } from './control-plane.ts';
import { MonitorAccount } from './monitor-account.ts';

const missing = whyMissing(programSets.api);
if (missing !== null) console.log(`SKIPPED: the monitor's program at the API server: ${missing}`);

const world = { edges: 8, mids: 0, cachegroups: 4, intervals: { health: 300, trafficOps: 500 } };

describe('the program of a monitor, with a real API server and a simulated CDN', {
  skip: missing ?? false,
}, () => {
  let plane: ControlPlane;
  let cdn: SimulatedCdn;
  let account: MonitorAccount;

  before(async () => {
    plane = await ControlPlane.start();
    cdn = await SimulatedCdn.start({ world });
    account = await MonitorAccount.create(plane, 'emea');
    const { hostname, port } = new URL(plane.access('monitor').server);
    Object.assign(process.env, { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port });
  });

  after(async () => {
    await cdn?.close();
    await plane?.stop();
    await account?.remove();
  });

  /** All but the first `others` cachegroups are this group's. */
  async function assign(revision: number, others: number): Promise<void> {
    const names = cdn.world.cachegroups.map(({ name }) => cachegroupName(name));
    const document: AssignmentDocument = {
      version: 1,
      revision,
      cdn: cdnName(cdn.world.cdn),
      group: groupName('emea'),
      redundancy: 'All',
      groups: [
        // Nobody is there.
        { name: groupName('apac'), cachegroups: names.slice(0, others), members: [] },
        {
          name: groupName('emea'),
          cachegroups: names.slice(others),
          members: [{ name: monitorName('emea-0'), host: '127.0.0.1', port: 8080 }],
        },
      ],
      handovers: [],
      failovers: [],
    };
    await plane.admin.apply(`/api/v1/namespaces/${account.namespace}/configmaps/emea`, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'emea' },
      data: { 'assignment.json': encodeAssignment(document) },
    });
  }

  /** What the monitor says of itself: `applied polled ready unpolled`. */
  async function said(): Promise<string> {
    const lease = await plane.admin.get(
      `/apis/coordination.k8s.io/v1/namespaces/${account.namespace}/leases/emea-0`,
    );
    const { annotations = {} } = (lease?.metadata ?? {}) as { annotations?: Record<string, string> };
    const of = (key: string) => annotations[`trafficcontrol.cdn/${key}`];
    const unpolled = JSON.parse(of('unpolled') ?? '{}') as { count?: number };
    return `${of('applied-revision')} ${of('polled-revision')} ${of('ready')} ${unpolled.count}`;
  }

  test('polls by its ConfigMap, tells so in its Lease, and does not miss the API server while it is away', async (t) => {
    await assign(1, 1);
    const folder = await MonitorFolder.create(t, cdn);
    folder.write({
      // Traffic Ops knows no monitor of this name.
      ops: { cdnName: cdn.world.cdn },
      monitor: {
        short_hostname_override: 'emea-0',
        assignment_config_map: 'emea',
        service_account_dir: account.directory,
        log_location_info: 'stdout',
        log_location_warning: 'stdout',
      },
    });
    const child = folder.start(t);
    const polled = async (): Promise<number> => {
      if ((await folder.statusOf('/publish/CrStates?raw')) !== 200) return 0;
      const { status, text } = await folder.get('/publish/CrStates?raw');
      return status === 200 ? Object.keys((JSON.parse(text) as { caches: object }).caches).length : 0;
    };
    await until('six of eight caches are polled', async () => (await polled()) === 6, 20_000);
    // Of the other two nobody tells.
    await until('it says so', async () => (await said()) === '1 1 false 0');

    const startMs = performance.now();
    await assign(2, 0);
    await until('all caches are polled', async () => (await polled()) === 8, 10_000);
    const tookMs = Math.round(performance.now() - startMs);
    t.diagnostic(
      `${tookMs} ms from the new assignment to its last cache known (polled every 300 ms, two polls)`,
    );
    assert.ok(tookMs < 3000);
    await until('it says so', async () => (await said()) === '2 2 true 0');

    await plane.stopApiServer();
    const linesBefore = child.stdout.split('\n').length;
    const answers: number[] = [];
    const endMs = performance.now() + 15_000;
    while (performance.now() < endMs) {
      answers.push((await folder.get('/publish/CrStates')).status);
      await sleep(50);
    }
    assert.deepEqual(
      answers.filter((status) => status !== 200),
      [],
    );
    const lines = child.stdout.split('\n').slice(linesBefore - 1);
    const told = lines.filter((line) => line.startsWith('WARNING'));
    t.diagnostic(`${answers.length} answers and ${told.length} warnings in 15 s without the API server`);
    assert.ok(told.length >= 1 && told.length <= 6, told.join('\n'));
    await plane.startApiServer();
    await assign(3, 0);
    await until('the next revision', async () => (await said()) === '3 3 true 0', 15_000);

    child.signal('SIGTERM');
    assert.deepEqual(await child.ended, { code: 0, signal: null });
    assert.equal(await said(), '3 3 false 0');
    assert.doesNotMatch(child.stderr, /unexpected/);
  });
});
