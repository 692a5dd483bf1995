import type { HistoryValue } from './history-value.ts';

/**
 * A value as the Go monitor prints it in CacheStats: reference 9.7. Numbers of payloads are floats to it, printed in
 * the shortest form that reads back the same, with an exponent from a million on and below 0.0001 (D58: kept).
 */
export function valueText(value: HistoryValue): string {
  if (typeof value === 'number') return floatText(value);
  return value === null ? '<nil>' : String(value);
}

const LEAST_WITH_EXPONENT = 1e6;
const LEAST_WITHOUT_EXPONENT = 1e-4;

export function floatText(value: number): string {
  const size = Math.abs(value);
  if (size < LEAST_WITH_EXPONENT && size >= LEAST_WITHOUT_EXPONENT) return String(value);
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  if (Number.isNaN(value)) return 'NaN';
  if (size === Number.POSITIVE_INFINITY) return value > 0 ? '+Inf' : '-Inf';
  const text = value.toExponential();
  // At least two digits of exponent: 1e+6 is 1e+06.
  return text.at(-3) === 'e' ? `${text.slice(0, -1)}0${text.at(-1)}` : text;
}

const LARGEST_LOSSY = 83_886_079;

/** A number in the JSON of StatSummary: six decimals, trailing zeros dropped, large ones whole. Reference 9.2, "lossy". */
export function lossyNumber(value: number): string {
  const size = Math.abs(value);
  if (size > LARGEST_LOSSY || Number.isInteger(value)) return String(value);
  const millionths = Math.floor(size * 1e6 + 0.5);
  const whole = Math.floor(millionths / 1e6);
  const fraction = String(millionths % 1e6)
    .padStart(6, '0')
    .replace(/0+$/, '');
  return `${value < 0 ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}
