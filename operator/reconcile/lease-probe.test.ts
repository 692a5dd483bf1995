import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Lease, Stored } from '../../common/kube/objects.ts';
import { collectionPath, LEASES } from '../../common/kube/resource.ts';
import { fakeApi, keptLog } from '../../common/kube/testing/harness.ts';
import { LeaseProbe } from './lease-probe.ts';
import { leaseReport } from './lease-report.ts';
import { Liveness } from './liveness.ts';

const PATH = collectionPath(LEASES, 'cdn');

async function probing(t: TestContext) {
  const { server, api } = await fakeApi(t);
  const liveness = new Liveness(10_000);
  const log = keptLog();
  const time = { nowMs: 0 };
  let missed = 0;
  const observe = ({ metadata, spec }: Stored<Lease>): void =>
    liveness.observe(metadata.name, leaseReport({ metadata, ...(spec ? { spec } : {}) }), time.nowMs);
  const renew = (name: string, renewTime: string): Stored<Lease> =>
    server.objects.put(PATH, {
      metadata: { name, namespace: 'cdn' },
      spec: { renewTime },
    } as Lease) as Stored<Lease>;
  observe(renew('tm-a-0', 't1'));
  observe(renew('tm-b-0', 't1'));
  const probe = new LeaseProbe({
    api,
    namespace: 'cdn',
    labelSelector: 'app=x',
    liveness,
    log,
    onLease: observe,
    onMissed: () => void missed++,
    nowMs: () => time.nowMs,
  });
  const asked = (): number => server.requests.length;
  return { server, liveness, probe, time, renew, log, asked, missed: () => missed };
}

test('while anybody is heard of, nothing is asked', async (t) => {
  const { probe, time, asked } = await probing(t);
  time.nowMs = 2000;
  await probe.beat();
  assert.equal(asked(), 0);
});

test('when all are silent and their Leases are too, they are dead', async (t) => {
  const { probe, time, liveness, asked, missed } = await probing(t);
  for (time.nowMs = 3500; time.nowMs < 20_000; time.nowMs += 500) await probe.beat();
  assert.ok(!liveness.isLive('tm-a-0', time.nowMs));
  assert.equal(missed(), 0);
  assert.ok(asked() <= 6, 'the dead are not asked for');
});

test('when their Leases go on, it is the watch that stands still', async (t) => {
  const { probe, time, liveness, renew, missed, log } = await probing(t);
  time.nowMs = 8000;
  renew('tm-b-0', 't2');
  await probe.beat();
  assert.equal(missed(), 1);
  assert.match(log.lines.join(), /missed 1 renewals: all watches are opened anew/);
  assert.ok(liveness.isLive('tm-b-0', 17_000));
});

test('when the API server is away, nobody dies', async (t) => {
  const { probe, time, liveness, server } = await probing(t);
  await server.close();
  for (time.nowMs = 3500; time.nowMs < 60_000; time.nowMs += 2500) await probe.beat();
  assert.ok(liveness.isLive('tm-a-0', time.nowMs));
});
