import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { fakeApi, keptLog, MAPS_PATH, NAMESPACE } from '../../common/kube/testing/harness.ts';
import { until } from '../testing/waiting.ts';
import { AssignmentFeed } from './assignment-feed.ts';

async function feeding(t: TestContext) {
  const { server, api } = await fakeApi(t);
  const got: string[] = [];
  const log = keptLog();
  const feed = new AssignmentFeed({
    api,
    namespace: NAMESPACE,
    name: 'emea',
    onDocument: (text, where) => void got.push(`${where}: ${text}`),
    onProblem: (reason) => void got.push(`problem: ${reason}`),
    log,
    timing: { backoffFirstMs: 2, backoffMaxMs: 10 },
  });
  t.after(() => feed.stop());
  const put = (data: Record<string, string>, name = 'emea') =>
    server.objects.put(MAPS_PATH, { metadata: { name, namespace: NAMESPACE }, data } as object);
  return { server, feed, got, log, put };
}

describe('the assignment document in a ConfigMap', () => {
  test('is offered as it is found, and each time that it changes', async (t) => {
    const { server, feed, got, put } = await feeding(t);
    put({ 'assignment.json': 'one' });
    put({ 'assignment.json': 'not ours' }, 'apac');
    feed.start();
    await until('the first', () => got.length === 1 && server.watches === 1);
    put({ 'assignment.json': 'one', 'traffic_monitor.cfg': '{}' });
    put({ 'assignment.json': 'two' });
    await until('the second', () => got.length === 2);
    assert.deepEqual(got, ['ConfigMap cdn/emea: one', 'ConfigMap cdn/emea: two']);
  });

  test('may be missing, which is told', async (t) => {
    const { server, feed, got, put } = await feeding(t);
    put({});
    feed.start();
    await until('a problem', () => got.length === 1 && server.watches === 1);
    server.objects.remove(MAPS_PATH, 'emea');
    await until('another problem', () => got.length === 2);
    put({ 'assignment.json': 'one' });
    await until('the document', () => got.length === 3);
    assert.deepEqual(got, [
      'problem: ConfigMap cdn/emea has no key assignment.json',
      'problem: ConfigMap cdn/emea was deleted',
      'ConfigMap cdn/emea: one',
    ]);
  });

  test('comes once the API server is there', async (t) => {
    const { server, feed, got, put } = await feeding(t);
    put({ 'assignment.json': 'one' });
    server.fault = () => ({ kind: 'reset' });
    feed.start();
    await until('some tries', () => server.requests.length > 3);
    assert.deepEqual([got, feed.silentMs], [[], null]);
    server.fault = () => null;
    await until('the document', () => got.length === 1);
    assert.notEqual(feed.silentMs, null);
  });
});
