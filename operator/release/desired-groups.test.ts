import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeGroups } from './desired-groups.ts';

test('groups are names with specs', () => {
  assert.deepEqual(decodeGroups('[{"name":"a","spec":{"replicas":2}}]'), [
    { name: 'a', spec: { replicas: 2 } },
  ]);
  assert.deepEqual(decodeGroups('[]'), []);
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
