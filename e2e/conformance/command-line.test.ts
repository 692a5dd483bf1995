import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitCommand } from './command-line.ts';

test('words are split at blanks; quotes group and a backslash escapes', () => {
  const table: [string, string[]][] = [
    ['  a  b ', ['a', 'b']],
    [`'a b' "c d"e`, ['a b', 'c de']],
    [`a\\ b "c\\"d" 'e\\f'`, ['a b', 'c"d', 'e\\f']],
    [`x "" ''`, ['x', '', '']],
    ['', []],
  ];
  for (const [line, words] of table) assert.deepEqual(splitCommand(line), words);
});

test('an unbalanced quote is refused', () => {
  assert.throws(() => splitCommand('a "b'), /unbalanced quote/);
});
