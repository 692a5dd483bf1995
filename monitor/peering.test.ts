import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { cacheName, monitorName } from '../common/ids.ts';
import type { AvailabilityEvent } from './health/events.ts';
import { Peering, type PeeringConfig } from './peering.ts';
import type { PeerChange } from './peers/peer-states.ts';
import { httpServer } from './testing/servers.ts';
import { until } from './testing/waiting.ts';

/** A monitor's peers, polled for real; they stop with the test. */
function peeringOf(t: TestContext) {
  const events: AvailabilityEvent[] = [];
  const changes: PeerChange[] = [];
  const faults: unknown[] = [];
  const peering = new Peering({
    userAgent: 'traffic_monitor/1.2.3',
    seed: 'tm-a peer',
    onEvent: (event) => events.push(event),
    onChange: (change) => changes.push(change),
    onResult: () => {},
    onFault: (error) => faults.push(error),
  });
  t.after(() => peering.stop());
  return { peering, events, changes, faults };
}

const configOf = (ports: Readonly<Record<string, number>>, quorumMin = 0): PeeringConfig => ({
  targets: Object.entries(ports).map(([name, port]) => ({
    peer: monitorName(name),
    url: `http://127.0.0.1:${port}/publish/CrStates?raw`,
  })),
  manner: { intervalMs: 25, timeoutMs: 1000, keepAlive: true, accept: 'text/json', maxBodyBytes: 100_000 },
  quorumMin,
});

const edgeUp = '{"caches":{"edge-1":{"isAvailable":true,"ipv4Available":true}}}';

describe('the peers of a monitor', () => {
  it('are waited for until each has been asked once, whatever it answered', async (t) => {
    const good = await httpServer(t, (_request, response) => response.end(edgeUp));
    const bad = await httpServer(t, (_request, response) => response.end('no JSON'));
    const { peering, faults } = peeringOf(t);
    assert.equal(peering.unasked(), null, 'nobody to wait for');
    peering.apply(configOf({ 'tm-b': good.port, 'tm-c': bad.port }), Date.now());
    assert.equal(peering.unasked(), 'some peers not asked yet: tm-b, tm-c');
    await until('all are asked', () => peering.unasked() === null);
    assert.deepEqual(
      peering.states.available.map(({ name }) => name),
      ['tm-b'],
    );
    assert.match(
      peering.states.get(monitorName('tm-c'))?.error ?? '',
      /its answer cannot be read: invalid JSON/,
    );
    assert.deepEqual(faults, []);
  });

  it('make no quorum with words that are too old', async (t) => {
    const servers = [1, 2].map(() => httpServer(t, (_request, response) => response.end(edgeUp)));
    const [b, c] = await Promise.all(servers);
    assert.ok(b !== undefined && c !== undefined);
    const { peering, changes } = peeringOf(t);
    peering.apply(configOf({ 'tm-b': b.port, 'tm-c': c.port }, 2), Date.now());
    assert.match(peering.quorumProblem(Date.now()) ?? '', /^number of peers available \(0\/2\)/);
    await until('both answer', () => peering.quorumProblem(Date.now()) === null);
    peering.stop();
    changes.length = 0;
    // Twice the interval and the timeout; nobody has asked since.
    assert.match(peering.quorumProblem(Date.now() + 2 * 1025) ?? '', /^number of peers available \(0\/2\)/);
    assert.deepEqual(
      changes.flatMap(({ caches }) => caches),
      ['edge-1'],
      'and what they said is combined anew without them',
    );
    assert.deepEqual(peering.states.opinions(cacheName('edge-1')), []);
  });

  it('that are taken away count no more, and are not asked', async (t) => {
    const server = await httpServer(t, (_request, response) => response.end(edgeUp));
    const { peering, events } = peeringOf(t);
    peering.apply(configOf({ 'tm-b': server.port, 'tm-c': server.port }, 1), Date.now());
    await until('both answer', () => peering.states.available.length === 2);
    peering.apply(configOf({ 'tm-c': server.port }, 1), Date.now());
    assert.deepEqual(
      peering.states.available.map(({ name }) => name),
      ['tm-c'],
    );
    assert.equal(peering.quorumProblem(Date.now()), null, 'one peer is no quorum matter');
    assert.deepEqual(
      events.map(({ description }) => description),
      ['Peer is reachable', 'Peer is reachable'],
    );
    await until('one connection is left', () => server.open() === 1);
  });
});
