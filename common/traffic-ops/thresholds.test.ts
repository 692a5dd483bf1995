import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseThreshold } from './thresholds.ts';

test('the grammar of thresholds', () => {
  for (const [value, comparator, number] of [
    ['25', '<', 25],
    [25, '<', 25],
    ['25.0', '<', 25],
    [-0.5, '<', -0.5],
    ['>=42', '>=', 42],
    ['<=42', '<=', 42],
    ['>42', '>', 42],
    ['<42', '<', 42],
    ['=5', '=', 5],
    ['1e3', '<', 1000],
    ['>1E+3', '>', 1000],
    ['.5', '<', 0.5],
    ['5.', '<', 5],
    ['+5', '<', 5],
    ['<-5', '<', -5],
    ['Inf', '<', Number.POSITIVE_INFINITY],
    ['>-infinity', '>', Number.NEGATIVE_INFINITY],
    ['>+inf', '>', Number.POSITIVE_INFINITY],
  ] as const) {
    assert.deepEqual(parseThreshold('s', value), { stat: 's', comparator, value: number }, String(value));
  }
});

test('what is no threshold', () => {
  const wrong = [
    '>= 25',
    '==5',
    '<>5',
    'abc',
    '',
    '<=',
    '0x10',
    '1_000',
    '.',
    '1e',
    'NaN',
    '1e999',
    ' 5',
    '5 ',
    '=>5',
  ];
  for (const value of [...wrong, true, null, [5], {}, Number.POSITIVE_INFINITY]) {
    assert.equal(parseThreshold('s', value), undefined, String(value));
  }
});
