import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { twoDecimals } from './fixed-point.ts';

describe('a number with two decimals', () => {
  const table: readonly [value: number, text: string][] = [
    [0, '0.00'],
    [-0, '0.00'],
    [25, '25.00'],
    [30.5, '30.50'],
    [0.125, '0.12'],
    [0.375, '0.38'],
    [0.625, '0.62'],
    [0.875, '0.88'],
    [1.125, '1.12'],
    [-0.125, '-0.12'],
    [-0.375, '-0.38'],
    [-2.625, '-2.62'],
    [2.675, '2.67'],
    [1.005, '1.00'],
    [0.005, '0.01'],
    [0.015, '0.01'],
    [0.995, '0.99'],
    [-0.001, '-0.00'],
    [5e-324, '0.00'],
    [2 ** 49 + 0.125, '562949953421312.12'],
    [2 ** 49 + 0.375, '562949953421312.38'],
    [2 ** 53 - 1, '9007199254740991.00'],
    [1e21, '1000000000000000000000.00'],
    [-1e21, '-1000000000000000000000.00'],
    [1e23, '99999999999999991611392.00'],
    [2 ** 64, '18446744073709551616.00'],
    [Number.NaN, 'NaN'],
    [Infinity, '+Inf'],
    [-Infinity, '-Inf'],
  ];
  for (const [value, text] of table) {
    it(`${Object.is(value, -0) ? '-0' : value} is ${text}`, () => assert.equal(twoDecimals(value), text));
  }

  it('is the exact binary value rounded half to even, whatever the value', () => {
    const eighths = fc.maxSafeInteger().map((n) => n / 8);
    const thousandths = fc.integer().map((n) => n / 1000);
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(fc.oneof(eighths, thousandths, finite), (value) => {
        assert.equal(twoDecimals(value), exactly(value));
      }),
      { numRuns: 2000 },
    );
  });
});

/** From the bits of the double, in whole numbers only. */
function exactly(value: number): string {
  const bits = new BigUint64Array(Float64Array.of(value).buffer)[0] ?? 0n;
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & (2n ** 52n - 1n);
  const mantissa = exponent === 0 ? fraction : fraction + 2n ** 52n;
  const shift = BigInt(Math.max(exponent, 1) - 1075);
  const numerator = 100n * mantissa * (shift > 0n ? 2n ** shift : 1n);
  const denominator = shift < 0n ? 2n ** -shift : 1n;
  let hundredths = numerator / denominator;
  const twiceRest = 2n * (numerator % denominator);
  if (twiceRest > denominator || (twiceRest === denominator && hundredths % 2n === 1n)) hundredths++;
  const digits = hundredths.toString().padStart(3, '0');
  return `${value < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
