import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SnapshotHistory } from './snapshot-history.ts';

const entry = (date: number, address = 'to:443') => ({
  error: null,
  request_address: address,
  request_time: '2026-05-07T04:05:06.242Z',
  stats: { CDN_name: 'a', date },
});
const dates = (history: SnapshotHistory) => history.entries().map(({ stats }) => stats.date);

test('an entry like the newest one is not added, also after the ring is full', () => {
  const history = new SnapshotHistory(3);
  for (const date of [1, 1, 2, 3, 3, 4, 5, 5, 1]) history.add(entry(date));
  assert.deepEqual(dates(history), [4, 5, 1]);
  history.add(entry(1, '127.0.0.1'));
  assert.deepEqual(dates(history), [5, 1, 1]);
});

test('at least one entry is kept', () => {
  for (const size of [0, -3, Number.NaN]) {
    const history = new SnapshotHistory(size);
    history.add(entry(1));
    history.add(entry(2));
    assert.deepEqual(dates(history), [2]);
  }
});

test('the newest entries survive another size', () => {
  const history = new SnapshotHistory(5);
  for (const date of [1, 2, 3]) history.add(entry(date));
  history.resize(2);
  assert.deepEqual(dates(history), [2, 3]);
});
