import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { byByteOrder } from './byte-order.ts';

test('texts are ordered as their UTF-8 bytes are', () => {
  const unit = fc.constantFrom(
    'a',
    'B',
    '-',
    '\u00e9',
    '\ud7ff',
    '\ue000',
    '\uff5e',
    '\u{10000}',
    '\u{1f600}',
  );
  const text = fc.array(unit, { maxLength: 4 }).map((units) => units.join(''));
  fc.assert(
    fc.property(text, text, (a, b) => {
      assert.equal(Math.sign(byByteOrder(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});

test('what lies beyond U+FFFF comes last, unlike in the order of JavaScript', () => {
  const names = ['\u{1f600}', '\uff5e', 'b', 'B', 'a-2', 'a-10', 'a', ''];
  assert.deepEqual([...names].sort(byByteOrder), ['', 'B', 'a', 'a-10', 'a-2', 'b', '\uff5e', '\u{1f600}']);
  assert.deepEqual([...names].sort().at(-1), '\uff5e');
});
