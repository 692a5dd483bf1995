/** What a statistic can be in a history. Interface counters are bigint: 64 bits, exact. */
export type HistoryValue = number | string | boolean | null | bigint;

/** One value and how often in a row it was seen. */
export interface HistoryEntry {
  readonly value: HistoryValue;
  /** When it was last seen: ms since the epoch. */
  readonly timeMs: number;
  /** Samples in a row that had it. */
  readonly span: number;
}

/** The same text as a string of its own: a piece of a payload would keep the whole payload in memory. */
export function detached(text: string): string {
  const copy: unknown = JSON.parse(JSON.stringify(text));
  return typeof copy === 'string' ? copy : text;
}

/**
 * The same names as the strings that the JavaScript engine keeps once of each content for the names of properties, so
 * that comparing them with those of the next payload is cheap. Like detached ones they are no pieces of a payload.
 */
export function interned(names: readonly string[]): readonly string[] {
  const members = names.map((name) => `${JSON.stringify(name)}:0`);
  const keys = Object.keys(JSON.parse(`{${members.join(',')}}`));
  // Names that are integers, or there twice, come in another order: rare, and only slower to compare.
  return keys.length === names.length && keys.every((key, index) => key === names[index])
    ? keys
    : names.map(detached);
}

/**
 * The number that a value stands for, as the Go monitor reads it: numbers, and texts that are decimal numbers.
 * undefined for anything else.
 */
export function numericValue(value: HistoryValue): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'string') return undefined;
  return numberText.test(value) && value.length <= LONGEST_NUMBER ? Number(value) : undefined;
}

const LONGEST_NUMBER = 400;
const numberText = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
