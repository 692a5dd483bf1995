import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Notices } from './notices.ts';

test('a trouble is said once, again after a minute, and again after it was gone', () => {
  const notices = new Notices();
  assert.equal(notices.due('to', 'refused', 0), true);
  assert.equal(notices.due('to', 'refused', 59_999), false);
  assert.equal(notices.due('to', 'timeout', 59_999), true);
  assert.equal(notices.due('to', 'refused', 60_000), true);
  assert.equal(notices.works('to'), true);
  assert.equal(notices.works('to'), false);
  assert.equal(notices.due('to', 'refused', 60_001), true);
});

test('two troubles in turn do not flood', () => {
  const notices = new Notices();
  const said = Array.from({ length: 100 }, (_, index) => notices.due('to', index % 2 ? 'a' : 'b', index));
  assert.equal(said.filter(Boolean).length, 2);
});
