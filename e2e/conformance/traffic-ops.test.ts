import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { releasePort, takePort } from './ports.ts';
import { serverRecord, TrafficOps } from './traffic-ops.ts';

let trafficOps: TrafficOps;
let port: number;

before(async () => {
  port = await takePort();
  trafficOps = new TrafficOps({ cdn: 'kit', user: 'u', password: 'p' }, port);
  trafficOps.servers = [serverRecord({ hostName: 'tm-self' }, 0, 'kit')];
  trafficOps.monitoring = { a: 1 };
  await trafficOps.open();
});

after(async () => {
  await trafficOps.close();
  releasePort(port);
});

const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}/api/${path}`, init);

async function logIn(password = 'p'): Promise<{ status: number; cookie: string }> {
  const response = await ask('5.0/user/login', {
    method: 'POST',
    body: JSON.stringify({ u: 'u', p: password }),
  });
  const [cookie = ''] = response.headers.get('set-cookie')?.split(';') ?? [];
  await response.arrayBuffer();
  return { status: response.status, cookie };
}

async function statusOf(path: string, cookie = ''): Promise<number> {
  const response = await ask(path, { headers: { cookie } });
  await response.arrayBuffer();
  return response.status;
}

test('wants its login and its cookie', async () => {
  assert.equal((await logIn('wrong')).status, 401);
  assert.equal(await statusOf('5.0/cdns/kit/configs/monitoring'), 401);
  const { cookie } = await logIn();
  const response = await ask('5.0/cdns/kit/configs/monitoring', { headers: { cookie } });
  assert.deepEqual(await response.json(), { response: { a: 1 } });
  assert.equal(await statusOf('5.0/cdns/other/snapshot', cookie), 404);
  assert.equal(await statusOf('3.0/ping', cookie), 501);
  await trafficOps.setMode('expire');
  assert.equal(await statusOf('5.0/servers', cookie), 401);
});

test('lists servers as each version spells them', async () => {
  const { cookie } = await logIn();
  for (const [version, key] of [
    ['5.0', 'cdn'],
    ['4.1', 'cdnName'],
  ] as const) {
    const response = await ask(`${version}/servers?hostName=tm-self`, { headers: { cookie } });
    const { response: servers } = (await response.json()) as { response: Record<string, unknown>[] };
    assert.equal(servers[0]?.[key], 'kit');
  }
});

test('modes: error, garbage, denied login, refusal', async () => {
  await trafficOps.setMode('error');
  assert.equal(await statusOf('5.0/ping'), 500);
  await trafficOps.setMode('garbage');
  assert.match(await (await ask('5.0/ping')).text(), /<html>/);
  await trafficOps.setMode('denyLogin');
  assert.equal((await logIn()).status, 401);
  await trafficOps.setMode('refuse');
  await assert.rejects(ask('5.0/ping'));
  await trafficOps.setMode('up');
  assert.equal(await statusOf('5.0/ping'), 200);
});
