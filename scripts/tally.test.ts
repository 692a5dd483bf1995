import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closingLine, readClosingLine, readTap, sum } from './tally.ts';

test('the closing line reads back as it was written', () => {
  for (const tally of [
    { passed: 12, failed: 0, skipped: 0 },
    { passed: 3, failed: 1, skipped: 2 },
  ]) {
    assert.deepEqual(readClosingLine(`talk\n${closingLine(tally)}\n`), tally);
  }
});

test('only a closing line alone at the end counts', () => {
  assert.equal(readClosingLine('3 passed, 0 failed\nthen more'), null);
  assert.equal(readClosingLine('so 3 passed, 0 failed'), null);
  assert.equal(readClosingLine(''), null);
});

test('a TAP report counts cancelled tests as failed', () => {
  const report =
    'TAP version 13\n1..4\n# tests 4\n# pass 1\n# fail 1\n# cancelled 1\n# skipped 1\n# todo 0\n';
  assert.deepEqual(readTap(report), { passed: 1, failed: 2, skipped: 1 });
  assert.equal(readTap('TAP version 13\n'), null);
});

test('tallies add up', () => {
  const one = { passed: 1, failed: 2, skipped: 3 };
  assert.deepEqual(sum([one, one]), { passed: 2, failed: 4, skipped: 6 });
});
