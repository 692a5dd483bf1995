/**
 * A number with two decimals as C's and Go's `%.2f` print it: ties of the exact binary value go to the even digit
 * (JavaScript's `toFixed` rounds them up), and large values never get an exponent. Reference 12.7.
 */
export function twoDecimals(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Math.abs(value) >= 1e21) return `${BigInt(value)}.00`;
  const whole = Math.trunc(value);
  const decimals = tieDecimals.get(Math.abs(value - whole));
  if (decimals === undefined) return value.toFixed(2);
  return `${value < 0 ? '-' : ''}${Math.abs(whole)}.${decimals}`;
}

/** A tie at the third decimal is exact only for odd multiples of 1/8. */
const tieDecimals: ReadonlyMap<number, string> = new Map([
  [0.125, '12'],
  [0.375, '38'],
  [0.625, '62'],
  [0.875, '88'],
]);
