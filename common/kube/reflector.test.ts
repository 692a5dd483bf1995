import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { sleep, until } from '../../monitor/testing/waiting.ts';
import type { ConfigMap } from './objects.ts';
import { Reflector, type ReflectorOptions } from './reflector.ts';
import { CONFIG_MAPS } from './resource.ts';
import type { Change } from './store.ts';
import type { FakeApiServer, Request } from './testing/fake-api-server.ts';
import { configMap, fakeApi, keptLog, MAPS_PATH, NAMESPACE } from './testing/harness.ts';

const QUICK = { backoffFirstMs: 2, backoffMaxMs: 20, idleMs: 10_000 };

interface Seen {
  readonly server: FakeApiServer;
  readonly reflector: Reflector<ConfigMap>;
  /** `added a 1`: what, which, and its value. */
  readonly changes: string[];
  readonly log: ReturnType<typeof keptLog>;
}

async function reflecting(t: TestContext, changed: Partial<ReflectorOptions<ConfigMap>> = {}): Promise<Seen> {
  const { server, api } = await fakeApi(t);
  const changes: string[] = [];
  const log = keptLog();
  const reflector = new Reflector<ConfigMap>({
    api,
    resource: CONFIG_MAPS,
    selection: { namespace: NAMESPACE },
    onChange: (change) => void changes.push(told(change)),
    log,
    timing: QUICK,
    ...changed,
  });
  t.after(() => reflector.stop());
  return { server, reflector, changes, log };
}

const told = ({ type, object }: Change<ConfigMap>): string =>
  `${type} ${object.metadata.name} ${object.data?.['value']}`;

const isWatch = ({ query }: Request): boolean => query.get('watch') === 'true';
const listsOf = (server: FakeApiServer): number => server.requests.filter((one) => !isWatch(one)).length;
const watchesOf = (server: FakeApiServer): number => server.requests.filter(isWatch).length;

/** Synced, and its watch is open. */
async function settled({ server, reflector }: Seen): Promise<void> {
  reflector.start();
  await reflector.synced;
  await until('a watch', () => server.watches === 1);
}

describe('a reflector', () => {
  test('hands out what is there, then each change', async (t) => {
    const seen = await reflecting(t);
    const { server, changes, reflector } = seen;
    server.objects.put(MAPS_PATH, configMap('a', '1'));
    await settled(seen);
    assert.deepEqual(changes, ['added a 1']);
    server.objects.put(MAPS_PATH, configMap('b', '1'));
    server.objects.put(MAPS_PATH, configMap('a', '2'));
    server.objects.remove(MAPS_PATH, 'b');
    await until('the changes', () => changes.length === 4);
    assert.deepEqual(changes.slice(1), ['added b 1', 'modified a 2', 'deleted b 1']);
    assert.deepEqual(
      [...reflector.store.values()].map(({ metadata }) => metadata.name),
      ['a'],
    );
  });

  test('lists in pages', async (t) => {
    const seen = await reflecting(t, { timing: { ...QUICK, pageSize: 2 } });
    for (let number = 0; number < 5; number++)
      seen.server.objects.put(MAPS_PATH, configMap(`m${number}`, '1'));
    await settled(seen);
    assert.equal(seen.reflector.store.size, 5);
    assert.equal(listsOf(seen.server), 3);
  });

  test('opens its watch anew when asked to, from where it was, without a list', async (t) => {
    const seen = await reflecting(t);
    const { server, changes, reflector } = seen;
    await settled(seen);
    reflector.reopen();
    await until('another watch', () => watchesOf(server) === 2 && server.watches === 1);
    server.objects.put(MAPS_PATH, configMap('a', '1'));
    await until('the change', () => changes.length === 1);
    assert.equal(listsOf(server), 1);
    assert.deepEqual(seen.log.lines, []);
  });

  test('of a single object asks for it by its name', async (t) => {
    const seen = await reflecting(t, {
      selection: { namespace: NAMESPACE, fieldSelector: 'metadata.name=a' },
    });
    seen.server.objects.put(MAPS_PATH, configMap('a', '1'));
    seen.server.objects.put(MAPS_PATH, configMap('b', '1'));
    await settled(seen);
    assert.deepEqual(seen.changes, ['added a 1']);
    assert.deepEqual(
      seen.server.requests.map(({ query }) => query.get('fieldSelector')),
      ['metadata.name=a', 'metadata.name=a'],
    );
  });

  test('watches with bookmarks, for five to ten minutes', async (t) => {
    const seen = await reflecting(t, { random: () => 0.5 });
    await settled(seen);
    const query = seen.server.requests.find(isWatch)?.query;
    assert.deepEqual([query?.get('allowWatchBookmarks'), query?.get('timeoutSeconds')], ['true', '450']);
  });

  test('goes on from the last bookmark when the server ends the watch', async (t) => {
    const seen = await reflecting(t);
    const { server } = seen;
    await settled(seen);
    server.objects.put('/api/v1/namespaces/other/configmaps', configMap('x', '1'));
    server.sendBookmarks();
    server.endWatches();
    await until('the next watch', () => watchesOf(server) === 2);
    assert.equal(server.requests.at(-1)?.query.get('resourceVersion'), server.objects.resourceVersion);
    assert.equal(listsOf(server), 1);
  });

  test('lists anew now and then, and finds what no watch told', async (t) => {
    const seen = await reflecting(t, { timing: { ...QUICK, relistMs: 0 } });
    const { server, changes } = seen;
    server.objects.put(MAPS_PATH, configMap('a', '1'));
    await settled(seen);
    server.isSilent = true;
    server.objects.put(MAPS_PATH, configMap('a', '2'));
    server.endWatches();
    await until('the change', () => changes.includes('modified a 2'));
    assert.ok(listsOf(server) >= 2);
  });

  test('stops without a sound, in the middle of whatever it does', async (t) => {
    const seen = await reflecting(t);
    await settled(seen);
    await seen.reflector.stop();
    await until('the watch is gone', () => seen.server.watches === 0);
    seen.server.objects.put(MAPS_PATH, configMap('a', '1'));
    const asked = seen.server.requests.length;
    await sleep(30);
    assert.deepEqual([seen.changes, seen.log.lines, seen.server.requests.length], [[], [], asked]);
  });

  test('cannot be started twice', async (t) => {
    const seen = await reflecting(t);
    seen.reflector.start();
    assert.throws(() => seen.reflector.start(), /started twice/);
  });
});

describe('a reflector loses nothing when', () => {
  const troubles: [what: string, make: (server: FakeApiServer) => void][] = [
    ['connections are dropped', (server) => server.dropConnections()],
    ['the watch ends', (server) => server.endWatches()],
    ['the watch tells an error', (server) => server.sendError(500, 'InternalError')],
    ['the watch tells nonsense', (server) => server.sendLine('{"type":')],
    ['an unknown event comes', (server) => server.sendLine('{"type":"HELLO","object":{}}')],
  ];
  for (const [what, make] of troubles) {
    test(what, async (t) => {
      const seen = await reflecting(t);
      const { server, changes } = seen;
      server.objects.put(MAPS_PATH, configMap('a', '1'));
      await settled(seen);
      make(server);
      server.objects.put(MAPS_PATH, configMap('a', '2'));
      server.objects.put(MAPS_PATH, configMap('b', '1'));
      await until('the changes', () => changes.includes('modified a 2') && changes.includes('added b 1'));
      assert.equal(changes.length, 3);
    });
  }

  for (const inStream of [true, false]) {
    test(`its version is too old (${inStream ? 'told within the watch' : 'when a watch is asked for'})`, async (t) => {
      const seen = await reflecting(t);
      const { server, changes } = seen;
      server.objects.put(MAPS_PATH, configMap('a', '1'));
      server.objects.put(MAPS_PATH, configMap('b', '1'));
      await settled(seen);
      server.isSilent = true;
      server.objects.remove(MAPS_PATH, 'a');
      server.objects.put(MAPS_PATH, configMap('b', '2'));
      server.objects.put(MAPS_PATH, configMap('c', '1'));
      server.objects.compact();
      server.isSilent = false;
      if (inStream) server.sendError(410, 'Expired');
      else server.endWatches();
      await until('the changes', () => changes.length === 5);
      assert.deepEqual(changes.slice(2), ['deleted a 1', 'modified b 2', 'added c 1']);
      assert.equal(listsOf(server), 2);
      assert.deepEqual(seen.log.lines, [], 'a version grows old in the normal course of things');
    });
  }

  test('an object is deleted and created anew unseen', async (t) => {
    const seen = await reflecting(t);
    const { server, changes } = seen;
    server.objects.put(MAPS_PATH, configMap('a', '1'));
    await settled(seen);
    server.isSilent = true;
    server.objects.remove(MAPS_PATH, 'a');
    server.objects.put(MAPS_PATH, configMap('a', '2'));
    server.objects.compact();
    server.isSilent = false;
    server.endWatches();
    await until('the changes', () => changes.length === 3);
    assert.deepEqual(changes.slice(1), ['deleted a 1', 'added a 2']);
  });

  test('the connection is dead and nobody says so', async (t) => {
    const seen = await reflecting(t, { timing: { ...QUICK, idleMs: 60 } });
    const { server, changes } = seen;
    await settled(seen);
    server.isSilent = true;
    server.objects.put(MAPS_PATH, configMap('a', '1'));
    await until('a new watch', () => watchesOf(server) >= 2);
    server.isSilent = false;
    await until('the change', () => changes.length >= 1);
    assert.deepEqual(changes, ['added a 1']);
    assert.match(seen.log.lines.join('\n'), /nothing came for 60 ms: the connection is taken for dead/);
  });

  test('the server is away when it starts, and comes later', async (t) => {
    const seen = await reflecting(t);
    const { server } = seen;
    server.objects.put(MAPS_PATH, configMap('a', '1'));
    let refused = 0;
    server.fault = () => (refused++ < 4 ? { kind: 'reset' } : null);
    await settled(seen);
    assert.deepEqual(seen.changes, ['added a 1']);
    assert.match(
      seen.log.lines[0] ?? '',
      /^warning: watching configmaps cdn: GET .*; what was seen last stays in force, next try in \d+ ms$/,
    );
    assert.equal(seen.log.lines.at(-1), 'info: watching configmaps cdn: works again');
  });
});

describe('a reflector asks less and less', () => {
  test('of a server that fails, and says so once', async (t) => {
    const pauses: number[] = [];
    const clock = {
      now: () => performance.now(),
      sleep: async (ms: number) => {
        pauses.push(ms);
        await sleep(1);
      },
    };
    const { server, reflector, log } = await reflecting(t, {
      clock,
      random: () => 0.5,
      timing: { ...QUICK, backoffFirstMs: 100, backoffMaxMs: 1000 },
    });
    server.fault = () => ({ kind: 'status', code: 500 });
    reflector.start();
    await until('six tries', () => pauses.length >= 6);
    assert.deepEqual(pauses.slice(0, 6), [75, 150, 300, 600, 750, 750]);
    assert.equal(log.lines.length, 1);
  });

  test('of a server that says when to come again', async (t) => {
    const pauses: number[] = [];
    const clock = {
      now: () => performance.now(),
      sleep: async (ms: number) => {
        pauses.push(ms);
        await sleep(1);
      },
    };
    const { server, reflector, log } = await reflecting(t, { clock });
    server.fault = (request) => (isWatch(request) ? { kind: 'status', code: 429, retryAfter: '7' } : null);
    reflector.start();
    await until('three tries', () => pauses.length >= 3);
    assert.deepEqual(pauses.slice(0, 3), [7000, 7000, 7000]);
    assert.equal(log.lines.length, 1);
  });

  test('of a server that ends each watch at once', async (t) => {
    const { server, reflector } = await reflecting(t, {
      timing: { ...QUICK, backoffFirstMs: 20, backoffMaxMs: 20 },
    });
    reflector.start();
    const ends = setInterval(() => server.endWatches(), 1);
    t.after(() => clearInterval(ends));
    const startMs = performance.now();
    await until('five watches', () => watchesOf(server) >= 5);
    assert.ok(performance.now() - startMs >= 30);
  });
});

describe('a handler that fails', () => {
  for (const kind of ['throws', 'rejects'] as const) {
    test(`(${kind}) is told of, gets its change again, and holds nothing up`, async (t) => {
      const taken: string[] = [];
      let left = 2;
      const seen = await reflecting(t, {
        onChange: (change) => {
          if (change.object.metadata.name === 'a' && left-- > 0) {
            if (kind === 'throws') throw new Error('a bad day');
            return Promise.reject(new Error('a bad day'));
          }
          taken.push(told(change));
          return undefined;
        },
      });
      seen.server.objects.put(MAPS_PATH, configMap('a', '1'));
      seen.server.objects.put(MAPS_PATH, configMap('b', '1'));
      await settled(seen);
      await until('both are taken', () => taken.length === 2);
      assert.deepEqual(taken, ['added b 1', 'added a 1']);
      assert.match(
        seen.log.lines[0] ?? '',
        /^error: ConfigMap cdn\/a added, but its handler failed: a bad day; it is/,
      );
    });
  }
});
