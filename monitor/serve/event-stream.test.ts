import assert from 'node:assert/strict';
import { type IncomingMessage, request } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { type AvailabilityEvent, EventRing } from '../health/events.ts';
import { ask } from '../testing/asking.ts';
import { httpServer } from '../testing/servers.ts';
import { until } from '../testing/waiting.ts';
import { EventStream, MOST_LISTENERS } from './event-stream.ts';

const T = Date.UTC(2026, 4, 7, 4, 5, 6, 789);

const change = (name: string): AvailabilityEvent => ({
  timeMs: T,
  description: 'Protocol (IPv4) REPORTED - gone (health) ',
  name,
  type: 'EDGE',
  isAvailable: false,
  ipv4Available: false,
  ipv6Available: false,
});

/** A stream on a server of its own, over a log that may have events already. */
async function stream(t: TestContext, past: readonly string[] = [], limit = 1000) {
  const log = new EventRing(limit);
  for (const name of past) log.add(change(name));
  const events = new EventStream(log, 'boot');
  const { port } = await httpServer(t, (incoming, response) => events.answer(incoming, response));
  t.after(() => events.close());
  const happen = (name: string): void => events.publish(log.add(change(name)));
  return { events, port, happen };
}

/** Listens as a browser does; `ids` and `names` grow as events come. */
async function listen(t: TestContext, port: number, path = '/', headers: Record<string, string> = {}) {
  const heard = { text: '', ended: false };
  const outgoing = request({ host: '127.0.0.1', port, path, headers, agent: false });
  t.after(() => outgoing.destroy());
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.on('response', resolve);
    outgoing.on('error', reject);
    outgoing.end();
  });
  response.on('error', () => {});
  response.on('close', () => {
    heard.ended = true;
  });
  response.setEncoding('utf8').on('data', (chunk: string) => {
    heard.text += chunk;
  });
  const all = (pattern: RegExp): string[] => [...heard.text.matchAll(pattern)].map(([, found = '']) => found);
  return {
    response,
    heard,
    ids: () => all(/^id: (.*)$/gm),
    names: () => all(/^data: (.*)$/gm).map((data) => JSON.parse(data).name),
    hangUp: () => outgoing.destroy(),
  };
}

describe('the event stream', () => {
  it('tells the past, oldest first, then what happens', async (t) => {
    const { port, happen } = await stream(t, ['edge-1', 'edge-2']);
    const { response, heard, names, ids } = await listen(t, port);
    assert.equal(response.headers['content-type'], 'text/event-stream');
    assert.equal(response.headers['cache-control'], 'no-store');
    await until('the past is told', () => names().length === 2);
    happen('edge-3');
    await until('the event is told', () => names().length === 3);
    assert.deepEqual(names(), ['edge-1', 'edge-2', 'edge-3']);
    assert.deepEqual(ids(), ['boot-0', 'boot-1', 'boot-2']);
    assert.match(heard.text, /^retry: \d+\n\n/);
  });

  it('tells the fields of EventLog', async (t) => {
    const { port } = await stream(t, ['edge-1']);
    const { heard, names } = await listen(t, port);
    await until('it is told', () => names().length === 1);
    const [, data = ''] = /^data: (.*)$/m.exec(heard.text) ?? [];
    assert.deepEqual(JSON.parse(data), {
      time: Math.floor(T / 1000),
      index: 0,
      description: 'Protocol (IPv4) REPORTED - gone (health) ',
      name: 'edge-1',
      hostname: 'edge-1',
      type: 'EDGE',
      isAvailable: false,
      ipv4Available: false,
      ipv6Available: false,
    });
  });

  const comebacks: readonly [how: string, path: string, headers: Record<string, string>][] = [
    ['by the header of a browser', '/', { 'Last-Event-ID': 'boot-1' }],
    ['by the URL', '/?after=boot-1', {}],
  ];
  for (const [how, path, headers] of comebacks) {
    it(`tells who comes back ${how} what it missed`, async (t) => {
      const { port } = await stream(t, ['edge-1', 'edge-2', 'edge-3', 'edge-4']);
      const { names } = await listen(t, port, path, headers);
      await until('it is told', () => names().length === 2);
      assert.deepEqual(names(), ['edge-3', 'edge-4']);
    });
  }

  for (const [id, why] of [
    ['old-1', 'of the process before this one'],
    ['nonsense', 'that is none'],
  ] as const) {
    it(`tells all that it remembers to who comes with an id ${why}`, async (t) => {
      const { port } = await stream(t, ['edge-1', 'edge-2']);
      const { names } = await listen(t, port, '/', { 'Last-Event-ID': id });
      await until('it is told', () => names().length === 2);
    });
  }

  it('tells a burst to each listener once and in order, to one that comes in the middle too', async (t) => {
    const { port, happen } = await stream(t);
    const first = await listen(t, port);
    for (let i = 0; i < 50; i++) happen(`edge-${i}`);
    const second = await listen(t, port);
    for (let i = 50; i < 100; i++) happen(`edge-${i}`);
    const wanted = Array.from({ length: 100 }, (_, i) => `edge-${i}`);
    for (const { names } of [first, second]) {
      await until('all are told', () => names().length >= 100);
      assert.deepEqual(names(), wanted);
    }
  });

  it('refuses a crowd, and takes the next one when somebody leaves', async (t) => {
    const { events, port } = await stream(t);
    const crowd = await Promise.all(Array.from({ length: MOST_LISTENERS }, () => listen(t, port)));
    const { status, headers } = await ask({ port });
    assert.deepEqual([status, headers['retry-after']], [503, '30']);
    crowd[0]?.hangUp();
    await until('one has left', () => events.listeners === MOST_LISTENERS - 1);
    const { response } = await listen(t, port);
    assert.equal(response.statusCode, 200);
  });

  it('cuts off a listener that does not read, and no other', async (t) => {
    const { events, port, happen } = await stream(t, [], 10);
    const good = await listen(t, port);
    const slow = await listen(t, port);
    slow.response.pause();
    const long = 'x'.repeat(500_000);
    let told = 0;
    // The system takes some megabytes for a reader that does not read; then they wait here.
    while (told < 100 && events.listeners === 2) {
      happen(long);
      told++;
      // An event has its name twice. To look for ids in all that text each time would take longer than all the rest.
      await until('the good one has read it', () => good.heard.text.length > told * 2 * long.length);
    }
    assert.equal(events.listeners, 1);
    assert.equal(good.heard.ended, false);
    await until('the good one has read all', () => good.ids().length === told);
  });

  it('answers HEAD without a stream', async (t) => {
    const { events, port } = await stream(t, ['edge-1']);
    const { status, text } = await ask({ port, method: 'HEAD' });
    assert.deepEqual([status, text, events.listeners], [200, '', 0]);
  });

  it('ends for all when the monitor does', async (t) => {
    const { events, port, happen } = await stream(t);
    const { heard, names } = await listen(t, port);
    happen('edge-1');
    events.close();
    await until('it has ended', () => heard.ended);
    assert.deepEqual(names(), ['edge-1']);
  });
});
