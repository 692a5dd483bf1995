import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { cacheName } from '../common/ids.ts';
import { healthy } from './behaviours.ts';
import { CacheFarm } from './cache-farm.ts';
import { hasManyLoopbackAddresses } from './listening.ts';
import { ask } from './testing/ask.ts';
import { buildWorld, type World } from './world.ts';
import type { WorldCache } from './world-parts.ts';

const manyAddresses = await hasManyLoopbackAddresses();
const healthPath = '/_astats?application=system&inf.name=bond0';
const statPath = '/_astats?application=&inf.name=bond0';

async function farmOf(edges: number, now?: () => number): Promise<{ farm: CacheFarm; world: World }> {
  const farm = await CacheFarm.start(now === undefined ? {} : { now });
  const world = buildWorld({
    cachePort: farm.port,
    edges,
    ...(manyAddresses ? {} : { oneAddress: '127.0.0.1' }),
  });
  for (const cache of world.caches) await farm.add(cache);
  return { farm, world };
}

function first(world: World): WorldCache {
  const cache = world.caches[0];
  assert.ok(cache);
  return cache;
}

test('the address tells the cache, whatever the Host header says', { skip: !manyAddresses }, async (t) => {
  const { farm, world } = await farmOf(3);
  t.after(() => farm.close());
  for (const [index, cache] of world.caches.entries()) {
    await farm.update(cache.name, { loadAverage: index });
    const { body } = await ask(`http://${cache.address}:${farm.port}${healthPath}`);
    assert.ok(JSON.parse(body.toString()).system['proc.loadavg'].startsWith(`${index}.00 `));
  }
});

test('on 127.0.0.1 the Host header tells it', async (t) => {
  const { farm, world } = await farmOf(3);
  t.after(() => farm.close());
  await farm.update(cacheName('edge-tokyo-01'), { loadAverage: 7 });
  const url = `http://127.0.0.1:${farm.port}${healthPath}`;
  const { body } = await ask(url, { headers: { Host: world.caches[2]?.fqdn.toUpperCase() ?? '' } });
  assert.ok(JSON.parse(body.toString()).system['proc.loadavg'].startsWith('7.00 '));
  assert.equal((await ask(url, { headers: { Host: 'nobody.example.net' } })).status, 404);
});

test('over IPv6 too, where there is any', async (t) => {
  const farm = await CacheFarm.start({ ipv6: true }).catch(() => null);
  if (farm === null) return t.skip('no ::1 here');
  t.after(() => farm.close());
  const cache = first(buildWorld({ cachePort: farm.port, edges: 1, ipv6: true }));
  await farm.add(cache);
  const { status } = await ask(`http://[::1]:${farm.port}${healthPath}`, { headers: { Host: cache.fqdn } });
  assert.equal(status, 200);
});

test('counters follow the clock exactly', async (t) => {
  let now = 1000;
  const { farm, world } = await farmOf(1, () => now);
  t.after(() => farm.close());
  const cache = first(world);
  const url = `http://${cache.address}:${farm.port}${healthPath}`;
  const bytesOut = async () => {
    const { body } = await ask(url, { headers: { Host: cache.fqdn } });
    return BigInt(JSON.parse(body.toString()).system['proc.net.dev'].split(/[:\s]+/)[9]);
  };
  const before = await bytesOut();
  now += 250;
  await farm.update(cache.name, { kbps: 19_600_000 });
  now += 1000;
  assert.equal((await bytesOut()) - before, (800_000n * 250n + 19_600_000n * 1000n) / 8n);
  await assert.rejects(farm.update(cache.name, { kbps: 0.5 }), RangeError);
});

test('format, CSV, compression, status, latency and size are as the script says', async (t) => {
  const { farm, world } = await farmOf(1);
  t.after(() => farm.close());
  const { name, address, fqdn } = first(world);
  const get = (path: string, headers: Record<string, string> = {}) =>
    ask(`http://${address}:${farm.port}${path}`, { headers: { Host: fqdn, ...headers } });

  assert.equal((await get(healthPath)).headers['content-type'], 'text/json');
  assert.equal((await get(healthPath, { Accept: 'text/csv' })).headers['content-type'], 'text/csv');
  await farm.update(name, { csv: 'always' });
  assert.equal((await get(healthPath)).headers['content-type'], 'text/csv');
  await farm.update(name, { format: 'stats_over_http', csv: 'when-asked', extraStats: 2000, gzip: true });
  const plain = await get(statPath);
  assert.ok(Object.keys(JSON.parse(plain.body.toString()).global).length > 2000);
  const packed = await get(statPath, { 'Accept-Encoding': 'gzip' });
  assert.equal(packed.headers['content-encoding'], 'gzip');
  assert.ok('global' in JSON.parse(gunzipSync(packed.body).toString()));
  await farm.update(name, { httpStatus: 503, latencyMs: 60 });
  const startedAt = performance.now();
  assert.equal((await get(healthPath)).status, 503);
  assert.ok(performance.now() - startedAt >= 55);
});

test('one connection serves many requests, also when they come at once or in pieces', async (t) => {
  const { farm, world } = await farmOf(1);
  t.after(() => farm.close());
  const { address, fqdn, name } = first(world);
  const request = `GET ${healthPath} HTTP/1.1\r\nHost: ${fqdn}\r\n\r\n`;
  const socket = connect({ host: address, port: farm.port });
  t.after(() => socket.destroy());
  let answers = '';
  socket.on('data', (chunk: Buffer) => {
    answers += chunk.toString();
  });
  /** Waits until so many answers have come, and no more. */
  const answered = async (count: number): Promise<void> => {
    while (answers.split('HTTP/1.1 200 OK').length - 1 < count) await once(socket, 'data');
    assert.equal(answers.split('HTTP/1.1 200 OK').length - 1, count);
  };
  socket.write(request.repeat(5) + request.slice(0, 30));
  await answered(5);
  socket.write(request.slice(30));
  await answered(6);
  assert.equal(farm.connections, 1);
  assert.equal(farm.cache(name).healthPolls, 6);
});

test('a cache with its own port refuses, and comes back on the same one', async (t) => {
  const farm = await CacheFarm.start();
  t.after(() => farm.close());
  const cache = first(
    buildWorld({ cachePort: 0, edges: 1, ...(manyAddresses ? {} : { oneAddress: '127.0.0.1' }) }),
  );
  const port = await farm.add(cache, { ownPort: true });
  assert.notEqual(port, farm.port);
  const url = `http://${cache.address}:${port}${healthPath}`;
  assert.equal((await ask(url)).status, 200);
  await farm.update(cache.name, { behaviour: { kind: 'refused' } });
  await assert.rejects(ask(url), { code: 'ECONNREFUSED' });
  await farm.update(cache.name, { behaviour: healthy });
  assert.equal((await ask(url)).status, 200);
});

test('a removed cache is gone; close may be called twice and leaves nothing', async () => {
  const { farm, world } = await farmOf(2);
  const { name, address, fqdn } = first(world);
  const url = `http://${address}:${farm.port}${healthPath}`;
  await farm.remove(name);
  assert.throws(() => farm.cache(name), /no cache is called/);
  assert.equal((await ask(url, { headers: { Host: fqdn } })).status, 404);
  const agent = new Agent({ keepAlive: true });
  const other = world.caches[1];
  await ask(`http://${other?.address}:${farm.port}/`, { agent, headers: { Host: other?.fqdn ?? '' } });
  await Promise.all([farm.close(), farm.close()]);
  await farm.close();
  await assert.rejects(ask(url), { code: 'ECONNREFUSED' });
  assert.equal(farm.connections, 0);
  agent.destroy();
});

/** A whole HTTP client would cost more than all that is tested. */
function statusLine(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port }, () => socket.write(`GET ${healthPath} HTTP/1.1\r\n\r\n`));
    socket.on('error', reject);
    socket.once('data', (chunk: Buffer) => {
      socket.destroy();
      resolve(chunk.toString().split('\r\n')[0] ?? '');
    });
  });
}

test('2,000 caches answer', { skip: !manyAddresses }, async (t) => {
  const { farm, world } = await farmOf(2000);
  t.after(() => farm.close());
  const waiting = [...world.caches];
  const worker = async () => {
    for (let cache = waiting.pop(); cache !== undefined; cache = waiting.pop()) {
      assert.equal(await statusLine(cache.address, farm.port), 'HTTP/1.1 200 OK');
    }
  };
  await Promise.all(Array.from({ length: 50 }, worker));
  assert.equal(farm.polls, 2000);
  assert.ok(farm.caches().every((cache) => cache.healthPolls === 1));
});
