import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { cacheName } from '../../common/ids.ts';
import { httpServer, onRequest, type RunningServer, tcpServer } from '../testing/servers.ts';
import { sleep, until } from '../testing/waiting.ts';
import { CachePoller, type PollManner, type PollResult } from './cache-poller.ts';
import { PollTally } from './poll-tally.ts';
import type { PollTarget, Probe } from './poll-targets.ts';

const manner = (changes: Partial<PollManner> = {}): PollManner => ({
  intervalMs: 25,
  keepAlive: true,
  accept: 'text/json',
  maxBodyBytes: 100_000,
  ...changes,
});

const at = ({ port }: RunningServer, path = '/', family: 'ipv4' | 'ipv6' = 'ipv4'): Probe => ({
  kind: 'http',
  family,
  url: `http://127.0.0.1:${port}${path}`,
});

const target = (name: string, probes: readonly Probe[], changes: Partial<PollTarget> = {}): PollTarget => ({
  cache: cacheName(name),
  fqdn: `${name}.cdn.test`,
  format: 'astats',
  timeoutMs: 1000,
  probes,
  ...changes,
});

/** A poller that stops with the test, and its results. */
function pollerOf(t: TestContext, turns = new PollTally()) {
  const results: PollResult[] = [];
  const poller = new CachePoller({
    userAgent: 'traffic_monitor/1.2.3',
    seed: 'tm-1',
    onResult: (result) => results.push(result),
    turns,
  });
  t.after(() => poller.stop());
  const more = async (count: number): Promise<void> => {
    const wanted = results.length + count;
    await until(`${count} more results`, () => results.length >= wanted);
  };
  return { poller, results, more };
}

const okServer = (t: TestContext): Promise<RunningServer> =>
  httpServer(t, (_request, response) => response.end('ok'));

describe('polling', { concurrency: true }, () => {
  it('asks each cache once an interval, over one connection each', async (t) => {
    const server = await okServer(t);
    const { poller, results, more } = pollerOf(t);
    poller.apply([target('edge-1', [at(server)]), target('edge-2', [at(server)])], manner());
    assert.deepEqual([...poller.names], ['edge-1', 'edge-2']);
    await more(10);
    const polls = (name: string): number => results.filter((result) => result.target.cache === name).length;
    assert.ok(Math.abs(polls('edge-1') - polls('edge-2')) <= 1);
    assert.equal(server.connections(), 2);
    const [first] = results;
    assert.ok(first);
    assert.equal(first.outcome.kind, 'answer');
    assert.ok(Math.abs(first.endMs - Date.now()) < 5000);
    assert.ok(first.durationMs > 0 && first.durationMs < 1000);
  });

  it('takes turns with the families of a cache, each over a connection of its own', async (t) => {
    const [four, six] = [await okServer(t), await okServer(t)];
    const { poller, results, more } = pollerOf(t);
    poller.apply([target('edge-1', [at(four), at(six, '/', 'ipv6')])], manner());
    await more(6);
    assert.deepEqual(
      results.slice(0, 6).map(({ probe }) => probe.family),
      ['ipv4', 'ipv6', 'ipv4', 'ipv6', 'ipv4', 'ipv6'],
    );
    assert.deepEqual([four.connections(), six.connections()], [1, 1]);
  });

  it('leaves targets that did not change undisturbed when a config is applied anew', async (t) => {
    const server = await okServer(t);
    const { poller, more } = pollerOf(t);
    for (let i = 0; i < 3; i++) {
      poller.apply([target('edge-1', [at(server)])], manner());
      await more(2);
    }
    assert.equal(server.connections(), 1);
  });

  it('starts a changed target afresh, with the new URL', async (t) => {
    const asked: string[] = [];
    const server = await httpServer(t, (request, response) => {
      asked.push(request.url ?? '');
      response.end('ok');
    });
    const { poller, more } = pollerOf(t);
    poller.apply([target('edge-1', [at(server, '/old')]), target('edge-2', [at(server, '/kept')])], manner());
    await more(4);
    poller.apply([target('edge-1', [at(server, '/new')]), target('edge-2', [at(server, '/kept')])], manner());
    await until('the new URL is asked', () => asked.includes('/new'));
    await until('the old connection is closed', () => server.open() === 2);
    asked.length = 0;
    await more(4);
    assert.deepEqual([...new Set(asked)].sort(), ['/kept', '/new']);
    assert.equal(server.connections(), 3);
  });

  it('stops asking a cache that is gone, and hangs up', async (t) => {
    const [staying, going] = [await okServer(t), await okServer(t)];
    const { poller, results, more } = pollerOf(t);
    poller.apply([target('edge-1', [at(staying)]), target('edge-2', [at(going)])], manner());
    await until('both are polled', () => staying.connections() === 1 && going.connections() === 1);
    poller.apply([target('edge-1', [at(staying)])], manner());
    assert.deepEqual([...poller.names], ['edge-1']);
    const before = results.length;
    await more(4);
    await until('hung up', () => going.open() === 0);
    assert.deepEqual(
      new Set(results.slice(before).map((result) => result.target.cache)),
      new Set(['edge-1']),
    );
    assert.equal(staying.connections(), 1);
  });

  const changes: readonly [name: string, change: Partial<PollManner>][] = [
    ['interval', { intervalMs: 20 }],
    ['keep-alive switch', { keepAlive: false }],
    ['Accept header', { accept: 'text/csv' }],
    ['limit of bodies', { maxBodyBytes: 5 }],
  ];
  for (const [name, change] of changes) {
    it(`starts all targets afresh with another ${name}`, async (t) => {
      const server = await okServer(t);
      const { poller, more } = pollerOf(t);
      poller.apply([target('edge-1', [at(server)])], manner());
      await more(2);
      assert.equal(server.connections(), 1);
      poller.apply([target('edge-1', [at(server)])], manner(change));
      await more(2);
      assert.ok(server.connections() >= 2);
    });
  }

  it('passes over the turns of a cache that is still busy', async (t) => {
    const asked: ServerResponse[] = [];
    const server = await httpServer(t, (_request, response) => asked.push(response));
    const turns = new PollTally();
    const { poller, results } = pollerOf(t, turns);
    poller.apply([target('edge-1', [at(server)], { timeoutMs: 20_000 })], manner());
    for (let polls = 1; polls <= 3; polls++) {
      await until('it is asked', () => asked.length === polls);
      const before = turns.missedTurns;
      await until('turns have passed', () => turns.missedTurns >= before + 3);
      assert.equal(asked.length, polls);
      // Turns that were kept for later would count as taken.
      assert.equal(turns.due - turns.missedTurns, polls);
      asked.at(-1)?.end('ok');
      await until('its answer is told', () => results.length === polls);
    }
    assert.ok(results.every(({ outcome }) => outcome.kind === 'answer'));
    assert.equal(server.connections(), 1);
  });

  it('goes on with a cache after a failed poll', async (t) => {
    const server = await tcpServer(t, (socket) => socket.destroy());
    const { poller, results, more } = pollerOf(t);
    poller.apply([target('edge-1', [at(server)])], manner());
    await more(3);
    assert.ok(results.every(({ outcome }) => outcome.kind === 'failure'));
  });

  it('asks nobody for a noop cache, which always answers with nothing', async (t) => {
    const { poller, results, more } = pollerOf(t);
    poller.apply([target('edge-1', [{ kind: 'noop', family: 'ipv4' }])], manner());
    await more(2);
    const [first] = results;
    assert.ok(first?.outcome.kind === 'answer');
    assert.equal(first.outcome.body.length, 0);
    assert.equal(first.probe.kind, 'noop');
    assert.ok(first.durationMs < 500);
  });

  it('does not take time in which this process was held up for the time of a cache', async (t) => {
    const server = await tcpServer(t, (socket) =>
      onRequest(socket, () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
        const endMs = performance.now() + 700;
        while (performance.now() < endMs);
      }),
    );
    const { poller, results, more } = pollerOf(t);
    poller.apply([target('edge-1', [at(server)])], manner());
    await more(1);
    const [result] = results;
    assert.equal(result?.outcome.kind, 'answer');
    assert.ok(result.durationMs < 500, `${result.durationMs} ms`);
  });

  it('tells nothing any more once it is stopped, and begins anew when told to', async (t) => {
    const server = await okServer(t);
    const { poller, results, more } = pollerOf(t);
    poller.apply([target('edge-1', [at(server)])], manner());
    await more(1);
    poller.stop();
    const before = results.length;
    await sleep(80);
    assert.equal(results.length, before);
    assert.deepEqual([...poller.names], []);
    poller.apply([target('edge-1', [at(server)])], manner());
    await more(1);
  });
});

describe('the turns of a poller', () => {
  it('are told as taken, or as missed while the cache is still busy', async (t) => {
    const server = await tcpServer(t, () => {});
    const tally = new PollTally();
    const poller = new CachePoller({
      userAgent: 'traffic_monitor/1.2.3',
      seed: 'tm-1',
      onResult: () => {},
      turns: tally,
    });
    t.after(() => poller.stop());
    poller.apply([target('silent', [at(server)], { timeoutMs: 10_000 })], manner());
    await until('three turns are missed', () => tally.missedTurns >= 3);
    assert.equal(tally.due - tally.missedTurns, 1);
    assert.equal(tally.lateness.count, 1);
  });
});
