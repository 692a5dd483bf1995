import { Fields, wrongType } from './fields.ts';
import type { Comparator, Threshold } from './monitoring.ts';

/** Longer ones first: the order in which the contract tries them. */
const COMPARATORS: readonly Comparator[] = ['>=', '<=', '>', '<', '='];
const FLOAT = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?)$/i;
const PREFIX = 'health.threshold.';

/**
 * A threshold parameter, e.g. `>=42` or the number 25; without a comparator it is `<`. Rule: reference 2.5.
 *
 * @returns undefined if the value follows no rule of the grammar
 */
export function parseThreshold(stat: string, value: unknown): Threshold | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? { stat, comparator: '<', value } : undefined;
  if (typeof value !== 'string') return undefined;
  const comparator = COMPARATORS.find((candidate) => value.startsWith(candidate));
  const number = parseFloatAsGo(value.slice(comparator?.length ?? 0));
  return number === undefined ? undefined : { stat, comparator: comparator ?? '<', value: number };
}

/** Decimal floats and infinities as Go reads them; not its hexadecimal ones, and no NaN, which nothing is healthy by. */
function parseFloatAsGo(text: string): number | undefined {
  if (!FLOAT.test(text)) return undefined;
  if (/inf/i.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const number = Number(text);
  // Go calls 1e999 out of range; only a spelled infinity is one.
  return Number.isFinite(number) ? number : undefined;
}

/**
 * All thresholds of a profile, in the order of the document: those that Traffic Ops gives (`health.threshold.<stat>`),
 * and those of a backup file that the Go Traffic Monitor wrote (`health_threshold`, reference D11). If both speak of a
 * stat, the first form wins.
 *
 * @param placeOf how errors name a parameter
 * @throws FieldError naming the parameter
 */
export function decodeThresholds(
  parameters: ReadonlyMap<string, unknown>,
  placeOf: (key: string) => string,
): Threshold[] {
  const byStat = new Map<string, Threshold>();
  const written = parameters.get('health_threshold') ?? {};
  if (typeof written !== 'object' || Array.isArray(written)) {
    throw wrongType(placeOf('health_threshold'), written, 'an object');
  }
  for (const [stat, value] of Object.entries(written)) {
    byStat.set(
      stat,
      decodeWritten(stat, new Fields(value, `${placeOf('health_threshold')}[${JSON.stringify(stat)}]`)),
    );
  }
  for (const [key, value] of parameters) {
    if (!key.startsWith(PREFIX)) continue;
    const threshold = parseThreshold(key.slice(PREFIX.length), value);
    if (threshold === undefined) {
      throw wrongType(placeOf(key), value, 'a number, perhaps behind one of < <= > >= = and without spaces');
    }
    byStat.set(threshold.stat, threshold);
  }
  return [...byStat.values()];
}

/** `{"Val":25,"Comparator":"<"}` */
function decodeWritten(stat: string, written: Fields): Threshold {
  const given = written.string('Comparator') || '<';
  const comparator = COMPARATORS.find((candidate) => candidate === given);
  if (comparator === undefined) throw wrongType(written.place('Comparator'), given, 'one of < <= > >= =');
  return { stat, comparator, value: written.number('Val') };
}
