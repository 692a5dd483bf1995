import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Json, mergeByName } from './merge-by-name.ts';

const base: Json = {
  nodeSelector: { zone: 'a' },
  tolerations: [{ key: 'x' }],
  containers: [
    { name: 'traffic-monitor', image: 'tm:1', env: [{ name: 'A', value: '1' }], args: ['monitor/main.ts'] },
  ],
};

const cases: readonly [name: string, overrides: Json, path: string, expected: Json][] = [
  ['objects merge key by key', { nodeSelector: { disk: 'ssd' } }, 'nodeSelector', { zone: 'a', disk: 'ssd' }],
  ['a list without a merge key is replaced', { tolerations: [{ key: 'y' }] }, 'tolerations', [{ key: 'y' }]],
  ['null removes', { tolerations: null }, 'tolerations', null],
  [
    'a container of the same name is merged, its env by name',
    { containers: [{ name: 'traffic-monitor', env: [{ name: 'B', value: '2' }] }] },
    'containers',
    [
      {
        name: 'traffic-monitor',
        image: 'tm:1',
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '2' },
        ],
        args: ['monitor/main.ts'],
      },
    ],
  ],
  [
    'an unknown container is added behind',
    { containers: [{ name: 'sidecar', image: 's:1' }] },
    'containers',
    [(base as { containers: Json[] }).containers[0] ?? null, { name: 'sidecar', image: 's:1' }],
  ],
];

for (const [name, overrides, path, expected] of cases) {
  test(name, () => {
    const merged = mergeByName(base, overrides) as Record<string, Json>;
    assert.deepEqual(merged[path] ?? null, expected);
  });
}

test('the base stays as it was', () => {
  const before = structuredClone(base);
  mergeByName(base, { containers: [{ name: 'traffic-monitor', image: 'tm:2' }], nodeSelector: null });
  assert.deepEqual(base, before);
});
