import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readNumber, shortest, writeNumber } from './numbers.ts';

test('shortest form takes an exponent from a million on and below a ten-thousandth', () => {
  const table: [number, string][] = [
    [0, '0'],
    [999999, '999999'],
    [1000000, '1e+06'],
    [1234567.5, '1.2345675e+06'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [-2500000, '-2.5e+06'],
    [1e100, '1e+100'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NaN, 'NaN'],
  ];
  for (const [value, text] of table) assert.equal(shortest(value), text);
});

test('a number reads only from its own form', () => {
  assert.equal(readNumber(12, 'n'), 12);
  assert.equal(readNumber('12', 'd'), 12);
  assert.equal(readNumber('12.500000', 'f6'), 12.5);
  assert.equal(readNumber('1.25e+06', 'g'), 1250000);
  for (const [value, form] of [
    ['12', 'n'],
    [12, 'd'],
    ['12.5', 'd'],
    ['12.5', 'f6'],
    ['1e6', 'g'],
  ] as const) {
    assert.ok(Number.isNaN(readNumber(value, form)), `${value} as ${form}`);
  }
});

test('writing is the inverse of reading', () => {
  for (const form of ['n', 'd', 'f6', 'g'] as const) {
    assert.equal(readNumber(writeNumber(2400000, form), form), 2400000);
  }
});
