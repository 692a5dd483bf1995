import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canonicalInteger } from '../parse/stat-table.ts';
import { detached, interned } from './history-value.ts';
import { floatText, lossyNumber, valueText } from './value-text.ts';

describe('the text of a value', () => {
  const cases: readonly [value: number | string | boolean | null | bigint, text: string][] = [
    [0, '0'],
    [-0, '-0'],
    [999_999, '999999'],
    [123_456.789, '123456.789'],
    [1_000_000, '1e+06'],
    [1_234_567, '1.234567e+06'],
    [34_236_999, '3.4236999e+07'],
    [-34_236_999, '-3.4236999e+07'],
    [734_003_200, '7.340032e+08'],
    [1_710_002_411, '1.710002411e+09'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [1.5e-10, '1.5e-10'],
    [1e100, '1e+100'],
    [2 ** 64, '1.8446744073709552e+19'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
    [Number.NaN, 'NaN'],
    [18_446_744_073_709_551_615n, '18446744073709551615'],
    ['34236999', '34236999'],
    [true, 'true'],
    [null, '<nil>'],
  ];
  for (const [value, text] of cases)
    it(`of ${String(value)} is ${text}`, () => assert.equal(valueText(value), text));

  it('reads back as the same number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) =>
        Object.is(Number(floatText(value)), value),
      ),
    );
  });
});

describe('a lossy number', () => {
  const cases: readonly [value: number, text: string][] = [
    [0, '0'],
    [3_338_959.6, '3338959.6'],
    [1 / 3, '0.333333'],
    [-2 / 3, '-0.666667'],
    [1.0000001, '1'],
    [0.9999999, '1'],
    [1e-7, '0'],
    [1_710_000_000, '1710000000'],
    [83_886_079.123_456_7, '83886079.1234567'],
    [1e21, '1e+21'],
  ];
  for (const [value, text] of cases)
    it(`of ${value} is ${text}`, () => assert.equal(lossyNumber(value), text));

  it('is always JSON, and near', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const read: unknown = JSON.parse(lossyNumber(value));
        return typeof read === 'number' && Math.abs(read - value) <= 1e-6;
      }),
    );
  });
});

describe('texts in histories', () => {
  it('of digits are numbers if those print as the very text', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: fc.constantFrom(...'0123456789-.e ') }), fc.nat().map(String)),
        (text) => {
          const number = canonicalInteger(text);
          const isCanonical = /^(0|[1-9]\d{0,14})$/.test(text);
          return isCanonical ? String(number) === text : number === -1;
        },
      ),
    );
  });

  it('are copied without change, names too', () => {
    fc.assert(fc.property(fc.string(), (text) => detached(text) === text));
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom('__proto__', '7', '\ud800'))), (names) => {
        assert.deepEqual(interned(names), names);
      }),
    );
  });
});
