import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { SimulatedTrafficOps, type TrafficOpsOptions } from './traffic-ops.ts';
import { buildWorld } from './world.ts';

const world = buildWorld({ cachePort: 80, edges: 3, cdn: 'my cdn', date: 1000 });

async function start(t: TestContext, options: TrafficOpsOptions = {}): Promise<SimulatedTrafficOps> {
  const trafficOps = await SimulatedTrafficOps.start(world, options);
  t.after(() => trafficOps.close());
  return trafficOps;
}

async function login(to: SimulatedTrafficOps, password = to.password, version = '5.0'): Promise<Response> {
  return fetch(`${to.url}/api/${version}/user/login`, {
    method: 'POST',
    body: JSON.stringify({ u: to.username, p: password }),
  });
}

async function cookieOf(to: SimulatedTrafficOps): Promise<Record<string, string>> {
  const [cookie = ''] = (await login(to)).headers.getSetCookie();
  return { Cookie: cookie.split(';')[0] ?? '' };
}

async function jsonOf(response: Response) {
  return JSON.parse(await response.text());
}

const monitoringPath = '/api/5.0/cdns/my%20cdn/configs/monitoring';
const snapshotPath = '/api/5.0/cdns/my%20cdn/snapshot';

test('login gives a cookie, and the documents want it', async (t) => {
  const to = await start(t);
  assert.equal((await fetch(to.url + monitoringPath)).status, 401);
  assert.equal((await login(to, 'wrong')).status, 401);
  const response = await login(to);
  assert.deepEqual(await response.json(), {
    alerts: [{ text: 'Successfully logged in.', level: 'success' }],
  });
  const headers = await cookieOf(to);
  const monitoring = await (await fetch(to.url + monitoringPath, { headers })).json();
  assert.deepEqual(monitoring, { response: JSON.parse(JSON.stringify(world.monitoring)) });
  const snapshot = await (await fetch(to.url + snapshotPath, { headers })).json();
  assert.deepEqual(snapshot, { response: JSON.parse(JSON.stringify(world.snapshot)) });
  assert.equal((await fetch(`${to.url}/api/5.0/cdns/other/snapshot`, { headers })).status, 404);
  assert.equal((await fetch(`${to.url}/api/5.0/cdns/%E0%A4%A/snapshot`, { headers })).status, 404);
  to.expireSessions();
  assert.equal((await fetch(to.url + monitoringPath, { headers })).status, 401);
  assert.deepEqual(
    { ...to.counts },
    {
      requests: 9,
      login: 3,
      loginDenied: 1,
      unauthorized: 2,
      unsupportedVersion: 0,
      servers: 0,
      monitoring: 1,
      snapshot: 1,
      notModified: 0,
    },
  );
});

test('servers are in the words of the version; other versions are 501', async (t) => {
  const to = await start(t, { versions: ['5.0', '4.0'] });
  const headers = await cookieOf(to);
  const servers = async (version: string) => {
    const response = await fetch(`${to.url}/api/${version}/servers?hostName=tm-01`, { headers });
    return response.status === 200 ? (await jsonOf(response)).response : response.status;
  };
  const [five] = await servers('5.0');
  assert.equal(five.cdn, 'my cdn');
  assert.deepEqual(five.profiles, ['RASCAL_MONITOR']);
  const [four] = await servers('4.0');
  assert.equal(four.cdnName, 'my cdn');
  assert.deepEqual(four.profileNames, ['RASCAL_MONITOR']);
  assert.equal(await servers('4.1'), 501);
  assert.equal((await login(to, to.password, '3.1')).status, 501);
});

test('gzip when asked, entity tags when switched on', async (t) => {
  const to = await start(t, { etags: true });
  const headers = await cookieOf(to);
  const packed = await fetch(to.url + snapshotPath, { headers: { ...headers, 'Accept-Encoding': 'gzip' } });
  assert.equal(packed.headers.get('content-encoding'), 'gzip');
  assert.deepEqual((await jsonOf(packed)).response.stats, world.snapshot.stats);
  const plain = await fetch(to.url + snapshotPath, {
    headers: { ...headers, 'Accept-Encoding': 'identity' },
  });
  assert.equal(plain.headers.get('content-encoding'), null);
  const etag = plain.headers.get('etag') ?? '';
  const again = await fetch(to.url + snapshotPath, { headers: { ...headers, 'If-None-Match': etag } });
  assert.equal(again.status, 304);
  to.replace(world);
  const changed = await fetch(to.url + snapshotPath, { headers: { ...headers, 'If-None-Match': etag } });
  assert.equal(changed.status, 200);
  assert.equal(to.counts.notModified, 1);
});

test('a replaced snapshot is newer; a verbatim one is as it is', async (t) => {
  const to = await start(t);
  const headers = await cookieOf(to);
  const date = async () =>
    (await jsonOf(await fetch(to.url + snapshotPath, { headers }))).response.stats.date;
  assert.equal(await date(), 1000);
  to.replace(world);
  assert.equal(await date(), 1001);
  to.replace(buildWorld({ cachePort: 80, edges: 4, cdn: 'my cdn', date: 5000 }));
  assert.equal(await date(), 5000);
  to.serveVerbatim({ snapshot: { stats: { date: 3 } } });
  assert.equal(await date(), 3);
  to.failures.set('snapshot', 502);
  assert.equal((await fetch(to.url + snapshotPath, { headers })).status, 502);
  assert.equal((await fetch(to.url + monitoringPath, { headers })).status, 200);
});

test('every mode, one after the other, on the same port', async (t) => {
  const to = await start(t, { mode: 'refuse' });
  await assert.rejects(login(to), { name: 'TypeError' });
  await to.setMode('error');
  assert.equal((await login(to)).status, 500);
  await to.setMode('garbage');
  const garbage = await login(to);
  assert.equal(garbage.status, 200);
  await assert.rejects(garbage.json(), SyntaxError);
  await to.setMode('deny-login');
  assert.equal((await login(to)).status, 401);
  await to.setMode('hang');
  await assert.rejects(fetch(`${to.url}/api/5.0/ping`, { signal: AbortSignal.timeout(50) }), {
    name: 'TimeoutError',
  });
  await to.setMode('up');
  assert.equal((await login(to)).status, 200);
  await Promise.all([to.close(), to.close()]);
  await to.setMode('up');
  await assert.rejects(login(to), { name: 'TypeError' });
});
