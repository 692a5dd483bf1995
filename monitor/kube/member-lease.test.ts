import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { cdnName, groupName } from '../../common/ids.ts';
import type { Lease } from '../../common/kube/objects.ts';
import { collectionPath, LEASES } from '../../common/kube/resource.ts';
import { fakeApi, keptLog, NAMESPACE } from '../../common/kube/testing/harness.ts';
import { ManualClock } from '../../common/testing/manual-clock.ts';
import { until } from '../testing/waiting.ts';
import { MemberLease } from './member-lease.ts';
import type { MemberReport } from './member-report.ts';

const PATH = collectionPath(LEASES, NAMESPACE);
const START_MS = Date.UTC(2026, 0, 1);

async function leasing(t: TestContext) {
  const { server, api } = await fakeApi(t);
  const clock = new ManualClock();
  const log = keptLog();
  const state: { report: MemberReport | null } = {
    report: {
      cdn: cdnName('cdn1'),
      group: groupName('emea'),
      appliedRevision: 1,
      polledRevision: 0,
      unpolled: [],
      isReady: true,
    },
  };
  const lease = new MemberLease({
    api,
    namespace: NAMESPACE,
    name: 'emea-0',
    holder: 'emea-0_then',
    report: () => state.report,
    log,
    clock,
    wallNow: () => START_MS + clock.now(),
  });
  t.after(() => lease.stop());
  const idle = () => until('the renewal has ended', () => clock.nextMs !== null);
  const pass = async (ms: number): Promise<void> => {
    await idle();
    await clock.advance(ms);
    await idle();
  };
  const stored = () => server.objects.get(PATH, 'emea-0') as Lease | undefined;
  return { server, clock, log, state, lease, idle, pass, stored };
}

describe("a monitor's Lease", () => {
  test('is created, then renewed every two seconds by one request', async (t) => {
    const { server, lease, pass, idle, stored } = await leasing(t);
    lease.start();
    await idle();
    assert.deepEqual(stored()?.spec, {
      holderIdentity: 'emea-0_then',
      leaseDurationSeconds: 10,
      renewTime: '2026-01-01T00:00:00.000000Z',
    });
    assert.equal(stored()?.metadata?.annotations?.['trafficcontrol.cdn/applied-revision'], '1');
    for (let round = 0; round < 3; round++) await pass(2000);
    assert.equal(stored()?.spec?.renewTime, '2026-01-01T00:00:06.000000Z');
    assert.deepEqual(
      server.requests.map(({ method }) => method),
      ['PATCH', 'POST', 'PATCH', 'PATCH', 'PATCH'],
    );
  });

  test('is not written before there is an assignment', async (t) => {
    const { server, state, lease, pass, idle } = await leasing(t);
    const { report } = state;
    state.report = null;
    lease.start();
    await idle();
    assert.equal(server.requests.length, 0);
    state.report = report;
    await pass(2000);
    assert.equal(server.requests.length, 2);
  });

  test('tells what is important at once', async (t) => {
    const { clock, state, lease, idle, stored } = await leasing(t);
    lease.start();
    await idle();
    if (state.report !== null) state.report = { ...state.report, appliedRevision: 7 };
    lease.renewNow();
    await until(
      'it is told',
      () => stored()?.metadata?.annotations?.['trafficcontrol.cdn/applied-revision'] === '7',
    );
    assert.equal(clock.now(), 0);
  });

  test('is made anew when somebody deletes it', async (t) => {
    const { server, lease, pass, idle, stored, log } = await leasing(t);
    lease.start();
    await idle();
    server.objects.remove(PATH, 'emea-0');
    await pass(2000);
    assert.equal(stored()?.spec?.holderIdentity, 'emea-0_then');
    assert.deepEqual(log.lines, []);
  });

  for (const code of [403, 404, 409, 500]) {
    test(`that meets ${code} again and again is told of once, and renewed once that is over`, async (t) => {
      const { server, lease, pass, idle, stored, log } = await leasing(t);
      server.fault = () => ({ kind: 'status', code, reason: 'Reason' });
      lease.start();
      await idle();
      for (let round = 0; round < 5; round++) await pass(2000);
      assert.equal(log.lines.length, 1);
      assert.match(
        log.lines[0] ?? '',
        new RegExp(
          `^warning: Lease cdn/emea-0: not renewed: .* ${code} Reason told to; polling and serving go on`,
        ),
      );
      server.fault = () => null;
      await pass(2000);
      assert.ok(stored() !== undefined);
      assert.equal(log.lines.at(-1), 'info: Lease cdn/emea-0: renewed again');
    });
  }

  test('is renewed a last time when the monitor stops, with what is true then', async (t) => {
    const { state, lease, idle, stored } = await leasing(t);
    lease.start();
    await idle();
    if (state.report !== null) state.report = { ...state.report, isReady: false };
    await lease.stop();
    assert.equal(stored()?.metadata?.annotations?.['trafficcontrol.cdn/ready'], 'false');
  });
});
