import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, type TestContext, test } from 'node:test';
import { keptLog } from '../../common/kube/testing/harness.ts';
import { EventRecorder } from '../../operator/kube/events.ts';
import { LeaderElection } from '../../operator/kube/leader-election.ts';
import { programSets } from '../tools/programs.ts';
import { whyMissing } from '../tools/tools.ts';
import { ControlPlane } from './control-plane.ts';
import { FaultProxy } from './fault-proxy.ts';
import { kubeClient } from './kube-client.ts';

const missing = whyMissing(programSets.api);
if (missing !== null) console.log(`SKIPPED: leader election at the API server: ${missing}`);

/** A third of the real times, so that the test does not take long. */
const QUICK = { leaseMs: 5000, renewMs: 3000, retryMs: 600 };

describe('at a real API server', { skip: missing ?? false }, () => {
  let plane: ControlPlane;
  let namespace: string;

  before(async () => {
    plane = await ControlPlane.start();
  });

  beforeEach(async () => {
    namespace = await plane.createNamespace('leader');
    await plane.grant('operator', namespace, [
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update'] },
      { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
    ]);
  });

  after(() => plane?.stop());

  /** One of several operators, behind a proxy of its own that can cut it off. */
  async function candidate(t: TestContext, identity: string) {
    const { server, authority } = plane.access('operator');
    const proxy = await FaultProxy.start({ server, authority, certificate: plane.servingCertificate });
    const kubeconfig = plane.kubeconfigFile('operator', namespace, proxy.address);
    const { api, transport } = await kubeClient(kubeconfig);
    const log = keptLog();
    const told: string[] = [];
    const election = new LeaderElection({
      api,
      namespace,
      name: 'operator',
      identity,
      log,
      onElected: () => void told.push('elected'),
      onLost: () => void told.push('lost'),
      timing: QUICK,
    });
    t.after(async () => {
      await election.stop();
      await transport.close();
      await proxy.stop();
    });
    return { election, proxy, api, told, log };
  }

  const holder = async (): Promise<unknown> => {
    const lease = await plane.admin.get(
      `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/operator`,
    );
    return (lease?.['spec'] as { holderIdentity?: string } | undefined)?.holderIdentity;
  };

  test('one of three leads; the next takes over at once when it stops, and within the lease when it is cut off', async (t) => {
    const all = [await candidate(t, 'a'), await candidate(t, 'b'), await candidate(t, 'c')];
    for (const { election } of all) election.start();
    const leaders = () => all.filter(({ election }) => election.isLeader);
    // Looked at all the time: never two.
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, leaders().length);
    }, 20);
    t.after(() => clearInterval(watch));
    await plane.until('a leader', async () => leaders().length === 1);
    const [first] = leaders();
    assert.ok(first !== undefined);
    assert.ok(first.election.leader === (await holder()));

    let startMs = performance.now();
    await first.election.stop();
    await plane.until('a second leader', async () => leaders().length === 1);
    t.diagnostic(
      `took over ${Math.round(performance.now() - startMs)} ms after the leader gave its Lease back`,
    );
    assert.ok(performance.now() - startMs < 2000);

    const [second] = leaders();
    assert.ok(second !== undefined);
    startMs = performance.now();
    second.proxy.setRule(() => ({ kind: 'silence' }));
    second.proxy.freezeConnections();
    await plane.until('a third leader', async () => leaders().some((one) => one !== second));
    const tookMs = performance.now() - startMs;
    t.diagnostic(
      `took over ${Math.round(tookMs)} ms after the leader was cut off (lease of ${QUICK.leaseMs} ms)`,
    );
    assert.ok(tookMs < QUICK.leaseMs + 6 * QUICK.retryMs);
    assert.deepEqual(second.told, ['elected', 'lost']);
    assert.equal(most, 1);
  });

  test('events are shown by kubectl, repeats as one with a count', async (t) => {
    const { api } = await candidate(t, 'a');
    const log = keptLog();
    const reporter = { controller: 'trafficcontrol.cdn/operator', instance: 'operator-0' };
    const recorder = new EventRecorder({ api, reporter, log });
    const map = await plane.admin.create(`/api/v1/namespaces/${namespace}/configmaps`, {
      metadata: { name: 'subject' },
    });
    const { uid } = map.metadata as unknown as { uid: string };
    const subject = { apiVersion: 'v1', kind: 'ConfigMap', name: 'subject', namespace, uid };
    const facts = {
      type: 'Warning',
      reason: 'NotCovered',
      action: 'Assign',
      note: 'cg-1 has no group',
    } as const;
    recorder.record(subject, facts);
    await plane.until('the event', async () => {
      return (await plane.kubectl('get', 'events', '-n', namespace)).includes('NotCovered');
    });
    for (let time = 0; time < 4; time++) recorder.record(subject, facts);
    await recorder.stop();
    const described = await plane.kubectl('describe', 'configmap', 'subject', '-n', namespace);
    assert.match(
      described,
      /Warning +NotCovered +\S+ \(x5 over \S+\) +trafficcontrol\.cdn\/operator +cg-1 has no group/,
    );
    assert.deepEqual(log.lines, []);
  });
});
