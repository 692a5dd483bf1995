import type { Comparator, Threshold } from '../../common/traffic-ops/monitoring.ts';
import type { PayloadStats } from '../parse/sample.ts';
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

/** The first violated threshold on a statistic of the payload; one that the payload lacks, or that is no number, holds. */
export function firstRawViolation(thresholds: readonly Threshold[], stats: PayloadStats): string | null {
  for (const threshold of thresholds) {
    const value = numberOf(stats.get(threshold.stat));
    const reason = value === null ? null : violation(threshold, value);
    if (reason !== null) return reason;
  }
  return null;
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** Numbers, and strings that are one: reference 5.5. */
function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && decimal.test(value) ? Number(value) : null;
}
