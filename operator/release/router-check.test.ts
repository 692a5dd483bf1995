import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Clock } from '../../common/clock.ts';
import { checkRouterService } from './router-check.ts';

/** A Service that gives these answers, one after the other, and then the last again. */
async function serviceOf(
  t: TestContext,
  ...answers: readonly [status: number, body: string][]
): Promise<string> {
  let asked = 0;
  const server = createServer((_request, response) => {
    const [status, body] = answers[Math.min(asked, answers.length - 1)] ?? [500, ''];
    asked += 1;
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/publish/CrStates`;
}

const states = JSON.stringify({
  caches: { a: { isAvailable: true }, b: { isAvailable: false } },
  deliveryServices: { ds: {} },
});

/** Time that passes as soon as somebody waits for it. */
function impatient(): Clock {
  let nowMs = 0;
  return {
    now: () => nowMs,
    async sleep(ms) {
      nowMs += ms;
    },
  };
}

test('waits until monitors know their caches, and tells what they say', async (t) => {
  const url = await serviceOf(t, [503, 'not yet'], [503, 'not yet'], [200, states]);
  const told = await checkRouterService({ url, deadlineMs: 60_000, clock: impatient() });
  assert.equal(told, '1 of 2 caches are available, 1 delivery services');
});

const failing: readonly [what: string, answer: [number, string], reason: RegExp][] = [
  ['refusals', [503, 'Service Unavailable'], /503: Service Unavailable/],
  ['an answer without caches', [200, '{"caches":{}}'], /tells of no cache/],
  ['no JSON', [200, 'hello'], /JSON/],
];
for (const [what, answer, reason] of failing) {
  test(`gives up at the deadline with the last reason: ${what}`, async (t) => {
    const url = await serviceOf(t, answer);
    await assert.rejects(checkRouterService({ url, deadlineMs: 3000, clock: impatient() }), reason);
  });
}

test('says so when nobody answers', async () => {
  const url = await new Promise<string>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(`http://127.0.0.1:${port}/publish/CrStates`));
    });
  });
  const check = checkRouterService({ url, deadlineMs: 1000, clock: impatient() });
  await assert.rejects(check, /no answer: .*ECONNREFUSED/);
});
