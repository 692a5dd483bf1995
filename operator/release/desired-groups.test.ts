import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeGroups } from './desired-groups.ts';

test('groups are names with specs', () => {
  assert.deepEqual(decodeGroups('[{"name":"a","spec":{"replicas":2}}]'), [
    { name: 'a', spec: { replicas: 2 } },
  ]);
  assert.deepEqual(decodeGroups('[]'), []);
});

test('annotations and labels that are empty are left out, and nothing else is', () => {
  const spec = (podTemplate: object, more: object = {}): unknown =>
    decodeGroups(JSON.stringify([{ name: 'a', spec: { podTemplate, ...more } }]))[0]?.spec;
  assert.deepEqual(spec({ metadata: { annotations: {}, labels: {} } }, { service: { annotations: {} } }), {});
  const labels = { team: 'cdn' };
  assert.deepEqual(spec({ metadata: { annotations: {}, labels } }), {
    podTemplate: { metadata: { labels } },
  });
  const pod = { volumes: [{ name: 'a', emptyDir: {} }], nodeSelector: {} };
  const kept = { podTemplate: { spec: pod }, resources: {} };
  assert.deepEqual(spec({ spec: pod, metadata: {} }, { resources: {} }), kept);
});

const refused: readonly [text: string, reason: RegExp][] = [
  ['', /no JSON/],
  ['{}', /no list/],
  ['[null]', /groups\[0\] has no name/],
  ['[{"name":""}]', /groups\[0\] has no name/],
  ['[{"name":"a"}]', /group a has no spec/],
  ['[{"name":"a","spec":[]}]', /group a has no spec/],
];
for (const [text, reason] of refused) {
  test(`refused: ${text}`, () => assert.throws(() => decodeGroups(text), reason));
}
