import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readValues, valuesTable } from './values-table.ts';

test('a table of values has keys, defaults and what the comments say', () => {
  const yaml = `
# -- First of all,
# in two lines.
a: 1
b:
  # -- Inner | one.
  c: ""
# -- A whole branch: what is in it needs no words.
d:
  e:
    f: [x]
g: # in two
  # Not for the table.
  # -- Last.
  h: {}
`;
  assert.equal(
    valuesTable(yaml),
    [
      '| value | default | meaning |',
      '|---|---|---|',
      '| `a` | `1` | First of all, in two lines. |',
      '| `b.c` | `""` | Inner \\| one. |',
      '| `d` | `{"e":{"f":["x"]}}` | A whole branch: what is in it needs no words. |',
      '| `g.h` | `{}` | Last. |',
    ].join('\n'),
  );
});

test('a value without words is told: it would be missing from the table', () => {
  assert.throws(() => readValues('# -- A.\na: 1\nb:\n  c: 2\n'), /b\.c has no comment/);
});
