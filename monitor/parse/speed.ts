import { int64FromText } from './number-text.ts';

const LIMIT = 2 ** 63;

/**
 * An interface's speed as a whole number of Mbit/s, fractions cut off; undefined for what is no number (texts must
 * be whole) or beyond 64 bits. May be negative: Linux says -1 for an interface whose speed it does not know.
 */
export function wholeSpeed(value: number | string): number | undefined {
  if (typeof value === 'number') return Math.abs(value) <= LIMIT ? Math.trunc(value) : undefined;
  const speed = int64FromText(value);
  return speed === undefined ? undefined : Number(speed);
}
