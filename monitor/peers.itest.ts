import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type CacheName, monitorName } from '../common/ids.ts';
import { SimulatedCdn } from '../sim/simulated-cdn.ts';
import { SimulatedTrafficOps, type TrafficOpsContent } from '../sim/traffic-ops.ts';
import type { WorldMonitor } from '../sim/world-parts.ts';
import { type MonitorChild, MonitorFolder } from './testing/monitor-child.ts';
import { freePort } from './testing/servers.ts';
import { sleep, until } from './testing/waiting.ts';

const PATIENCE_MS = 20_000;

interface Monitor {
  readonly name: string;
  readonly folder: MonitorFolder;
  child: MonitorChild;
}

/** Three monitors of one CDN, the first with a Traffic Ops of its own, so that it can be led astray. */
async function threeMonitors(t: TestContext, settings: Record<string, unknown>) {
  const cdn = await SimulatedCdn.start({
    world: { edges: 12, cachegroups: 2, intervals: { health: 300, peers: 300, trafficOps: 500 } },
  });
  t.after(() => cdn.close());
  const names = ['tm-01', 'tm-02', 'tm-03'];
  const folders = await Promise.all(names.map(() => MonitorFolder.create(t, cdn)));
  const monitors = folders.map(({ port }, at): WorldMonitor => {
    const cachegroup = cdn.world.cachegroups[0]?.cachegroup;
    assert.ok(cachegroup !== undefined);
    const name = monitorName(names[at] ?? '');
    return { name, fqdn: '127.0.0.1', ip: '127.0.0.1', port, cachegroup, status: 'ONLINE' };
  });
  await cdn.relay({ monitors });
  const ownTrafficOps = await SimulatedTrafficOps.start(cdn.world);
  t.after(() => ownTrafficOps.close());
  const started = folders.map((folder, at): Monitor => {
    const name = names[at] ?? '';
    folder.write({ monitor: { short_hostname_override: name, http_timeout_ms: 1000, ...settings } });
    if (at === 0) folder.write({ ops: { url: ownTrafficOps.url } });
    return { name, folder, child: folder.start(t) };
  });
  await Promise.all(started.map(({ folder, child }) => folder.untilOpen(child)));
  const [first, second, third] = started;
  assert.ok(first !== undefined && second !== undefined && third !== undefined);
  for (const { folder } of started) await until('all peers answer', () => hasPeers(folder, 2), PATIENCE_MS);
  return { cdn, ownTrafficOps, first, second, third };
}

/** Whether so many peers say something of caches. */
async function hasPeers(folder: MonitorFolder, count: number): Promise<boolean> {
  const { peers } = JSON.parse((await folder.get('/publish/PeerStates')).text) as {
    peers: Record<string, object>;
  };
  return Object.values(peers).filter((caches) => Object.keys(caches).length > 0).length === count;
}

/** What this monitor would be told if nobody were at the cache's port. */
async function withoutWayTo(content: TrafficOpsContent, cache: CacheName): Promise<TrafficOpsContent> {
  const port = await freePort();
  const trafficServers = content.monitoring.trafficServers.map((server) =>
    server.hostname === cache ? { ...server, port } : server,
  );
  return { ...content, monitoring: { ...content.monitoring, trafficServers } };
}

/** Reads CrStates as routers do, until told to stop; tells how many were read and which caches were down in them. */
function routersOf(monitors: readonly Monitor[]) {
  let isGoing = true;
  let samples = 0;
  const down = new Set<string>();
  const loops = monitors.map(async ({ name, folder }) => {
    while (isGoing) {
      const answer = await folder.get('/publish/CrStates').catch(() => null);
      if (answer?.status === 200) {
        samples++;
        const { caches } = JSON.parse(answer.text) as { caches: Record<string, { isAvailable: boolean }> };
        for (const [cache, { isAvailable }] of Object.entries(caches))
          if (!isAvailable) down.add(`${cache} by ${name}`);
      }
      await sleep(5);
    }
  });
  return {
    get samples() {
      return samples;
    },
    async stop() {
      isGoing = false;
      await Promise.all(loops);
      return { samples, down: [...down] };
    },
  };
}

async function isUp({ folder }: Monitor, cache: CacheName, view = ''): Promise<boolean | null> {
  const { status, text } = await folder.get(`/publish/CrStates${view}`);
  return status === 200 ? JSON.parse(text).caches[cache].isAvailable : null;
}

async function descriptions({ folder }: Monitor, name: string): Promise<string[]> {
  const { events } = JSON.parse((await folder.get('/publish/EventLog')).text) as {
    events: { name: string; description: string }[];
  };
  return events.filter((event) => event.name === name).map(({ description }) => description);
}

test('a cache that one of three monitors cannot reach stays up; one that nobody reaches goes down', {
  timeout: 120_000,
}, async (t) => {
  const { cdn, ownTrafficOps, first, second, third } = await threeMonitors(t, {});
  const [cut, failing] = cdn.world.caches.map(({ name }) => name);
  assert.ok(cut !== undefined && failing !== undefined);
  const routers = routersOf([first, second, third]);
  ownTrafficOps.replace(await withoutWayTo(ownTrafficOps.content, cut));
  await until('the first sees it down', async () => (await isUp(first, cut, '?raw')) === false, PATIENCE_MS);
  const enough = routers.samples + 100;
  await until('routers have asked on', () => routers.samples > enough, PATIENCE_MS);
  assert.equal(await isUp(first, cut), true);
  assert.match(
    String(await descriptions(first, cut)),
    /Health protocol override condition detected; healthy on \(at least\) tm-0[23]/,
  );

  // A peer that dies takes no cache with it: the other one still sees it.
  second.child.signal('SIGKILL');
  await second.child.ended;
  const goneOf = async (monitor: Monitor): Promise<boolean> =>
    (await descriptions(monitor, 'tm-02')).some((text) => text.includes('connection refused'));
  await until('both miss it', async () => (await goneOf(first)) && (await goneOf(third)), PATIENCE_MS);
  assert.equal(await isUp(first, cut), true);
  const { samples, down } = await routers.stop();
  assert.ok(samples > 100);
  t.diagnostic(`${samples} answers read`);
  assert.deepEqual(down, [], 'no healthy cache was told down by anybody');

  await cdn.farm.update(failing, { httpStatus: 500 });
  for (const monitor of [first, third])
    await until('it is down', async () => (await isUp(monitor, failing)) === false, PATIENCE_MS);
  await cdn.farm.update(failing, { httpStatus: 200 });
  for (const monitor of [first, third])
    await until('it is up again', async () => (await isUp(monitor, failing)) === true, PATIENCE_MS);
});

test('a monitor that has lost all its peers tells routers nothing, rather than what it alone sees', {
  timeout: 120_000,
}, async (t) => {
  const { cdn, ownTrafficOps, first, second, third } = await threeMonitors(t, {
    peer_optimistic_quorum_min: 1,
  });
  const [cut] = cdn.world.caches.map(({ name }) => name);
  assert.ok(cut !== undefined);
  const routers = routersOf([first]);
  ownTrafficOps.replace(await withoutWayTo(ownTrafficOps.content, cut));
  await until('the first sees it down', async () => (await isUp(first, cut, '?raw')) === false, PATIENCE_MS);
  for (const { child } of [second, third]) {
    child.signal('SIGKILL');
    await child.ended;
  }
  const status = (): Promise<number> => first.folder.statusOf('/publish/CrStates');
  await until('the quorum is lost', async () => (await status()) === 503, PATIENCE_MS);
  assert.equal(await isUp(first, cut, '?raw'), false, 'monitors are still told what it sees');
  assert.match(
    first.child.stderr,
    /number of peers available \(0\/2\) is less than the minimum number of 1 required for optimistic peer quorum/,
  );
  third.child = third.folder.start(t);
  await third.folder.untilOpen(third.child);
  await until('the quorum is back', async () => (await status()) === 200, PATIENCE_MS);
  const { samples, down } = await routers.stop();
  assert.ok(samples > 0);
  t.diagnostic(`${samples} answers read`);
  assert.deepEqual(down, [], 'whenever it answered, it answered well');
});
