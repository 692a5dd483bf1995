import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { KubeApi } from '../../common/kube/api.ts';
import type { Lease, OwnerReference } from '../../common/kube/objects.ts';
import { collectionPath, LEASES } from '../../common/kube/resource.ts';
import type { FakeApiServer } from '../../common/kube/testing/fake-api-server.ts';
import { fakeApi, keptLog, NAMESPACE, plainCredentials } from '../../common/kube/testing/harness.ts';
import { KubeTransport } from '../../common/kube/transport.ts';
import { ManualClock } from '../../common/testing/manual-clock.ts';
import { until } from '../../monitor/testing/waiting.ts';
import { LeaderElection } from './leader-election.ts';

const PATH = collectionPath(LEASES, NAMESPACE);

/** A candidate whose time moves only when told. */
function candidate(
  t: TestContext,
  server: FakeApiServer,
  identity: string,
  owner: OwnerReference | null = null,
) {
  const clock = new ManualClock();
  const log = keptLog();
  const told: string[] = [];
  const transport = new KubeTransport({ credentials: plainCredentials(server.url), userAgent: identity });
  const election = new LeaderElection({
    api: new KubeApi({ transport, limit: null }),
    namespace: NAMESPACE,
    name: 'leader',
    identity,
    log,
    owner: async () => owner,
    onElected: () => void told.push('elected'),
    onLost: () => void told.push('lost'),
    clock,
    random: () => 0,
  });
  t.after(async () => {
    await election.stop();
    await transport.close();
  });
  /** One second at a time, each round with the time that its requests take. */
  const pass = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second++) {
      await until('the round has ended', () => clock.nextMs !== null);
      await clock.advance(1000);
    }
    await until('the round has ended', () => clock.nextMs !== null);
  };
  const start = async (): Promise<void> => {
    election.start();
    await until('the first round has ended', () => clock.nextMs !== null);
  };
  return { election, clock, log, told, pass, start };
}

const leaseOf = (server: FakeApiServer): Lease['spec'] => (server.objects.get(PATH, 'leader') as Lease).spec;

describe('leader election', () => {
  test('makes a Lease that goes with its owner', async (t) => {
    const { server } = await fakeApi(t);
    const owner = { apiVersion: 'v1', kind: 'ServiceAccount', name: 'operator', uid: 'u-1' };
    await candidate(t, server, 'a', owner).start();
    assert.deepEqual(server.objects.get(PATH, 'leader')?.metadata?.ownerReferences, [owner]);
  });

  test('makes the first the leader, who renews every two seconds', async (t) => {
    const { server } = await fakeApi(t);
    const a = candidate(t, server, 'a');
    await a.start();
    assert.deepEqual([a.told, a.election.isLeader, a.election.leader], [['elected'], true, 'a']);
    const before = server.requests.length;
    await a.pass(10);
    assert.deepEqual(
      server.requests.slice(before).map(({ method }) => method),
      ['PUT', 'PUT', 'PUT', 'PUT', 'PUT'],
    );
    assert.deepEqual(a.told, ['elected']);
  });

  test('lets a second wait, and take over from a leader that gives up its Lease', async (t) => {
    const { server } = await fakeApi(t);
    const [a, b] = [candidate(t, server, 'a'), candidate(t, server, 'b')];
    await a.start();
    await b.start();
    for (let second = 0; second < 30; second++) {
      await a.pass(1);
      await b.pass(1);
    }
    assert.deepEqual([b.told, b.election.isLeader, b.election.leader], [[], false, 'a']);
    await a.election.stop();
    assert.equal(leaseOf(server)?.holderIdentity, '');
    await b.pass(2);
    assert.deepEqual(
      [b.told, leaseOf(server)?.holderIdentity, leaseOf(server)?.leaseTransitions],
      [['elected'], 'b', 1],
    );
  });

  test('takes over from a leader that is silent for 15 s, not sooner', async (t) => {
    const { server } = await fakeApi(t);
    const [a, b] = [candidate(t, server, 'a'), candidate(t, server, 'b')];
    await a.start();
    await b.start();
    await b.pass(14);
    assert.equal(b.election.isLeader, false);
    await b.pass(3);
    assert.equal(b.election.isLeader, true);
    await a.pass(2);
    assert.deepEqual(a.told, ['elected', 'lost']);
    assert.match(
      a.log.lines.at(-1) ?? '',
      /error: Lease cdn\/leader: no longer the leader: b holds the Lease now/,
    );
  });

  test('ends leadership after 10 s without a renewal, before another can begin', async (t) => {
    const { server } = await fakeApi(t);
    const a = candidate(t, server, 'a');
    await a.start();
    server.fault = () => ({ kind: 'status', code: 500 });
    await a.pass(9);
    assert.deepEqual([a.election.isLeader, a.told], [true, ['elected']]);
    await a.pass(1);
    assert.deepEqual([a.election.isLeader, a.told], [false, ['elected', 'lost']]);
    server.fault = () => null;
    await a.pass(2);
    assert.deepEqual([a.election.isLeader, a.told], [true, ['elected', 'lost', 'elected']]);
  });

  test('knows that it is late even when it could not run meanwhile', async (t) => {
    const { server } = await fakeApi(t);
    const a = candidate(t, server, 'a');
    await a.start();
    server.fault = () => ({ kind: 'hang' });
    const asked = server.requests.length;
    await a.clock.advance(2000);
    await until('a renewal hangs', () => server.requests.length > asked);
    await a.clock.advance(8000);
    assert.equal(a.election.isLeader, false);
  });

  test('lets only one of two win that take a Lease at the same moment', async (t) => {
    const { server } = await fakeApi(t);
    server.objects.put(PATH, {
      metadata: { name: 'leader', namespace: NAMESPACE },
      spec: { holderIdentity: '', leaseDurationSeconds: 1 },
    } as Lease);
    const [a, b] = [candidate(t, server, 'a'), candidate(t, server, 'b')];
    await Promise.all([a.start(), b.start()]);
    await Promise.all([a.pass(2), b.pass(2)]);
    assert.equal([a, b].filter(({ election }) => election.isLeader).length, 1);
  });

  test('goes on over a stranger who writes to the Lease, or deletes it', async (t) => {
    const { server } = await fakeApi(t);
    const a = candidate(t, server, 'a');
    await a.start();
    const lease = server.objects.get(PATH, 'leader') as Lease;
    server.objects.put(PATH, { ...lease, metadata: { ...lease.metadata, labels: { hello: 'there' } } });
    await a.pass(2);
    server.objects.remove(PATH, 'leader');
    await a.pass(2);
    assert.deepEqual(
      [a.told, a.election.isLeader, leaseOf(server)?.holderIdentity],
      [['elected'], true, 'a'],
    );
  });

  test('says what is wrong once, not every two seconds', async (t) => {
    const { server } = await fakeApi(t);
    server.fault = () => ({ kind: 'status', code: 403, reason: 'Forbidden' });
    const a = candidate(t, server, 'a');
    await a.start();
    await a.pass(20);
    assert.equal(a.log.lines.length, 1);
    assert.match(
      a.log.lines[0] ?? '',
      /^warning: Lease cdn\/leader: GET .* 403 Forbidden told to; not the leader, tried/,
    );
  });

  test('that was never won gives nothing back', async (t) => {
    const { server } = await fakeApi(t);
    const [a, b] = [candidate(t, server, 'a'), candidate(t, server, 'b')];
    await a.start();
    await b.start();
    await b.election.stop();
    assert.equal(leaseOf(server)?.holderIdentity, 'a');
  });
});
