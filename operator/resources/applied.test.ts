import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isApplied } from './applied.ts';

const cases: readonly [name: string, desired: unknown, live: unknown, applied: boolean][] = [
  ['what the API server fills in does not count', { a: 1 }, { a: 1, b: 2 }, true],
  ['a changed value does', { a: 1 }, { a: 2 }, false],
  ['a missing key does', { a: { b: 1 } }, { a: {} }, false],
  ['entries of a list are compared one by one', { l: [{ n: 'x' }] }, { l: [{ n: 'x', d: true }] }, true],
  ['a longer list is another list', { l: ['x'] }, { l: ['x', 'y'] }, false],
  ['an empty object that the server left out is there', { a: {} }, {}, true],
  ['a key without a value asks for nothing', { a: undefined }, {}, true],
  ['a quantity may be spelt otherwise', { limits: { cpu: '1000m' } }, { limits: { cpu: '1' } }, true],
  ['so may memory', { requests: { memory: '1024Mi' } }, { requests: { memory: '1Gi' } }, true],
  ['but it has to be as much', { limits: { memory: '1Gi' } }, { limits: { memory: '1G' } }, false],
  ['and it has to be there', { limits: { memory: '1Gi' } }, {}, false],
  ['text is not a number', { a: '1' }, { a: 1 }, false],
];

for (const [name, desired, live, applied] of cases) {
  test(name, () => assert.equal(isApplied(desired, live), applied));
}
