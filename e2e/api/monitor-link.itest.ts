import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { cdnName, groupName } from '../../common/ids.ts';
import type { Lease } from '../../common/kube/objects.ts';
import { keptLog } from '../../common/kube/testing/harness.ts';
import { ClusterLink } from '../../monitor/kube/cluster-link.ts';
import type { MemberReport } from '../../monitor/kube/member-report.ts';
import { until } from '../../monitor/testing/waiting.ts';
import { programSets } from '../tools/programs.ts';
import { whyMissing } from '../tools/tools.ts';
import { ControlPlane } from './control-plane.ts';
import { MonitorAccount } from './monitor-account.ts';

const missing = whyMissing(programSets.api);
if (missing !== null) console.log(`SKIPPED: a monitor at the API server: ${missing}`);

describe('a monitor at a real API server, with the rights that it needs and no more', {
  skip: missing ?? false,
}, () => {
  let plane: ControlPlane;
  let account: MonitorAccount;

  before(async () => {
    plane = await ControlPlane.start();
    account = await MonitorAccount.create(plane, 'emea');
  });

  after(async () => {
    await plane?.stop();
    await account?.remove();
  });

  const write = (text: string): Promise<unknown> =>
    plane.admin.apply(`/api/v1/namespaces/${account.namespace}/configmaps/emea`, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'emea' },
      data: { 'assignment.json': text },
    });

  const lease = async (podName: string): Promise<Lease | null> =>
    (await plane.admin.get(
      `/apis/coordination.k8s.io/v1/namespaces/${account.namespace}/leases/${podName}`,
    )) as Lease | null;

  async function linked(t: TestContext, podName: string) {
    const got: string[] = [];
    const log = keptLog();
    const said: { report: MemberReport } = {
      report: {
        cdn: cdnName('cdn1'),
        group: groupName('emea'),
        appliedRevision: 3,
        polledRevision: 2,
        unpolled: [],
        isReady: true,
      },
    };
    const { hostname, port } = new URL(plane.access('monitor').server);
    const link = await ClusterLink.open({
      configMap: 'emea',
      podName,
      startedMs: Date.now(),
      userAgent: 'traffic_monitor/e2e',
      log,
      environment: { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port },
      directory: account.directory,
      onDocument: (text) => void got.push(text),
      onProblem: (reason) => void got.push(`problem: ${reason}`),
      report: () => said.report,
    });
    link.start();
    t.after(() => link.stop());
    return { link, got, log, said };
  }

  test('hears of a new assignment within 200 ms, and tells in its Lease what it does', async (t) => {
    await write('one');
    const { got } = await linked(t, 'emea-0');
    await plane.until('the first document and the Lease', async () => {
      return got.length === 1 && (await lease('emea-0')) !== null;
    });
    const stored = await lease('emea-0');
    assert.equal(stored?.metadata?.labels?.['trafficcontrol.cdn/group'], 'emea');
    assert.equal(stored?.metadata?.annotations?.['trafficcontrol.cdn/applied-revision'], '3');
    const firstRenewal = stored?.spec?.renewTime;
    const delays: number[] = [];
    for (let number = 0; number < 5; number++) {
      await sleep(50);
      const startMs = performance.now();
      await write(`document ${number}`);
      while (got.at(-1) !== `document ${number}`) {
        assert.ok(performance.now() - startMs < 10_000, 'the document never came');
        await sleep(1);
      }
      delays.push(Math.round(performance.now() - startMs));
    }
    t.diagnostic(`from before the write until the monitor has it: ${delays.join(', ')} ms`);
    assert.ok(Math.min(...delays) < 200);
    await plane.until('a renewal', async () => (await lease('emea-0'))?.spec?.renewTime !== firstRenewal);
  });

  test('goes on without the API server, says so once, and is back when that is', async (t) => {
    await write('before');
    const { got, log } = await linked(t, 'emea-1');
    await plane.until('the document and the Lease', async () => {
      return got.length === 1 && (await lease('emea-1')) !== null;
    });
    await plane.stopApiServer();
    await until('both are noticed', () => log.lines.length >= 2, 20_000);
    await sleep(5000);
    const during = log.lines.length;
    await plane.startApiServer();
    await write('after');
    await plane.until('the next document', async () => got.at(-1) === 'after');
    const renewed = (await lease('emea-1'))?.spec?.renewTime;
    await plane.until('a renewal', async () => (await lease('emea-1'))?.spec?.renewTime !== renewed);
    assert.ok(during <= 4, log.lines.join('\n'));
    assert.ok(
      log.lines.some((line) => /Lease .*emea-1: not renewed: .* polling and serving go on/.test(line)),
    );
    assert.ok(log.lines.some((line) => /Lease .*emea-1: renewed again/.test(line)));
  });

  test('says at its end that it is not ready any more', async (t) => {
    const { link, said } = await linked(t, 'emea-2');
    const isReady = async () => (await lease('emea-2'))?.metadata?.annotations?.['trafficcontrol.cdn/ready'];
    await plane.until('the Lease', async () => (await isReady()) === 'true');
    said.report = { ...said.report, isReady: false };
    await link.stop();
    assert.equal(await isReady(), 'false');
  });
});
