import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bodyKind } from './content-type.ts';
import { TIMESTAMP_STAT, timestampOf } from './timestamp.ts';

describe('the Content-Type', () => {
  const known: readonly [contentType: string, kind: string][] = [
    ['', 'json'],
    ['text/json', 'json'],
    ['text/javascript', 'json'],
    ['application/json', 'json'],
    ['application/json; charset=utf-8', 'json'],
    ['Text/JSON', 'json'],
    ['text/csv', 'csv'],
    ['TEXT/CSV;header=absent', 'csv'],
  ];
  for (const [contentType, kind] of known) {
    it(`'${contentType}' means ${kind}`, () => assert.equal(bodyKind(contentType, 'astats'), kind));
  }

  for (const contentType of [
    'text/html',
    'text/plain; charset=utf-8',
    'Application/XML',
    'json',
    'text/csvx',
  ]) {
    it(`'${contentType}' is refused, as it came`, () => {
      assert.throws(() => bodyKind(contentType, 'statsOverHTTP'), {
        message: `stats Content-Type (${contentType}) can not be parsed by statsOverHTTP`,
      });
    });
  }
});

const dated = (value: unknown) => new Map([[TIMESTAMP_STAT, value]]);

describe('the time that a payload gives itself', () => {
  it('is null if it gives none', () => assert.equal(timestampOf(new Map()), null));

  for (const value of [1_700_000_000_123, '1700000000123']) {
    it(`is milliseconds, as a ${typeof value}`, () =>
      assert.equal(timestampOf(dated(value)), 1_700_000_000_123));
  }

  for (const value of [
    -1,
    1.5,
    1e300,
    Number.NaN,
    '',
    '-1',
    '1.5',
    ' 1',
    'now',
    '9'.repeat(19),
    null,
    true,
    {},
    [],
  ]) {
    it(`cannot be ${JSON.stringify(value)} (${typeof value})`, () => {
      assert.throws(() => timestampOf(dated(value)), {
        message:
          /^plugin\.system_stats\.timestamp_ms must be a non-negative whole number of milliseconds, got '/,
      });
    });
  }
});
