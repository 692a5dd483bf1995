import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { TrafficOpsError } from './errors.ts';
import { TrafficOpsSession } from './session.ts';
import { FakeTrafficOps } from './testing/fake-traffic-ops.ts';
import { CDN } from './testing/fixtures.ts';

const SNAPSHOT = `cdns/${CDN}/snapshot`;
const never = new AbortController().signal;

async function setUp(
  t: TestContext,
  changes: { versions?: [string, ...string[]]; url?: string; timeoutMs?: number } = {},
) {
  const trafficOps = new FakeTrafficOps();
  await trafficOps.open();
  const time = { now: 1_000_000 };
  const session = new TrafficOpsSession({
    connection: {
      url: changes.url ?? `${trafficOps.url}/`,
      username: 'tm',
      password: 'secret',
      insecure: false,
    },
    versions: changes.versions ?? ['4.1', '4.0'],
    userAgent: 'test/1',
    // Long enough for a busy machine, but where a test waits for it.
    timeoutMs: changes.timeoutMs ?? 10_000,
    now: () => time.now,
  });
  t.after(async () => {
    session.close();
    await trafficOps.close();
  });
  return { trafficOps, session, time };
}

/** How an action fails. */
async function failure(action: Promise<unknown>): Promise<TrafficOpsError> {
  try {
    await action;
  } catch (error) {
    assert.ok(error instanceof TrafficOpsError, String(error));
    assert.doesNotMatch(error.message, /secret/);
    return error;
  }
  throw new Error('did not fail');
}

test('a request carries cookie and user agent, and its answer comes byte for byte', async (t) => {
  const { trafficOps, session } = await setUp(t);
  await session.login(never);
  const { document, remoteAddress } = await session.get(SNAPSHOT, never);
  assert.equal(document.unpack().toString(), trafficOps.snapshot);
  assert.equal(remoteAddress, trafficOps.address);
  const [login, get] = trafficOps.requests;
  assert.equal(login?.headers['content-type'], 'application/json');
  assert.equal(get?.headers['user-agent'], 'test/1');
  assert.equal(get?.headers.cookie, 'mojolicious=s1');
  assert.equal(get?.headers['accept-encoding'], 'gzip');
  assert.equal(get?.headers.accept, undefined);
});

test('the address of Traffic Ops is known though it closes the connection', async (t) => {
  const { trafficOps, session } = await setUp(t);
  trafficOps.keepAlive = false;
  trafficOps.gzip = gzipSync;
  await session.login(never);
  assert.equal((await session.get(SNAPSHOT, never)).remoteAddress, trafficOps.address);
});

test('an expired cookie leads to a new login and a repeat', async (t) => {
  const { trafficOps, session } = await setUp(t);
  await session.login(never);
  trafficOps.session = 2;
  await session.get(SNAPSHOT, never);
  assert.deepEqual(trafficOps.lines.slice(1), [
    `GET /api/4.1/${SNAPSHOT}`,
    'POST /api/4.1/user/login',
    `GET /api/4.1/${SNAPSHOT}`,
  ]);
});

test('a Traffic Ops that never is content is asked four times, with three logins', async (t) => {
  const { trafficOps, session } = await setUp(t);
  trafficOps.faults = {
    snapshot: { status: 403, body: '{"alerts":[{"level":"error","text":"Forbidden."}]}' },
  };
  const error = await failure(session.get(SNAPSHOT, never));
  assert.equal(error.message, `GET ${trafficOps.url}/api/4.1/${SNAPSHOT}: status 403: Forbidden.`);
  assert.equal(error.kind, 'status');
  assert.equal(error.status, 403);
  assert.equal(trafficOps.lines.filter((line) => line.startsWith('GET')).length, 4);
  assert.equal(trafficOps.lines.filter((line) => line.startsWith('POST')).length, 3);
});

test('a denied login says what Traffic Ops said', async (t) => {
  const { trafficOps, session } = await setUp(t);
  trafficOps.password = 'other';
  const error = await failure(session.login(never));
  assert.equal(error.kind, 'login');
  assert.equal(error.message, `POST ${trafficOps.url}/api/4.1/user/login: status 401: Invalid password.`);
});

test('a status of success without the alert of success is no login', async (t) => {
  const { trafficOps, session } = await setUp(t);
  trafficOps.faults = { login: { status: 200, body: '{"alerts":[{"level":"warning","text":"Hm."}]}' } };
  assert.match(
    (await failure(session.login(never))).message,
    /status 200 \(no "Successfully logged in\."\): Hm\.$/,
  );
});

test('501 steps down a minor version; the highest is tried again after a minute', async (t) => {
  const { trafficOps, session, time } = await setUp(t);
  trafficOps.versions = ['4.0'];
  await session.login(never);
  await session.get(SNAPSHOT, never);
  time.now += 59_000;
  await session.get(SNAPSHOT, never);
  time.now += 1_000;
  await session.get(SNAPSHOT, never);
  assert.deepEqual(
    trafficOps.lines.map((line) => line.slice(0, 14)),
    [
      'POST /api/4.1/',
      'POST /api/4.0/',
      'GET /api/4.0/c',
      'GET /api/4.0/c',
      'GET /api/4.1/c',
      'GET /api/4.0/c',
    ],
  );
});

test('the lowest version that is not there either is an error', async (t) => {
  const { trafficOps, session } = await setUp(t, { versions: ['5.0'] });
  trafficOps.versions = [];
  const error = await failure(session.login(never));
  assert.equal(error.status, 501);
  assert.match(error.message, /status 501.*Requested API version is not supported/);
});

test('an unchanged document is asked for conditionally, and is the very same object', async (t) => {
  const { trafficOps, session } = await setUp(t);
  trafficOps.etags = true;
  await session.login(never);
  const first = await session.get(SNAPSHOT, never);
  const second = await session.get(SNAPSHOT, never);
  assert.equal(second.document, first.document);
  assert.deepEqual(
    trafficOps.requests.map(({ status }) => status),
    [200, 200, 304],
  );
  trafficOps.snapshot = `${trafficOps.snapshot} `;
  await session.get(SNAPSHOT, never);
  assert.deepEqual(trafficOps.requests.at(-1)?.status, 200);
});

test('neither headers that never come nor a body that never ends hold us longer than the deadline', async (t) => {
  const { trafficOps, session } = await setUp(t, { timeoutMs: 150 });
  for (const fault of ['hang', 'stall'] as const) {
    trafficOps.faults = { snapshot: fault };
    const started = performance.now();
    const error = await failure(session.get(SNAPSHOT, never));
    assert.equal(error.kind, 'network');
    assert.match(error.message, /^GET http.*snapshot: no whole answer within 150 ms$/);
    assert.ok(performance.now() - started < 5000);
  }
});

test('who stops does not wait for an answer', async (t) => {
  const { trafficOps, session } = await setUp(t);
  trafficOps.faults = { snapshot: 'hang' };
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 20);
  assert.equal((await failure(session.get(SNAPSHOT, stop.signal))).kind, 'aborted');
  assert.equal((await failure(session.get(SNAPSHOT, stop.signal))).kind, 'aborted');
});

test('nobody there, a reset, a redirect, garbage: each error tells', async (t) => {
  const { trafficOps, session } = await setUp(t);
  trafficOps.faults = { snapshot: 'reset' };
  assert.match(
    (await failure(session.get(SNAPSHOT, never))).message,
    /snapshot: (socket hang up|read ECONNRESET)/,
  );
  trafficOps.faults = { snapshot: { status: 200, body: '<html>gateway</html>' } };
  const garbage = await failure(session.get(SNAPSHOT, never));
  assert.equal(garbage.kind, 'decode');
  assert.match(
    garbage.message,
    /status 200 \(.*expected a JSON object at byte 0, but there is "<html>gateway/,
  );
  trafficOps.faults = { snapshot: { status: 200, body: '{"alerts":[]}' } };
  assert.match((await failure(session.get(SNAPSHOT, never))).message, /it has no "response"/);
  trafficOps.faults = { snapshot: { status: 502, body: '<html>Bad gateway</html>' } };
  assert.match(
    (await failure(session.get(SNAPSHOT, never))).message,
    /status 502: "<html>Bad gateway<\/html>"$/,
  );
  await trafficOps.close();
  assert.match((await failure(session.get(SNAPSHOT, never))).message, /connect ECONNREFUSED 127\.0\.0\.1/);
});

test('an address that is none is an error of its own, without the password in it', async (t) => {
  for (const url of ['', 'traffic-ops', 'ftp://x', 'http://']) {
    const { session } = await setUp(t, { url });
    assert.equal((await failure(session.login(never))).kind, 'config', url);
  }
  const { session } = await setUp(t, { url: 'http://me:secret@127.0.0.1:1' });
  assert.match((await failure(session.login(never))).message, /POST http:\/\/127\.0\.0\.1:1\/api/);
});

test('a compressed answer is decompressed', async (t) => {
  const { trafficOps, session } = await setUp(t);
  trafficOps.gzip = gzipSync;
  await session.login(never);
  assert.equal((await session.get(SNAPSHOT, never)).document.unpack().toString(), trafficOps.snapshot);
});

test('a kept connection that was closed meanwhile is no failure', async (t) => {
  const { trafficOps, session } = await setUp(t);
  await session.login(never);
  for (let round = 0; round < 5; round++) {
    trafficOps.closeIdle();
    await session.get(SNAPSHOT, never);
  }
});
