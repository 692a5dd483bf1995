/**
 * A number with two decimals as C's and Go's `%.2f` print it: ties of the exact binary value go to the even digit
 * (JavaScript's `toFixed` rounds them up), and large values never get an exponent. Reference 12.7.
 */
export function twoDecimals(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Math.abs(value) >= 1e21) return `${BigInt(value)}.00`;
  // A tie at the third decimal is exact only for odd multiples of 1/8: then ×8 is a whole number.
  const eighths = Math.abs(value) * 8;
  if (Number.isInteger(eighths) && eighths % 2 === 1) {
    const below = Math.floor(Math.abs(value) * 100);
    const hundredths = below % 2 === 0 ? below : below + 1;
    return `${value < 0 ? '-' : ''}${(hundredths / 100).toFixed(2)}`;
  }
  return value.toFixed(2);
}
