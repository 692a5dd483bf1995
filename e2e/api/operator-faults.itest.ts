import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../sim/seeded-random.ts';
import { DocumentRecorder } from './document-recorder.ts';
import { FaultProxy } from './fault-proxy.ts';
import { describeOnGround } from './on-ground.ts';
import type { OperatorProcess } from './operator-process.ts';

const FAULTY_MS = 8000;
/** A second, all kinds together; the operator allows itself 50, and renews its Lease. */
const MOST_REQUESTS = 25;

describeOnGround('between the operator and its API server', (at) => {
  const random = seededRandom(20);
  let proxy: FaultProxy;
  let operator: OperatorProcess;
  let recorder: DocumentRecorder;
  let replicas = 2;
  let endUpkeep = (): void => {};

  before(async () => {
    const { plane, ground } = at();
    const { server, authority } = plane.access('operator');
    proxy = await FaultProxy.start({ server, authority, certificate: plane.servingCertificate });
    operator = await ground.startOperator('operator-0', proxy.address);
    endUpkeep = operator.keepRunning();
    await ground.applyGroup('emea');
    await ground.applyGroup('apac', { location: ground.world.cachegroups[6]?.cachegroup });
    await ground.untilSettled('emea', 'apac');
    const all = ground.world.cachegroups.map(({ cachegroup }) => cachegroup);
    recorder = new DocumentRecorder(ground.admin, ground.namespace, () => all);
    recorder.start();
  });

  after(async () => {
    endUpkeep();
    await proxy?.stop();
  });

  const change = async (): Promise<void> => {
    replicas = replicas === 2 ? 3 : 2;
    await at().ground.patchGroup('emea', { replicas });
  };
  const untilChanged = async (limitMs?: number): Promise<number> => {
    const { plane, ground } = at();
    const startMs = performance.now();
    await plane.until(
      'the change to be carried out',
      async () => {
        const document = await ground.assignment('apac');
        const members = document?.groups.find(({ name }) => name === 'emea')?.members ?? [];
        const leases = await ground.list('coordination.k8s.io/v1', 'leases');
        const own = leases.filter(({ metadata }) => metadata.name.startsWith('tm-emea-'));
        return members.length === replicas && own.length === replicas;
      },
      limitMs,
    );
    return performance.now() - startMs;
  };
  const tell = (what: string, earlier: FaultProxy['counts'], sinceMs: number): void => {
    const elapsedMs = performance.now() - sinceMs;
    const counts = proxy.counts.since(earlier);
    console.log(`${what}, ${(elapsedMs / 1000).toFixed(1)} s:\n${counts.describe(elapsedMs)}`);
    assert.ok(counts.total() < (MOST_REQUESTS * elapsedMs) / 1000, 'a hot loop');
  };

  for (const status of [429, 500, 409, 410] as const) {
    test(`answers ${status} to every second request: all is carried out, without a hot loop`, async () => {
      const { ground } = at();
      const earlier = proxy.counts;
      const startMs = performance.now();
      const waits = status === 429 ? { retryAfterSeconds: 1 } : {};
      proxy.setRule(() => (random() < 0.5 ? { kind: 'answer', status, ...waits } : null));
      await sleep(500);
      await change();
      await sleep(FAULTY_MS);
      proxy.clearRule();
      tell(`half of all requests answered with ${status}`, earlier, startMs);
      await untilChanged();
      await ground.untilSettled('emea', 'apac');
    });
  }

  test('every write fails for a while: it is tried again, more and more slowly', async () => {
    const { ground } = at();
    const earlier = proxy.counts;
    const startMs = performance.now();
    const isOurs = (resource: string): boolean => !resource.startsWith('leases');
    proxy.setRule(({ verb, resource }) =>
      verb === 'patch' && isOurs(resource) ? { kind: 'answer', status: 500 } : null,
    );
    await change();
    await sleep(FAULTY_MS);
    proxy.clearRule();
    tell('all writes answered with 500', earlier, startMs);
    await untilChanged();
    await ground.untilSettled('emea', 'apac');
  });

  test('connections are reset: all is carried out', async () => {
    const { ground } = at();
    const earlier = proxy.counts;
    const startMs = performance.now();
    proxy.setRule(() => (random() < 0.3 ? { kind: 'reset' } : null));
    for (let round = 0; round < 4; round++) {
      proxy.dropWatches();
      await sleep(1500);
      await change();
    }
    proxy.clearRule();
    tell('a third of all connections reset, watches dropped four times', earlier, startMs);
    await untilChanged();
    await ground.untilSettled('emea', 'apac');
  });

  test('connections that stand but carry nothing are found out within seconds', async () => {
    const { ground } = at();
    const earlier = proxy.counts;
    const startMs = performance.now();
    assert.ok(proxy.freezeConnections() > 0);
    await change();
    const tookMs = await untilChanged();
    tell('half-open connections', earlier, startMs);
    console.log(`a change was carried out after ${(tookMs / 1000).toFixed(1)} s`);
    assert.ok(tookMs < 45_000);
    await ground.untilSettled('emea', 'apac');
  });

  test('through all of that no cachegroup was ever without an owner, and no revision said two things', async () => {
    console.log(await recorder.stop());
  });
});
