import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from './settings.ts';

const least = { NAMESPACE: 'cdn', POD_NAME: 'operator-0', MONITOR_IMAGE: 'tm:1' };

test('what is not set has its default', () => {
  const settings = readSettings(least);
  assert.equal(settings.cdn, null);
  assert.equal(settings.leaseName, 'traffic-monitor-operator');
  assert.deepEqual(settings.listen, { host: '::', port: 8081 });
  assert.deepEqual(settings.routerService, { type: 'ClusterIP', annotations: {} });
});

const refused: readonly [changes: Record<string, string>, reason: RegExp][] = [
  [{ NAMESPACE: '' }, /NAMESPACE is not set/],
  [{ MONITOR_IMAGE: '' }, /MONITOR_IMAGE is not set/],
  [{ ROUTER_SERVICE_TYPE: 'Big' }, /ROUTER_SERVICE_TYPE is "Big": it has to be one of ClusterIP/],
  [{ TRAFFIC_OPS_INSECURE: 'yes' }, /TRAFFIC_OPS_INSECURE is "yes"/],
  [{ ROUTER_SERVICE_ANNOTATIONS: '{"a":1}' }, /JSON object of strings/],
  [{ LISTEN: '8081' }, /LISTEN is "8081"/],
  [{ LISTEN: ':99999' }, /LISTEN is ":99999"/],
];

for (const [changes, reason] of refused) {
  test(`refused: ${JSON.stringify(changes)}`, () => {
    assert.throws(() => readSettings({ ...least, ...changes }), reason);
  });
}
