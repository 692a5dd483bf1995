import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { buildMonitoring } from '../sim/monitoring-document.ts';
import { SimulatedCdn, type SimulatedCdnOptions } from '../sim/simulated-cdn.ts';
import { buildWorld } from '../sim/world.ts';
import { MonitorChild, MonitorFolder } from './testing/monitor-child.ts';
import { tcpServer } from './testing/servers.ts';
import { sleep, until } from './testing/waiting.ts';

const world = { edges: 6, cachegroups: 2, intervals: { health: 300, trafficOps: 500 } };

async function startCdn(t: TestContext, options: SimulatedCdnOptions = {}): Promise<SimulatedCdn> {
  const cdn = await SimulatedCdn.start({ world, ...options });
  t.after(() => cdn.close());
  return cdn;
}

/** A monitor that serves the states of a CDN. */
async function startOpen(t: TestContext, cdn: SimulatedCdn, monitor: Record<string, unknown> = {}) {
  const folder = await MonitorFolder.create(t, cdn);
  folder.write({ monitor });
  const child = folder.start(t);
  await folder.untilOpen(child);
  return { folder, child };
}

interface Asking {
  /** Waits until so many more answers have come. */
  answered(count: number): Promise<void>;
  /** What was not answered with 200. */
  stop(): Promise<readonly string[]>;
}

/** Asks for CrStates without a pause. */
function askOn(folder: MonitorFolder): Asking {
  let going = true;
  let good = 0;
  const bad: string[] = [];
  const loop = (async () => {
    while (going) {
      try {
        const { status } = await folder.get('/publish/CrStates');
        if (status === 200) good++;
        else bad.push(`status ${status}`);
      } catch (error) {
        bad.push(String(error));
      }
      await sleep(2);
    }
  })();
  return {
    async answered(count) {
      const wanted = good + count;
      await until(`${count} answers`, () => good >= wanted || bad.length > 0);
    },
    async stop() {
      going = false;
      await loop;
      return bad;
    },
  };
}

describe('a start that cannot succeed prints one line and exits with 1', { concurrency: 2 }, () => {
  type Case = readonly [
    name: string,
    args: (t: TestContext, folder: MonitorFolder) => Promise<readonly string[]> | readonly string[],
    reason: RegExp,
  ];
  const both = ({ opsCfg, config }: MonitorFolder): string[] => ['--opsCfg', opsCfg, '--config', config];
  const cases: readonly Case[] = [
    ['no arguments', () => [], /The --opsCfg argument is required/],
    ['no --config', (_t, { opsCfg }) => ['--opsCfg', opsCfg], /--config/],
    ['an unknown argument', (_t, folder) => [...both(folder), '--verbose'], /--verbose/],
    [
      'a traffic_monitor.cfg that is no JSON',
      (_t, folder) => {
        writeFileSync(folder.config, '{"max_events":');
        return both(folder);
      },
      /traffic_monitor\.cfg/,
    ],
    [
      'a key that breaks its rule',
      (_t, folder) => {
        folder.write({ monitor: { max_events: 0 } });
        return both(folder);
      },
      /max_events/,
    ],
    [
      'a traffic_ops.cfg that is not there',
      (_t, folder) => ['--opsCfg', join(folder.path, 'gone.cfg'), '--config', folder.config],
      /gone\.cfg/,
    ],
    [
      'a port that is taken',
      async (t, folder) => {
        const taken = await tcpServer(t, () => {});
        folder.write({ ops: { httpListener: `127.0.0.1:${taken.port}` } });
        return both(folder);
      },
      /httpListener .*EADDRINUSE/,
    ],
    [
      'a static_file_dir that is not there',
      (_t, folder) => {
        folder.write({ monitor: { static_file_dir: join(folder.path, 'gone') } });
        return both(folder);
      },
      /static_file_dir.*gone/,
    ],
    [
      'a log that cannot be opened',
      (_t, folder) => {
        folder.write({ monitor: { log_location_error: join(folder.path, 'gone', 'error.log') } });
        return both(folder);
      },
      /error\.log/,
    ],
  ];
  for (const [name, args, reason] of cases) {
    it(name, async (t) => {
      const folder = await MonitorFolder.create(t, null);
      const child = new MonitorChild(t, await args(t, folder));
      assert.deepEqual(await child.ended, { code: 1, signal: null });
      assert.match(child.stdout, /^Error starting service: [^\n]+\n$/);
      assert.match(child.stdout, reason);
      assert.equal(child.stderr, '');
    });
  }
});

describe('a monitor that starts', { concurrency: 2 }, () => {
  it('answers 503 until it knows its caches, then 200; it is alive all the time', async (t) => {
    const cdn = await startCdn(t);
    await cdn.trafficOps.setMode('refuse');
    const folder = await MonitorFolder.create(t, cdn);
    const child = folder.start(t);
    await until('it listens', async () => (await folder.statusOf('/healthz')) === 200, 10_000);
    assert.equal(await folder.statusOf('/publish/CrStates'), 503);
    assert.equal(await folder.statusOf('/readyz'), 503);
    assert.equal(await folder.statusOf('/'), 200);
    await cdn.trafficOps.setMode('up');
    await folder.untilOpen(child);
    assert.equal(await folder.statusOf('/readyz'), 200);
    assert.equal(await folder.statusOf('/healthz'), 200);
    const states = await folder.states();
    assert.equal(Object.keys(states).length, 6);
    await until('all are up', async () => Object.values(await folder.states()).every((s) => s.isAvailable));
    for (const path of [
      '/publish/CrConfig',
      '/publish/EventLog',
      '/publish/Stats',
      '/publish/ConfigDoc',
      '/publish/PeerStates',
      '/api/cache-statuses',
      '/api/monitor-config',
      '/api/crconfig-history',
    ]) {
      const { status, text } = await folder.get(path);
      assert.equal(status, 200, path);
      assert.equal(typeof JSON.parse(text), 'object', path);
    }
    assert.equal((await folder.get('/api/cache-available-count')).text, '6');
  });

  it('tells its metrics, before it knows its caches and after', async (t) => {
    const cdn = await startCdn(t, { trafficOps: { mode: 'refuse' } });
    const folder = await MonitorFolder.create(t, cdn);
    folder.write({ monitor: { metrics_per_cache: true } });
    const child = folder.start(t);
    await until('it serves', async () => (await folder.statusOf('/healthz')) === 200, 20_000);
    const before = await folder.get('/metrics');
    assert.equal(before.status, 200);
    assert.equal(before.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
    assert.match(before.text, /^tm_gate_open 0$/m);
    assert.match(before.text, /^tm_traffic_ops_reachable 0$/m);
    await cdn.trafficOps.setMode('up');
    await folder.untilOpen(child);
    const [cache] = cdn.world.caches;
    assert.ok(cache);
    const told = async (line: RegExp): Promise<boolean> => line.test((await folder.get('/metrics')).text);
    await until('the gate is open', () => told(/^tm_gate_open 1$/m));
    await until('the cache is up', () =>
      told(new RegExp(`^tm_cache_available{cache="${cache.name}",.*} 1$`, 'm')),
    );
    await cdn.farm.update(cache.name, { behaviour: { kind: 'redirect', location: 'http://127.0.0.1:9/' } });
    await until('the failure is counted', () =>
      told(
        new RegExp(
          `^tm_poll_failures_total{cachegroup="${cache.cachegroup}",poller="health",reason="status"} [1-9]`,
          'm',
        ),
      ),
    );
    await until('the cache is down', () =>
      told(new RegExp(`^tm_cache_available{cache="${cache.name}",.*} 0$`, 'm')),
    );
  });

  it('sends its metrics to statsd, and elsewhere after a SIGHUP', async (t) => {
    const cdn = await startCdn(t);
    const statsd = async () => {
      const lines: string[] = [];
      const socket = createSocket('udp4', (packet) => lines.push(...packet.toString().split('\n')));
      await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
      t.after(() => socket.close());
      return { lines, statsd_address: `127.0.0.1:${socket.address().port}` };
    };
    const [first, second] = [await statsd(), await statsd()];
    const { statsd_address } = first;
    const { folder, child } = await startOpen(t, cdn, { statsd_address, statsd_interval_ms: 100 });
    const open = 'tm_gate_open:1|g|#monitor:tm-01';
    await until('the first statsd is told', () => first.lines.includes(open), 20_000);
    folder.write({ monitor: { statsd_address: second.statsd_address } });
    child.signal('SIGHUP');
    await until('the second statsd is told', () => second.lines.includes(open), 20_000);
  });

  it('goes by a Traffic Ops that speaks 4.x only (D9)', async (t) => {
    const cdn = await startCdn(t, { trafficOps: { versions: ['4.0', '4.1'] } });
    const { folder } = await startOpen(t, cdn);
    assert.equal(Object.keys(await folder.states()).length, 6);
    assert.ok(cdn.trafficOps.counts.unsupportedVersion > 0);
  });

  it('opens although all caches are ONLINE and never polled, and notices the first that is not (D4)', async (t) => {
    const { caches } = buildWorld({ ...world, cachePort: 1 });
    const statuses = new Map(caches.map(({ name }) => [name, 'ONLINE'] as const));
    const cdn = await startCdn(t, { world: { ...world, statuses } });
    const { folder } = await startOpen(t, cdn);
    assert.ok(Object.values(await folder.states()).every((state) => state.isAvailable));
    assert.equal(cdn.farm.polls, 0);
    await cdn.relay({ statuses: new Map([...statuses].slice(1)) });
    await until('the REPORTED one is polled', () => cdn.farm.polls > 0);
  });

  it('opens although a cache cannot be polled, which is down with the reason (D5)', async (t) => {
    const cdn = await startCdn(t);
    const monitoring = buildMonitoring(
      { ...cdn.world, caches: cdn.world.caches },
      {},
      { health: 300, trafficOps: 500 },
    );
    const [first, ...others] = monitoring.trafficServers;
    assert.ok(first);
    const trafficServers = [{ ...first, interfaces: [] }, ...others];
    cdn.trafficOps.serveVerbatim({ monitoring: { ...monitoring, trafficServers } });
    const { folder } = await startOpen(t, cdn);
    const state = (await folder.states())[first.hostname];
    assert.equal(state?.isAvailable, false);
    assert.match(state?.status ?? '', /cannot be polled: no interface has a service address/);
  });

  it('starts from the copies of an earlier run while Traffic Ops is away, thresholds and all (D10, D11)', async (t) => {
    const cdn = await startCdn(t);
    const { folder, child } = await startOpen(t, cdn);
    await until('copies are written', () =>
      ['crconfig.backup', 'tmconfig.backup'].every((name) => existsSync(join(folder.path, name))),
    );
    child.signal('SIGTERM');
    assert.deepEqual(await child.ended, { code: 0, signal: null });

    await cdn.trafficOps.setMode('refuse');
    const second = folder.start(t);
    await folder.untilOpen(second);
    const [cache] = cdn.world.caches;
    assert.ok(cache);
    await until('it is up', async () => (await folder.states())[cache.name]?.isAvailable === true);
    await cdn.farm.update(cache.name, { loadAverage: 99 });
    await until('it is down', async () => (await folder.states())[cache.name]?.isAvailable === false);
    assert.match((await folder.states())[cache.name]?.status ?? '', /loadavg too high \(99\.00 > 25\.00\)/);
    assert.equal(JSON.parse((await folder.get('/publish/ConfigDoc')).text).usingDummyTO, true);
  });

  it('on an empty disk while Traffic Ops is down uses the packed snapshot beside its settings', async (t) => {
    const cdn = await startCdn(t);
    const first = await startOpen(t, cdn);
    const backups = ['crconfig', 'tmconfig'];
    const fileOf = (name: string): string => join(first.folder.path, `${name}.backup`);
    await until('both backup files', () => backups.every((name) => existsSync(fileOf(name))));
    await cdn.trafficOps.setMode('refuse');
    const folder = await MonitorFolder.create(t, cdn);
    for (const name of backups)
      writeFileSync(join(folder.path, `${name}.json.gz`), gzipSync(readFileSync(fileOf(name))));
    folder.write({ monitor: { snapshot_seed_dir: folder.path, traffic_ops_min_retry_interval_ms: 10 } });
    await folder.untilOpen(folder.start(t));
    assert.equal((await folder.get('/publish/CrConfig')).text, readFileSync(fileOf('crconfig'), 'utf8'));
  });
});

describe('SIGHUP', { concurrency: 2 }, () => {
  it('with a changed config takes it over, and keeps states and serving', async (t) => {
    const cdn = await startCdn(t);
    const { folder, child } = await startOpen(t, cdn);
    const log = join(folder.path, 'info.log');
    const asking = askOn(folder);
    const reloads = (): number =>
      existsSync(log) ? readFileSync(log, 'utf8').split('reloaded both config files').length - 1 : 0;
    for (let i = 1; i <= 3; i++) {
      folder.write({ monitor: { log_location_info: log, max_events: 100 + i } });
      child.signal('SIGHUP');
      await until('it is taken over', () => reloads() === i);
    }
    await asking.answered(20);
    assert.deepEqual(await asking.stop(), []);
    assert.ok(child.running);
  });

  it('with another listener moves there', async (t) => {
    const cdn = await startCdn(t);
    const { folder, child } = await startOpen(t, cdn);
    const { port: elsewhere } = await MonitorFolder.create(t, cdn);
    folder.write({ ops: { httpListener: `127.0.0.1:${elsewhere}` } });
    child.signal('SIGHUP');
    const moved = async (): Promise<boolean> => {
      try {
        const response = await fetch(`http://127.0.0.1:${elsewhere}/publish/CrStates`);
        await response.arrayBuffer();
        return response.status === 200;
      } catch {
        return false;
      }
    };
    await until('it serves there, without a 503 between', moved);
    await until('the old one is closed', async () => (await folder.statusOf('/healthz')) === 0);
  });

  it('with a bad config goes on with the old one', async (t) => {
    const cdn = await startCdn(t);
    const { folder, child } = await startOpen(t, cdn);
    const taken = await tcpServer(t, () => {});
    const asking = askOn(folder);
    const refusals = (): number => child.stderr.split('the new config is refused').length - 1;
    const spoil: readonly (() => void)[] = [
      () => writeFileSync(folder.config, '{'),
      () => folder.write({ ops: { httpListener: `127.0.0.1:${taken.port}` } }),
      () => folder.write({ ops: { httpListener: `127.0.0.1:${folder.port}`, url: 'ftp://x' } }),
      () => folder.write({ ops: { url: cdn.trafficOps.url }, monitor: { stat_polling: true } }),
    ];
    for (const [i, spoilt] of spoil.entries()) {
      spoilt();
      child.signal('SIGHUP');
      await until('it is refused', () => refusals() === i + 1);
    }
    await asking.answered(20);
    assert.deepEqual(await asking.stop(), []);
    assert.match(child.stderr, /EADDRINUSE/);
    assert.match(child.stderr, /stat_polling cannot be changed while the monitor runs; restart it/);
  });
});

describe('SIGTERM', () => {
  it('ends readiness at once, serves on for drain_ms, and exits with 0', async (t) => {
    const cdn = await startCdn(t);
    const { folder, child } = await startOpen(t, cdn, { drain_ms: 3000 });
    const started = performance.now();
    child.signal('SIGTERM');
    await until('it is not ready', async () => (await folder.statusOf('/readyz')) === 503, 2500);
    const asking = askOn(folder);
    await asking.answered(10);
    assert.equal(await folder.statusOf('/readyz'), 503);
    assert.equal(await folder.statusOf('/healthz'), 200);
    assert.deepEqual(await asking.stop(), []);
    assert.deepEqual(await child.ended, { code: 0, signal: null });
    const tookMs = performance.now() - started;
    assert.ok(tookMs >= 2950 && tookMs < 10_000, `${tookMs} ms`);
    assert.equal(child.stderr.split('\n').filter((line) => /unexpected/.test(line)).length, 0);
  });
});
