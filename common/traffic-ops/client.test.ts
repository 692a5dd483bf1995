import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { cdnName } from '../ids.ts';
import { TrafficOpsClient } from './client.ts';
import type { KeptDocument } from './kept-document.ts';
import { FakeTrafficOps } from './testing/fake-traffic-ops.ts';
import { CDN, MONITOR } from './testing/fixtures.ts';

const never = new AbortController().signal;
const cdn = cdnName(CDN);
const asText = (document: KeptDocument) => document.unpack().toString();

async function setUp(t: TestContext) {
  const trafficOps = new FakeTrafficOps();
  await trafficOps.open();
  const connection = { url: trafficOps.url, username: 'tm', password: 'secret', insecure: false };
  const client = new TrafficOpsClient({ connection, userAgent: 'test/1', timeoutMs: 1000 });
  t.after(async () => {
    client.close();
    await trafficOps.close();
  });
  return { trafficOps, client };
}

test('a Traffic Ops that knows API 4.1 only serves everything, the snapshot too', async (t) => {
  const { trafficOps, client } = await setUp(t);
  trafficOps.versions = ['4.1'];
  await client.login(never);
  assert.deepEqual(await client.findOwnCdn(MONITOR, never), { cdn: CDN, matches: 1 });
  assert.equal((await client.fetchMonitoring(cdn, asText, never)).value, trafficOps.monitoring);
  assert.equal((await client.fetchSnapshot(cdn, asText, never)).value, trafficOps.snapshot);
  assert.deepEqual(trafficOps.lines, [
    'POST /api/5.0/user/login',
    'POST /api/4.1/user/login',
    `GET /api/5.0/servers?hostName=${MONITOR}`,
    `GET /api/4.1/servers?hostName=${MONITOR}`,
    `GET /api/5.0/cdns/${CDN}/configs/monitoring`,
    `GET /api/4.1/cdns/${CDN}/configs/monitoring`,
    `GET /api/5.0/cdns/${CDN}/snapshot`,
    `GET /api/4.1/cdns/${CDN}/snapshot`,
  ]);
});

test('after any error of 5.0 the session of 4.x logs in and answers', async (t) => {
  const { trafficOps, client } = await setUp(t);
  await client.login(never);
  trafficOps.faults = { '5.0/cdns': { status: 500 } };
  assert.equal((await client.fetchSnapshot(cdn, asText, never)).value, trafficOps.snapshot);
  const decode = (document: KeptDocument) => {
    if (trafficOps.lines.at(-1)?.includes('/5.0/')) throw new Error('odd document');
    return document.size;
  };
  trafficOps.faults = {};
  assert.equal((await client.fetchSnapshot(cdn, decode, never)).value, trafficOps.snapshot.length);
});

test('if both fail, the error tells of both', async (t) => {
  const { trafficOps, client } = await setUp(t);
  await client.login(never);
  trafficOps.faults = { '5.0/cdns': { status: 500 }, '4.1/cdns': { status: 503 } };
  await assert.rejects(client.fetchSnapshot(cdn, asText, never), {
    name: 'TrafficOpsError',
    kind: 'status',
    status: 500,
    message: `with API 5.0: GET ${trafficOps.url}/api/5.0/cdns/${CDN}/snapshot: status 500; with API 4.x: GET ${trafficOps.url}/api/4.1/cdns/${CDN}/snapshot: status 503`,
  });
});

test('the name of the CDN is escaped in both paths', async (t) => {
  const { trafficOps, client } = await setUp(t);
  const odd = cdnName('a/b c?d');
  trafficOps.cdn = odd;
  await client.fetchMonitoring(odd, asText, never);
  await client.fetchSnapshot(odd, asText, never);
  assert.ok(trafficOps.lines.includes('GET /api/5.0/cdns/a%2Fb%20c%3Fd/snapshot'));
});

test('the own CDN is that of the first record that fits', async (t) => {
  const { trafficOps, client } = await setUp(t);
  const find = () => client.findOwnCdn(MONITOR, never);
  trafficOps.servers = [
    { hostName: 'other', cdnID: 1, cdn: 'x' },
    { hostName: MONITOR, cdnID: -1, cdn: 'y' },
    { HOSTNAME: MONITOR, cdnID: 1, cdn: 'first' },
    { hostName: MONITOR, cdnID: 2, cdn: 'second' },
  ];
  assert.deepEqual(await find(), { cdn: 'first', matches: 2 });
  trafficOps.versions = ['4.0'];
  trafficOps.servers = [
    { hostName: MONITOR, cdnName: null, profileNames: ['P'] },
    { hostName: MONITOR, cdnName: 'without profile', profileNames: [] },
    { hostName: MONITOR, cdnName: 'fits', profileNames: ['P'] },
  ];
  assert.deepEqual(await find(), { cdn: 'fits', matches: 1 });
  trafficOps.servers = [];
  await assert.rejects(find(), { kind: 'missing', message: /no server record for the host name "tm-1"/ });
});
