import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { labelValue } from './label-value.ts';

describe('a name as the value of a label', () => {
  for (const name of ['emea', 'CDN-in-a-Box', 'cdn_1.example', 'a', '', 'x'.repeat(63)]) {
    test(`${JSON.stringify(name)} stays`, () => assert.equal(labelValue(name), name));
  }

  test('that is not allowed gets a hash', () => {
    assert.match(labelValue('my cdn'), /^my-cdn-[\da-f]{8}$/);
    assert.match(labelValue('_x'), /^x-[\da-f]{8}$/);
    assert.notEqual(labelValue('my cdn'), labelValue('my/cdn'));
  });

  test('is always allowed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 100 }), (name) => {
        const value = labelValue(name);
        assert.ok(value.length <= 63, value);
        assert.match(value, /^(?:[A-Za-z\d](?:[\w.-]*[A-Za-z\d])?)?$/);
      }),
    );
  });
});
