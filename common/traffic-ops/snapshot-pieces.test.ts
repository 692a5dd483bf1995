import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pieceNames } from './snapshot-pieces.ts';

const cases: readonly [what: string, names: readonly string[], found: readonly string[]][] = [
  ['a document that is whole', ['a.gz', 'b.gz'], ['a.gz']],
  [
    'pieces in order of their numbers',
    ['a.gz.10', 'a.gz.2', 'b.gz.0', 'a.gz.0'],
    ['a.gz.0', 'a.gz.2', 'a.gz.10'],
  ],
  ['nothing of it', ['b.gz', 'a.gz.tmp', '..data'], []],
];

for (const [what, names, found] of cases) {
  test(what, () => assert.deepEqual(pieceNames(names, 'a.gz'), found));
}
