import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { cdnName } from '../../common/ids.ts';
import { snapshotConfigMaps } from './snapshot-config-maps.ts';

const snapshot = (monitoring: number, crConfig: number) => ({
  cdn: cdnName('cdn1'),
  namespace: 'cdn',
  owners: [],
  monitoring: randomBytes(monitoring),
  crConfig: randomBytes(crConfig),
});

function joined(maps: NonNullable<ReturnType<typeof snapshotConfigMaps>>, name: string): Buffer {
  const entries = maps.flatMap(({ binaryData }) => Object.entries(binaryData ?? {}));
  const pieces = entries.filter(([key]) => key.startsWith(`${name}.`));
  pieces.sort(([a], [b]) => Number(a.split('.').at(-1)) - Number(b.split('.').at(-1)));
  return Buffer.concat(pieces.map(([, text]) => Buffer.from(text, 'base64')));
}

const sizes: readonly (readonly [monitoring: number, crConfig: number])[] = [
  [10, 20],
  [700_000, 30_000],
  [1_500_000, 3_000_000],
];
for (const [monitoring, crConfig] of sizes) {
  test(`${monitoring} and ${crConfig} bytes come back whole from pieces below the limit of an object`, () => {
    const whole = snapshot(monitoring, crConfig);
    const maps = snapshotConfigMaps(whole);
    assert.ok(maps);
    for (const map of maps) assert.ok(JSON.stringify(map).length < 1_000_000);
    assert.ok(joined(maps, 'tmconfig.json.gz').equals(whole.monitoring));
    assert.ok(joined(maps, 'crconfig.json.gz').equals(whole.crConfig));
  });
}

test('a snapshot that does not fit is told, not cut', () => {
  assert.equal(snapshotConfigMaps(snapshot(1_000_000, 6_000_000)), null);
});
