import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { OperatorServer, type OperatorServerOptions } from './server.ts';

async function serving(t: TestContext, changed: Partial<OperatorServerOptions> = {}): Promise<string> {
  const server = new OperatorServer({
    notReadyBecause: () => null,
    metrics: async () => 'up 1\n',
    ...changed,
  });
  const port = await server.listen(0, '127.0.0.1');
  t.after(() => server.close());
  return `http://127.0.0.1:${port}`;
}

const ask = async (url: string, method = 'GET'): Promise<string> => {
  const answer = await fetch(url, { method });
  return `${answer.status} ${await answer.text()}`;
};

describe('the operator answers', () => {
  const cases: [path: string, method: string, answer: string][] = [
    ['/healthz', 'GET', '200 ok\n'],
    ['/readyz', 'GET', '200 ok\n'],
    ['/readyz?verbose', 'HEAD', '200 '],
    ['/metrics', 'GET', '200 up 1\n'],
    ['/', 'GET', '404 Not Found\n'],
    ['/healthz', 'POST', '405 Method Not Allowed\n'],
  ];
  for (const [path, method, answer] of cases) {
    test(`${method} ${path}`, async (t) =>
      assert.equal(await ask((await serving(t)) + path, method), answer));
  }

  test('why it is not ready', async (t) => {
    const url = await serving(t, { notReadyBecause: () => 'Leases are not listed yet' });
    assert.equal(await ask(`${url}/readyz`), '503 not ready: Leases are not listed yet\n');
    assert.equal(await ask(`${url}/healthz`), '200 ok\n');
  });

  test('that metrics could not be made', async (t) => {
    const url = await serving(t, { metrics: () => Promise.reject(new Error('no luck')) });
    assert.equal(await ask(`${url}/metrics`), '500 metrics not made: no luck\n');
  });

  test('nothing on a port that is taken', async (t) => {
    const port = Number(new URL(await serving(t)).port);
    const second = new OperatorServer({ notReadyBecause: () => null, metrics: async () => '' });
    await assert.rejects(second.listen(port, '127.0.0.1'), /cannot listen: listen EADDRINUSE/);
  });
});
