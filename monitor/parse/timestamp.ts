import { uint64FromText } from './number-text.ts';
import type { PayloadStats } from './sample.ts';
import { quotable, Unreadable } from './unreadable.ts';

/** The statistic that dates a payload, in any format (reference 4.1). */
export const TIMESTAMP_STAT = 'plugin.system_stats.timestamp_ms';

/** The last millisecond that a `Date` can hold, some 270,000 years ahead: what is later is no time. */
const LAST_MS = 8.64e15;

/**
 * When the cache took its statistics, in ms since the epoch; null if it does not say.
 * A number or a text of digits, whole and not negative; anything else makes the payload unreadable.
 */
export function timestampOf(stats: PayloadStats): number | null {
  const value = stats.get(TIMESTAMP_STAT);
  if (value === undefined) return null;
  const ms = typeof value === 'string' ? Number(uint64FromText(value) ?? Number.NaN) : value;
  if (typeof ms !== 'number' || !Number.isInteger(ms) || ms < 0 || ms > LAST_MS) {
    throw new Unreadable(
      `${TIMESTAMP_STAT} must be a non-negative whole number of milliseconds, got '${quotable(value)}'`,
    );
  }
  return ms;
}
