import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Redundancy } from '../../common/assignment/document.ts';
import { type CachegroupName, cachegroupName, groupName } from '../../common/ids.ts';
import { MonitorFolder } from '../../monitor/testing/monitor-child.ts';
import { until } from '../../monitor/testing/waiting.ts';
import { SimulatedCdn } from '../../sim/simulated-cdn.ts';
import { Fleet } from './testing/fleet.ts';

const EDGES = 12;
const GROUPS = ['amer', 'apac', 'emea'];
/** Traffic is steady; polls come at different times, and figures are rounded. */
const TOLERANCE = 0.05;
/** A poll a second sees one answer more or less of each cache: much, where there is an error now and then. */
const ANSWERS_TOLERANCE = 1.2 * EDGES;
const PATIENCE_MS = 40_000;

const world = {
  edges: EDGES,
  cachegroups: 6,
  deliveryServices: 4,
  intervals: { health: 1000, stat: 1000, peers: 500, trafficOps: 5000 },
};

/** A CDN with three groups of two monitors, and a monitor in legacy mode that polls all of it. */
async function start(t: TestContext, redundancy: Redundancy) {
  const cdn = await SimulatedCdn.start({ world });
  t.after(() => cdn.close());
  const names = [...new Set(cdn.world.caches.map(({ cachegroup }) => cachegroup))].map(cachegroupName);
  const owners = new Map(
    GROUPS.map((group, at) => [groupName(group), names.slice(2 * at, 2 * at + 2) as CachegroupName[]]),
  );
  const monitorCfg = { stat_polling: true, stat_flush_interval_ms: 20, group_failover_ms: 0 };
  const fleet = await Fleet.start(t, cdn, { groups: GROUPS, membersEach: 2, redundancy, monitorCfg }, owners);
  const legacy = await MonitorFolder.create(t, cdn);
  legacy.write({ ops: { cdnName: cdn.world.cdn }, monitor: { stat_polling: true } });
  const child = legacy.start(t);
  await Promise.all([fleet.untilOpen(), legacy.untilOpen(child)]);
  return { fleet, legacy };
}

type Figures = Readonly<Record<string, string>>;

/** All published figures that have a value, by delivery service and name; without counters, which grow meanwhile. */
async function ratesOf(monitor: MonitorFolder): Promise<Figures> {
  const figures: Record<string, string> = {};
  const { text } = await monitor.get('/publish/DsStats');
  const services: Record<string, Record<string, [{ value: unknown }]>> = JSON.parse(text).deliveryService;
  for (const [id, stats] of Object.entries(services)) {
    for (const [name, [{ value }]] of Object.entries(stats)) {
      if (!/bytes|status_/.test(name)) figures[`${id} ${name}`] = String(value);
    }
  }
  for (const route of ['/api/bandwidth-kbps', '/api/bandwidth-capacity-kbps'])
    figures[route] = (await monitor.get(route)).text;
  return figures;
}

/** Counters of all delivery services together. */
async function outBytesOf(monitor: MonitorFolder): Promise<number> {
  const { text } = await monitor.get('/publish/DsStats?stats=out_bytes');
  const services: Record<string, Record<string, [{ value: string }]>> = JSON.parse(text).deliveryService;
  return Object.values(services).reduce(
    (sum, { 'total.out_bytes': total }) => sum + Number(total?.[0].value),
    0,
  );
}

/** Where two differ by more than the tolerance. */
function differences(ours: Figures, theirs: Figures): string[] {
  const found: string[] = [];
  for (const name of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
    const [one, other] = [ours[name], theirs[name]];
    const [a, b] = [Number(one), Number(other)];
    const isClose =
      Number.isNaN(a) || one === ''
        ? one === other
        : Math.abs(a - b) <=
          TOLERANCE * Math.max(Math.abs(a), Math.abs(b)) + (name.includes('tps') ? ANSWERS_TOLERANCE : 0);
    if (!isClose) found.push(`${name}: ${one}, should be ${other}`);
  }
  return found;
}

interface CachesBody {
  readonly caches: Readonly<Record<string, unknown>>;
  readonly incomplete?: Readonly<Record<string, string>>;
}

async function cachesOf(monitor: MonitorFolder, path: string): Promise<CachesBody> {
  const { status, text } = await monitor.get(path);
  assert.equal(status, 200, `${path}: ${text.slice(0, 200)}`);
  return JSON.parse(text);
}

for (const redundancy of ['All', 1] as const) {
  describe(`three groups of two monitors with statistics, redundancy ${redundancy}`, () => {
    it('tell the whole CDN like one that polls all of it, and say so when a group is gone', async (t) => {
      const { fleet, legacy } = await start(t, redundancy);
      let last: string[] = [];
      for (const { name, folder } of fleet.monitors) {
        const agrees = async (): Promise<boolean> => {
          last = differences(await ratesOf(folder), await ratesOf(legacy));
          return last.length === 0;
        };
        await until(`${name} agrees`, agrees, PATIENCE_MS).catch((error: Error) =>
          assert.fail(`${error.message}: ${last.slice(0, 10).join('; ')}`),
        );
        const [ours, theirs] = [await outBytesOf(folder), await outBytesOf(legacy)];
        assert.ok(Math.abs(ours - theirs) < TOLERANCE * theirs, `${ours} bytes, should be ${theirs}`);
      }
      t.diagnostic(
        `${Object.keys(await ratesOf(legacy)).length} figures of ${fleet.monitors.length} monitors agree`,
      );

      const paths = [
        '/publish/CacheStats?stats=kbps,ats.server',
        '/publish/CacheStatsNew?stats=kbps&hc=3',
        '/publish/StatSummary',
        '/publish/CacheStats?hosts=absent',
      ];
      for (const { name, folder } of fleet.monitors) {
        for (const path of paths) {
          const [ours, theirs] = [await cachesOf(folder, path), await cachesOf(legacy, path)];
          assert.deepEqual(
            Object.keys(ours.caches).sort(),
            Object.keys(theirs.caches).sort(),
            `${name} ${path}`,
          );
          assert.equal(ours.incomplete, undefined);
          for (const [cache, stats] of Object.entries(ours.caches)) {
            const names = Object.keys(Object(stats));
            assert.deepEqual(names, Object.keys(Object(theirs.caches[cache])), `${name} ${path} ${cache}`);
          }
        }
        const some = await cachesOf(
          folder,
          `/publish/CacheStatsNew/${Object.keys(await legacy.states())[7]}`,
        );
        assert.equal(Object.keys(some.caches).length, 1);
      }

      const [watcher, ...others] = fleet.monitors;
      assert.ok(watcher !== undefined);
      const bytes = await outBytesOf(watcher.folder);
      const gone = others.filter(({ group }) => group === 'emea');
      for (const monitor of gone) await fleet.kill(monitor);
      const partial = await cachesOf(watcher.folder, '/publish/CacheStats?stats=kbps');
      assert.equal(Object.keys(partial.caches).length, (EDGES * 2) / 3);
      const blamed = Object.keys(partial.incomplete ?? {});
      assert.ok(blamed.length > 0 && blamed.every((name) => name.startsWith('emea')), blamed.join());
      const reporting = async (): Promise<number> => {
        const { text } = await watcher.folder.get('/publish/DsStats?stats=caches-reporting');
        const services: Record<string, Record<string, [{ value: string }]>> = JSON.parse(
          text,
        ).deliveryService;
        return Math.max(
          ...Object.values(services).map((stats) => Number(stats['caches-reporting']?.[0].value)),
        );
      };
      await until(
        'rates that nobody confirms do not count',
        async () => (await reporting()) === (EDGES * 2) / 3,
        PATIENCE_MS,
      );
      assert.ok((await outBytesOf(watcher.folder)) >= bytes, 'counters stay');
    });
  });
}
