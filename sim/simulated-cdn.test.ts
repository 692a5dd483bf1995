import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { cachegroupName } from '../common/ids.ts';
import { writeMonitorFiles } from './monitor-files.ts';
import { SimulatedCdn } from './simulated-cdn.ts';
import { ask } from './testing/ask.ts';

test('the documents name the ports at which the caches answer, new ones included', async (t) => {
  const cdn = await SimulatedCdn.start({
    ownPorts: true,
    world: { edges: 3, formats: ['astats', 'vstats'] },
  });
  t.after(() => cdn.close());
  const added = await cdn.addEdge(cachegroupName('tokyo'));
  assert.equal(added, 'edge-tokyo-02');
  assert.equal(cdn.trafficOps.content.snapshot.stats.date, 1_700_000_001);
  const { trafficServers } = cdn.trafficOps.content.monitoring;
  assert.equal(trafficServers.length, 4);
  for (const { ip, port, fqdn } of trafficServers) {
    const { status } = await ask(`http://${ip}:${port}/`, { headers: { Host: fqdn } });
    assert.equal(status, 200);
  }
  await cdn.relay({ extraEdges: [] });
  assert.throws(() => cdn.farm.cache(added), /no cache is called/);
});

test('the two files of a monitor name the simulated Traffic Ops', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'monitor-files-'));
  t.after(() => rm(folder, { recursive: true }));
  const cdn = await SimulatedCdn.start({ world: { edges: 1 } });
  t.after(() => cdn.close());
  const [monitor] = cdn.world.monitors;
  assert.ok(monitor);
  const files = await writeMonitorFiles(join(folder, 'new'), cdn.trafficOps, { ...monitor, port: 8123 });
  const ops = JSON.parse(await readFile(files.opsCfg, 'utf8'));
  assert.equal(ops.url, cdn.trafficOps.url);
  assert.equal(ops.httpListener, '127.0.0.1:8123');
  const config = JSON.parse(await readFile(files.config, 'utf8'));
  assert.equal(config.short_hostname_override, 'tm-01');
  assert.ok(config.tmconfig_backup_file.startsWith(folder));
});
