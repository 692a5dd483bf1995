import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../sim/listening.ts';
import { missingParts, TrafficServer } from './traffic-server.ts';
import { WatchingMonitor } from './watching-monitor.ts';

const missing = missingParts();
if (missing !== null) console.log(`SKIPPED: a real Apache Traffic Server as a cache: ${missing}`);

// Loopback is the one interface that every machine has; the kernel knows no speed for it.
const interfaceName = 'lo';
const remapped = 'remapped.example.net';
const systemStats = 'plugin.system_stats';

type Stats = ReadonlyMap<string, string>;

describe('a real Apache Traffic Server as a cache', { skip: missing ?? false }, () => {
  let cache: TrafficServer;

  before(async () => {
    cache = new TrafficServer(await freePort(21_400), remapped);
    await cache.start();
  });

  after(() => cache.destroy());

  for (const accept of ['application/json', 'text/csv']) {
    test(`its own statistics as ${accept}`, async () => {
      const host = { headers: { Host: remapped } };
      await (await fetch(`${cache.origin}/`, host)).arrayBuffer();
      // system_stats looks at the system every five seconds; until then all is 0.
      const stats = await waitForStats(cache, accept, `${systemStats}.current_processes`);
      for (const key of ['loadavg.one', 'loadavg.five', 'loadavg.fifteen', 'current_processes']) {
        assert.match(stats.get(`${systemStats}.${key}`) ?? 'missing', /^\d+$/, key);
      }
      for (const key of ['rx_bytes', 'tx_bytes']) {
        assert.ok(Number(stats.get(`${systemStats}.net.${interfaceName}.${key}`)) > 0, key);
      }
    });

    test(`watched by the monitor with polls that accept ${accept}`, async () => {
      const monitorPort = await freePort(21_600);
      const cachePort = cache.port;
      const monitor = await WatchingMonitor.start({ cachePort, monitorPort, interfaceName, accept });
      try {
        const up = await monitor.until('up, with its load', (one) => one.combined_available && hasLoad(one));
        assert.equal(up.status, 'REPORTED - available');
        assert.equal(up.ipv4_available, true);
        assert.equal(up.interfaces[interfaceName]?.available, true);
        assert.equal(await monitor.isAvailable(), true);
        await monitor.until('traffic on the interface', (one) => {
          return (one.interfaces[interfaceName]?.bandwidth_kbps ?? 0) > 0;
        });

        await cache.stop();
        // While it ends it may still reset a connection that it had accepted.
        const down = await monitor.until('down, nobody listens', ({ status }) =>
          status.includes('connection refused'),
        );
        assert.match(down.status, /^REPORTED - .*fetch error: .*connection refused/);
        assert.equal(down.combined_available, false);
        assert.equal(await monitor.isAvailable(), false);

        await cache.start();
        const back = await monitor.until('up again', (one) => one.combined_available);
        assert.equal(back.status, 'REPORTED - available');
        assert.equal(await monitor.isAvailable(), true);
      } finally {
        await monitor.stop();
      }
    });
  }
});

function hasLoad({ load_average }: { readonly load_average: number }): boolean {
  return load_average > 0;
}

/** Asks for the statistics until one of them is more than 0. */
async function waitForStats(cache: TrafficServer, accept: string, key: string): Promise<Stats> {
  for (let attempt = 0; attempt < 60; attempt++) {
    const response = await fetch(`${cache.origin}/_stats`, { headers: { Accept: accept } });
    const text = await response.text();
    const csv = accept === 'text/csv';
    assert.equal(response.headers.get('content-type'), csv ? 'text/csv' : 'text/json');
    const stats = csv ? readCsv(text) : readJson(text);
    if (Number(stats.get(key)) > 0) return stats;
    await sleep(250);
  }
  throw new Error(`${key} stays 0`);
}

function readCsv(text: string): Stats {
  const rows = text.trim().split('\n');
  return new Map(rows.map((row) => [row.slice(0, row.indexOf(',')), row.slice(row.indexOf(',') + 1)]));
}

function readJson(text: string): Stats {
  const { global } = JSON.parse(text) as { global: Record<string, string | number> };
  return new Map(Object.entries(global).map(([key, value]) => [key, String(value)]));
}
