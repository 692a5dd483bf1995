import type { RunContext } from './canonical.ts';
import type { Counter } from './counter.ts';
import { isEqual, isObject, type Json } from './json.ts';
import { type NumberForm, numberForm, readNumber, writeNumber } from './numbers.ts';

/** Parts of an expected text that stand for a class of texts. */
const tokens: Readonly<Record<string, string>> = {
  '<poller>': '(?:health|stat)',
  '<app>': '(?:system)?',
  '<text>': '.+?',
  '<num>': '-?\\d+(?:\\.\\d+)?(?:e[+-]\\d+)?',
  '<proto>': 'IPv[46]',
  '<host>': '(?:127\\.0\\.0\\.1|\\[::1\\])',
};
const anyToken = new RegExp(`(${Object.keys(tokens).join('|')})`);

const escapeForPattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Whether a text holds tokens and so is a pattern. */
export const hasTokens = (text: string): boolean => anyToken.test(text);

/** Whether a text follows a text with tokens. */
export function followsTokens(pattern: string, text: string): boolean {
  const parts = pattern.split(anyToken).map((part) => tokens[part] ?? escapeForPattern(part));
  return new RegExp(`^${parts.join('')}$`, 's').test(text);
}

const recentMs = 120_000;

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const unixDate = /^(Sun|Mon|Tue|Wed|Thu|Fri|Sat) [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d UTC \d{4}$/;

/**
 * Matches one value against a matcher such as `@int 0..600 d`; the README lists them all.
 * Gives null when it fits, else the reason why not. `parent` is the object that the value is in.
 */
export function match(
  matcher: string,
  value: Json | undefined,
  context: RunContext,
  parent?: Json,
): string | null {
  const [operator = '', ...rest] = matcher.split(' ');
  const argument = matcher.slice(operator.length + 1);
  switch (operator) {
    case '@any':
      return value === undefined ? 'is missing' : null;
    case '@string':
      return typeof value === 'string' ? null : 'is not a string';
    case '@nonempty':
      return typeof value === 'string' && value !== '' ? null : 'is not a non-empty string';
    case '@bool':
      return typeof value === 'boolean' ? null : 'is not a boolean';
    case '@re':
      return typeof value === 'string' && new RegExp(argument, 's').test(value)
        ? null
        : `does not match /${argument}/`;
    case '@time':
      return matchTime(value);
    case '@date':
      return typeof value === 'string' && unixDate.test(value)
        ? null
        : 'is not a date like "Mon Jan 02 15:04:05 UTC 2006"';
    case '@ms':
      return isRecent(value, 1) ? null : 'is not a recent time in milliseconds';
    case '@sec':
      return isRecent(value, 1000) ? null : 'is not a recent time in seconds';
    case '@int':
    case '@num':
      return matchRange(value, operator === '@int', rest[0] ?? '..', numberForm(rest[1] ?? 'n'));
    case '@~':
      return matchRate(value, Number(rest[0]), rest[1] ?? '0', numberForm(rest[2] ?? 'n'));
    case '@served':
      return matchServed(value, rest[0] ?? '', numberForm(rest[1] ?? 'n'), context);
    case '@sum': {
      const references = rest.slice(0, -1).filter((word) => word !== '+');
      return matchSum(value, references, numberForm(rest.at(-1) ?? 'n'), context);
    }
    case '@between':
      return matchBetween(value, rest[0] ?? '', rest[1] ?? '', parent);
    case '@oneof':
      return matchOneOf(value, JSON.parse(argument) as Json[]);
    default:
      throw new Error(`unknown matcher ${operator}`);
  }
}

function matchTime(value: Json | undefined): string | null {
  if (typeof value !== 'string' || !rfc3339.test(value)) return 'is not an RFC 3339 time';
  const time = Date.parse(value.replace(/(\.\d{3})\d+/, '$1'));
  return Math.abs(time - Date.now()) < recentMs ? null : 'is not a recent time';
}

function isRecent(value: Json | undefined, unitMs: number): boolean {
  return Number.isInteger(value) && Math.abs(Number(value) * unitMs - Date.now()) < recentMs;
}

function matchRange(value: Json | undefined, whole: boolean, range: string, form: NumberForm): string | null {
  const number = readNumber(value, form);
  if (Number.isNaN(number) || (whole && !Number.isInteger(number))) {
    return `is not ${whole ? 'an integer' : 'a number'} (form ${form})`;
  }
  const [low = '', high = ''] = range.split('..');
  const fits = (low === '' || number >= Number(low)) && (high === '' || number <= Number(high));
  return fits ? null : `is not within ${range}`;
}

function matchRate(
  value: Json | undefined,
  wanted: number,
  tolerance: string,
  form: NumberForm,
): string | null {
  const number = readNumber(value, form);
  if (Number.isNaN(number)) return `is not a number of form ${form}`;
  const room = Number.parseFloat(tolerance) * (tolerance.endsWith('%') ? Math.abs(wanted) / 100 : 1);
  return Math.abs(number - wanted) <= room ? null : `is not ${wanted} ± ${tolerance}`;
}

function matchServed(
  value: Json | undefined,
  reference: string,
  form: NumberForm,
  context: RunContext,
): string | null {
  const { served } = counterOf(reference, context);
  if (served.some((number) => writeNumber(number, form) === value)) return null;
  return `is no value that ${reference} served (form ${form}; last ${served.slice(-3).join(', ')})`;
}

function matchSum(
  value: Json | undefined,
  references: readonly string[],
  form: NumberForm,
  context: RunContext,
): string | null {
  const number = readNumber(value, form);
  if (Number.isNaN(number)) return `is not a number of form ${form}`;
  const lately = references.map((reference) => [...new Set(counterOf(reference, context).served.slice(-6))]);
  return canSumTo(number, lately)
    ? null
    : `is not a sum of values that ${references.join(' + ')} served lately`;
}

function matchBetween(
  value: Json | undefined,
  lowKey: string,
  highKey: string,
  parent?: Json,
): string | null {
  const [low, high] = isObject(parent) ? [Number(parent[lowKey]), Number(parent[highKey])] : [NaN, NaN];
  const fits = typeof value === 'number' && value >= low - 1e-6 && value <= high + 1e-6;
  return fits ? null : `is not between ${lowKey} and ${highKey}`;
}

function matchOneOf(value: Json | undefined, allowed: readonly Json[]): string | null {
  const fits = allowed.some(
    (one) =>
      isEqual(one, value) ||
      (typeof one === 'string' && typeof value === 'string' && hasTokens(one) && followsTokens(one, value)),
  );
  return fits ? null : 'is none of the allowed values';
}

/** The counter that `CACHE:COUNTER` names. */
function counterOf(reference: string, context: RunContext): Counter {
  const colon = reference.lastIndexOf(':');
  const counter = context.actors.get(reference.slice(0, colon))?.counters.get(reference.slice(colon + 1));
  if (counter === undefined) throw new Error(`no counter ${reference}`);
  return counter;
}

/** Whether picking one number from each list can make the sum. */
export function canSumTo(sum: number, lists: readonly (readonly number[])[]): boolean {
  const [head, ...rest] = lists;
  if (head === undefined) return sum === 0;
  if (rest.length === 0) return head.includes(sum);
  const most = rest.reduce((total, list) => total + Math.max(0, ...list), 0);
  return head.some((number) => number <= sum && number + most >= sum && canSumTo(sum - number, rest));
}
