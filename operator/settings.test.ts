import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
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
  [{ SNAPSHOT_SHRINK_HOLD_SECONDS: '5m' }, /SNAPSHOT_SHRINK_HOLD_SECONDS is "5m"/],
  [{ LISTEN: '8081' }, /LISTEN is "8081"/],
  [{ LISTEN: ':99999' }, /LISTEN is ":99999"/],
];

for (const [changes, reason] of refused) {
  test(`refused: ${JSON.stringify(changes)}`, () => {
    assert.throws(() => readSettings({ ...least, ...changes }), reason);
  });
}

test('the table in docs/operator.md names every variable with its default', () => {
  const read = (file: string): string => fs.readFileSync(path.join(import.meta.dirname, file), 'utf8');
  const source = read('settings.ts');
  const used = [...source.matchAll(/\b(?:text|needed|flag|choice)\(\s*'([A-Z_]+)'(?:,\s*'([^']*)')?/g)];
  const table = new Map(
    [...read('../docs/operator.md').matchAll(/^\| `([A-Z_]+)` \|([^|]*)\|/gm)].map(
      ([, name = '', cell = '']) => [name, cell.trim()],
    ),
  );
  assert.deepEqual([...table.keys()].sort(), [...new Set(used.map(([, name = '']) => name))].sort());
  for (const [call, name = '', fallback = ''] of used) {
    const cell = table.get(name) ?? '';
    if (call.startsWith('needed')) assert.match(cell, /^needed$|^that of the pod$/, name);
    else if (fallback !== '')
      assert.ok(cell.startsWith(`\`${fallback}\``), `${name}: ${cell} is not ${fallback}`);
  }
});

test('operators of two CDNs in one namespace each have a leader of their own', () => {
  assert.equal(readSettings({ ...least, CDN: 'cdn1' }).leaseName, 'traffic-monitor-operator-cdn1');
});
