import type { Comparator, Threshold } from '../../common/traffic-ops/monitoring.ts';
import { computedStat, type PollFigures } from './computed-stats.ts';
import { twoDecimals } from './fixed-point.ts';

/** Healthy relation, words and sign of the message: reference 5.5, whose signs for `>=` and `<=` are kept as they are. */
const rules: Readonly<
  Record<Comparator, { healthy(value: number, limit: number): boolean; text: string; sign: string }>
> = {
  '=': { healthy: (value, limit) => value === limit, text: 'not equal', sign: '!=' },
  '>': { healthy: (value, limit) => value > limit, text: 'too low', sign: '<' },
  '<': { healthy: (value, limit) => value < limit, text: 'too high', sign: '>' },
  '>=': { healthy: (value, limit) => value >= limit, text: 'too low', sign: '<=' },
  '<=': { healthy: (value, limit) => value <= limit, text: 'too high', sign: '>=' },
};

/** Why `value` violates the threshold, e.g. `loadavg too high (30.50 > 25.00)`; null if it does not. */
export function violation({ stat, comparator, value: limit }: Threshold, value: number): string | null {
  const rule = rules[comparator];
  if (rule.healthy(value, limit)) return null;
  return `${stat} ${rule.text} (${twoDecimals(value)} ${rule.sign} ${twoDecimals(limit)})`;
}

/** The first violated threshold, in the order of the monitoring config (D37); null if all hold. */
export function firstViolation(thresholds: readonly Threshold[], figures: PollFigures): string | null {
  for (const threshold of thresholds) {
    const value = computedStat(threshold.stat, figures);
    const reason = value === undefined ? null : violation(threshold, value);
    if (reason !== null) return reason;
  }
  return null;
}
