import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Clock, systemClock } from '../clock.ts';
import { profileName } from '../ids.ts';
import { decodeBackup } from './backup-files.ts';
import { KeptDocument } from './kept-document.ts';
import { feedHarness, until } from './testing/feed-harness.ts';
import {
  CDN,
  crConfigText,
  goMonitoringBackup,
  monitoringDocument,
  monitoringWithCaches,
} from './testing/fixtures.ts';

async function started(t: TestContext, changes: Parameters<typeof feedHarness>[1] = {}) {
  const harness = await feedHarness(t, changes);
  harness.feed.start();
  await until(() => harness.snapshots.length > 0);
  return harness;
}

test('a good Traffic Ops: one snapshot, however often it is polled, and both files', async (t) => {
  const { trafficOps, feed, snapshots, files, logLines } = await started(t);
  const [snapshot] = snapshots;
  assert.equal(snapshot?.cdn, CDN);
  assert.equal(snapshot?.source, 'traffic-ops');
  assert.equal(snapshot?.crConfig.document.unpack().toString(), trafficOps.snapshot);
  const acceptedAt = feed.status.acceptedAt ?? 0;
  await until(() => trafficOps.lines.filter((line) => line.endsWith('snapshot')).length > 3);
  assert.equal(snapshots.length, 1);
  assert.ok((feed.status.acceptedAt ?? 0) > acceptedAt, 'accepted again though unchanged');
  assert.deepEqual(
    { ...feed.status, acceptedAt: 0 },
    {
      cdn: CDN,
      usingDummyTo: false,
      lastError: null,
      trafficOpsReachable: true,
      acceptedAt: 0,
      remoteAddress: trafficOps.address,
      heldBackCaches: 0,
    },
  );
  assert.equal(await readFile(files.crConfig, 'utf8'), trafficOps.snapshot);
  assert.equal(await readFile(files.monitoring, 'utf8'), trafficOps.monitoring);
  assert.deepEqual(
    feed.history().map(({ error, request_address, stats }) => [error, request_address, stats.date]),
    [[null, trafficOps.address, 100]],
  );
  assert.equal(trafficOps.lines.filter((line) => line.includes('servers')).length, 1);
  assert.deepEqual(
    logLines.filter((line) => !line.startsWith('info: new snapshot')),
    [],
  );
});

test('only the document that changed is a new object', async (t) => {
  const { trafficOps, snapshots } = await started(t);
  trafficOps.snapshot = crConfigText(101);
  await until(() => snapshots.length === 2);
  assert.equal(snapshots[1]?.monitoring, snapshots[0]?.monitoring);
  assert.equal(snapshots[1]?.crConfig.stats.date, 101);
});

test('snapshots are handed over one at a time, in order, and a consumer that fails does not end the feed', async (t) => {
  let running = 0;
  const dates: unknown[] = [];
  const harness = await feedHarness(t, {
    onSnapshot: async (snapshot) => {
      assert.equal(++running, 1);
      await delay(5);
      dates.push(snapshot.crConfig.stats.date);
      running--;
      throw new Error('no room');
    },
  });
  harness.feed.start();
  for (const date of [100, 101, 102]) {
    harness.trafficOps.snapshot = crConfigText(date);
    await until(() => dates.at(-1) === date);
  }
  assert.deepEqual(dates, [100, 101, 102]);
  assert.ok(harness.logLines.some((line) => /^error: .*could not be applied wholly: no room/.test(line)));
});

test('a snapshot that has lost many caches waits for its time, and is taken then', async (t) => {
  const holdMs = 300;
  const many = monitoringWithCaches(40);
  const { trafficOps, feed, snapshots, logLines } = await started(t, { shrinkHoldMs: holdMs });
  trafficOps.monitoring = JSON.stringify(many);
  await until(() => snapshots.at(-1)?.monitoring.caches.size === 40);
  trafficOps.monitoring = JSON.stringify(monitoringWithCaches(20));
  const sinceMs = performance.now();
  await until(() => feed.status.lastError?.startsWith('the snapshot lacks 20 of the 40 caches') ?? false);
  assert.equal(feed.status.trafficOpsReachable, true);
  assert.equal(feed.status.heldBackCaches, 20);
  assert.equal(snapshots.at(-1)?.monitoring.caches.size, 40);
  await until(() => snapshots.at(-1)?.monitoring.caches.size === 20);
  assert.equal(feed.status.heldBackCaches, 0);
  assert.ok(performance.now() - sinceMs >= holdMs);
  assert.equal(
    logLines.filter((line) => /^warning: .* held back until .* stays in force/.test(line)).length,
    1,
  );
});

test('that starts from backup files takes nothing older and nothing with far fewer caches for them', async (t) => {
  const harness = await feedHarness(t, { startsFromBackups: true, shrinkHoldMs: 60_000 });
  const { trafficOps, feed, snapshots, files } = harness;
  await writeFile(files.crConfig, crConfigText(100));
  await writeFile(files.monitoring, JSON.stringify(monitoringWithCaches(40)));
  trafficOps.monitoring = JSON.stringify(monitoringWithCaches(20));
  feed.start();
  await until(() => feed.status.lastError?.startsWith('the snapshot lacks 20 of the 40 caches') ?? false);
  trafficOps.monitoring = JSON.stringify(monitoringWithCaches(41));
  trafficOps.snapshot = crConfigText(99);
  await until(() => feed.status.lastError?.includes('older than last received') ?? false);
  assert.deepEqual(
    snapshots.map(({ source, monitoring }) => [source, monitoring.caches.size]),
    [['backup', 40]],
  );
  trafficOps.snapshot = crConfigText(100);
  await until(() => snapshots.at(-1)?.monitoring.caches.size === 41);
});

test('an older snapshot is refused with all that came with it; a newer one is taken', async (t) => {
  const { trafficOps, feed, snapshots, files, logLines } = await started(t);
  trafficOps.snapshot = crConfigText(99);
  trafficOps.monitoring = JSON.stringify(monitoringDocument({ topologies: {} }));
  await until(() => feed.status.lastError !== null);
  assert.match(
    feed.status.lastError ?? '',
    /^invalid CRConfig: CRConfig.Stats.Date 99 older than last received/,
  );
  assert.equal(feed.status.trafficOpsReachable, true);
  await delay(60);
  assert.equal(snapshots.length, 1);
  assert.match(await readFile(files.crConfig, 'utf8'), /"date":100/);
  assert.deepEqual(
    feed.history().map(({ stats }) => stats.date),
    [100, 99],
  );
  assert.equal(feed.history()[1]?.error, feed.status.lastError);
  assert.equal(feed.history()[1]?.request_address, trafficOps.address);
  const warnings = logLines.filter((line) => line.startsWith('warning'));
  assert.equal(warnings.length, 1);
  assert.match(
    warnings[0] ?? '',
    /the snapshot of CDN test-cdn from Traffic Ops stays in force; next try in 0\.0 s/,
  );
  trafficOps.snapshot = crConfigText(101);
  await until(() => snapshots.length === 2);
  assert.equal(snapshots[1]?.monitoring.topologies.size, 0);
  await until(() => logLines.includes('info: Traffic Ops works again'));
});

test('a monitoring config with a wrong parameter is refused and named, the snapshot not even asked for', async (t) => {
  const { trafficOps, feed, snapshots } = await started(t);
  const profiles = [{ name: 'EDGE1', parameters: { 'history.count': 'ten' } }];
  trafficOps.monitoring = JSON.stringify(monitoringDocument({ profiles }));
  await until(() => feed.status.lastError !== null);
  const before = trafficOps.lines.filter((line) => line.endsWith('snapshot')).length;
  assert.match(
    feed.status.lastError ?? '',
    /profiles\[0\] "EDGE1" parameters\["history.count"\] is "ten": must be/,
  );
  await delay(60);
  assert.equal(trafficOps.lines.filter((line) => line.endsWith('snapshot')).length, before);
  assert.equal(snapshots.length, 1);
});

test('Traffic Ops goes away: what is in force stays, the history tells, and news come when it is back', async (t) => {
  const { trafficOps, feed, snapshots } = await started(t);
  await trafficOps.close();
  await until(() => feed.history().length === 2);
  const gone = feed.history()[1];
  assert.match(gone?.error ?? '', /ECONNREFUSED/);
  assert.deepEqual([gone?.request_address, gone?.stats], ['127.0.0.1', {}]);
  assert.deepEqual([feed.status.trafficOpsReachable, feed.status.usingDummyTo], [false, false]);
  trafficOps.snapshot = crConfigText(102);
  await trafficOps.open();
  await until(() => snapshots.length === 2);
  assert.equal(feed.history().at(-1)?.error, null);
});

test('garbage, errors, silence and an expired session keep what is in force', async (t) => {
  const { trafficOps, feed, snapshots } = await started(t, { requestTimeoutMs: 60 });
  const faults = [
    { status: 200, body: '<html>' },
    { status: 500, body: '' },
    { status: 503 },
    'hang',
    'reset',
  ] as const;
  for (const fault of faults) {
    trafficOps.faults = { monitoring: fault };
    await until(() => feed.status.lastError !== null);
    trafficOps.faults = {};
    await until(() => feed.status.lastError === null);
  }
  trafficOps.session++;
  trafficOps.snapshot = crConfigText(103);
  await until(() => snapshots.length === 2);
});

test('Traffic Ops is down at the start: our backup files do, and it is used once it is back', async (t) => {
  const harness = await feedHarness(t);
  const { trafficOps, feed, snapshots, files, logLines } = harness;
  await writeFile(files.crConfig, trafficOps.snapshot);
  await writeFile(files.monitoring, trafficOps.monitoring);
  await trafficOps.close();
  feed.start();
  await until(() => feed.status.usingDummyTo);
  assert.equal(snapshots[0]?.source, 'backup');
  assert.deepEqual([feed.status.cdn, feed.status.trafficOpsReachable], [CDN, false]);
  assert.deepEqual(
    feed.history().map(({ error, request_address, stats }) => [error, request_address, stats.date]),
    [[null, '127.0.0.1', 100]],
  );
  const told = /^warning: .*from the backup files stays in force; next try in/;
  await until(() => logLines.some((line) => told.test(line)));
  await trafficOps.open();
  await until(() => snapshots.length === 2);
  assert.equal(snapshots[1]?.source, 'traffic-ops');
  assert.equal(feed.status.usingDummyTo, false);
  assert.ok(
    logLines.some((line) => /^warning: .*from the backup files stays in force; next try in/.test(line)),
  );
});

test('backup files of the Go Traffic Monitor do as well, with thresholds', async (t) => {
  const { trafficOps, feed, snapshots, files } = await feedHarness(t);
  await writeFile(files.crConfig, trafficOps.snapshot);
  await writeFile(files.monitoring, JSON.stringify(goMonitoringBackup()));
  trafficOps.password = 'changed';
  feed.start();
  await until(() => snapshots.length === 1);
  assert.equal(snapshots[0]?.monitoring.profiles.get(profileName('EDGE1'))?.thresholds.length, 2);
});

test('a login that works is no hindrance to the backup files when nothing can be fetched', async (t) => {
  const { trafficOps, feed, snapshots, files } = await feedHarness(t);
  await writeFile(files.crConfig, trafficOps.snapshot);
  await writeFile(files.monitoring, trafficOps.monitoring);
  trafficOps.faults = { cdns: { status: 500 } };
  feed.start();
  await until(() => snapshots.length === 1);
  assert.equal(snapshots[0]?.source, 'backup');
  assert.equal(feed.status.usingDummyTo, false);
});

test('without backup files it keeps trying, and says so once', async (t) => {
  let tries = 0;
  const clock: Clock = {
    now: systemClock.now,
    sleep: (ms, signal) => {
      tries++;
      return systemClock.sleep(ms, signal);
    },
  };
  const { trafficOps, feed, snapshots, logLines } = await feedHarness(t, { clock });
  await trafficOps.close();
  feed.start();
  await until(() => tries >= 5);
  assert.equal(snapshots.length, 0);
  assert.deepEqual([feed.status.usingDummyTo, feed.status.cdn], [false, undefined]);
  assert.equal(logLines.length, 2, logLines.join('\n'));
  assert.match(
    logLines[0] ?? '',
    /^error: Traffic Ops: .*ECONNREFUSED.*there is no snapshot to work with; next try/,
  );
  assert.match(logLines[1] ?? '', /^error: cannot start from the backup files: .*ENOENT/);
  await trafficOps.open();
  await until(() => snapshots.length === 1);
});

test('backup files of another CDN are not used', async (t) => {
  const { trafficOps, feed, snapshots, files, logLines } = await feedHarness(t, { configuredCdn: 'mine' });
  await writeFile(files.crConfig, trafficOps.snapshot);
  await writeFile(files.monitoring, trafficOps.monitoring);
  await trafficOps.close();
  feed.start();
  await until(() =>
    logLines.some((line) => line.includes('the backup files are of CDN test-cdn, not of CDN mine')),
  );
  assert.equal(snapshots.length, 0);
});

test('Traffic Ops says which CDN is ours, whatever is configured', async (t) => {
  const { feed, logLines } = await started(t, { configuredCdn: 'old' });
  assert.equal(feed.status.cdn, CDN);
  assert.ok(
    logLines.some((line) =>
      line.includes('configured is CDN old, but in Traffic Ops tm-1 is in CDN test-cdn'),
    ),
  );
});

test('while the CDN is unknown Traffic Ops is asked for it again and again', async (t) => {
  const { trafficOps, feed, snapshots } = await feedHarness(t);
  const { servers } = trafficOps;
  trafficOps.servers = [];
  feed.start();
  await until(() => feed.status.lastError?.includes('no server record') ?? false);
  trafficOps.servers = servers;
  await until(() => snapshots.length === 1);
});

test('a known CDN is asked for again after a minute', async (t) => {
  let skipped = 0;
  const clock = {
    now: () => Date.now() + skipped,
    sleep: (ms: number, signal: AbortSignal) => delay(ms, undefined, { signal }).catch(() => {}),
  };
  const { trafficOps, feed } = await started(t, { configuredCdn: CDN, monitorName: 'tm-unknown', clock });
  const asked = () => trafficOps.lines.filter((line) => line.includes('servers')).length;
  await delay(60);
  const before = asked();
  skipped = 60_000;
  await until(() => asked() > before);
  assert.equal(feed.status.cdn, CDN);
});

test('without a host name nobody is asked for the CDN', async (t) => {
  const { trafficOps } = await started(t, { configuredCdn: CDN, monitorName: '' });
  assert.equal(trafficOps.lines.filter((line) => line.includes('servers')).length, 0);
});

test('a disk that cannot be written to is told once and hinders nothing', async (t) => {
  const nowhere = { crConfig: '/dev/null/cr', monitoring: '/dev/null/tm' };
  const { trafficOps, snapshots, logLines } = await started(t, { backupFiles: nowhere });
  trafficOps.snapshot = crConfigText(101);
  await until(() => snapshots.length === 2);
  assert.equal(logLines.filter((line) => /^error: backup file .*not written/.test(line)).length, 1);
});

test('stop ends everything that is under way, and may be called twice', async (t) => {
  const { trafficOps, feed } = await started(t, { requestTimeoutMs: 20_000 });
  const asked = trafficOps.lines.length;
  trafficOps.faults = { cdns: 'hang' };
  await until(() => trafficOps.lines.length > asked && trafficOps.lines.at(-1)?.includes('cdns') === true);
  const begun = performance.now();
  await Promise.all([feed.stop(), feed.stop()]);
  assert.ok(performance.now() - begun < 10_000, 'the request is not waited for');
  const { length } = trafficOps.lines;
  await delay(50);
  assert.equal(trafficOps.lines.length, length);
  feed.start();
  trafficOps.faults = {};
  await until(() => trafficOps.lines.length > length);
});

test('other options: a new login, the snapshot and the history are kept', async (t) => {
  const { trafficOps, feed, options, snapshots } = await started(t);
  feed.reconfigure({
    ...options,
    connection: { ...options.connection, password: 'wrong' },
    userAgent: 'test/2',
  });
  await until(() => feed.status.lastError !== null);
  assert.match(feed.status.lastError ?? '', /Invalid password/);
  assert.equal(feed.history().length, 1);
  assert.ok(feed.status.acceptedAt !== null);
  await until(() => feed.status.usingDummyTo);
  feed.reconfigure({ ...options, userAgent: 'test/3' });
  await until(() => feed.status.lastError === null && !feed.status.usingDummyTo);
  await until(() => trafficOps.requests.at(-1)?.headers['user-agent'] === 'test/3');
  assert.equal(snapshots.length, 1, 'nothing changed');
});

test('a seed is in force before Traffic Ops is asked, and nothing older replaces it', async (t) => {
  const kept = (text: string) => new KeptDocument(Buffer.from(text));
  const seed = decodeBackup(kept(JSON.stringify(monitoringDocument())), kept(crConfigText(200)), {
    monitoring: 'a',
    crConfig: 'b',
  });
  const { trafficOps, snapshots, feed } = await started(t, { takeSeed: () => seed });
  assert.equal(snapshots[0]?.source, 'backup');
  assert.equal(snapshots[0]?.crConfig.stats.date, 200);
  await until(() => feed.status.lastError !== null);
  assert.match(feed.status.lastError ?? '', /older/);
  assert.equal(snapshots.length, 1);
  trafficOps.snapshot = crConfigText(201);
  await until(() => snapshots.length === 2);
  assert.equal(snapshots[1]?.source, 'traffic-ops');
});
