import type { PayloadStats, StatValue } from './sample.ts';

/** How a table holds a value: a number, */
export const NUMBER = 1;
/** a text of digits, as the number that prints as it, */
export const DIGITS = 2;
/** or anything else, as it is. */
export const OTHER = 3;

/** Longer digit strings may not fit a double exactly. */
export const MOST_EXACT_DIGITS = 15;

/**
 * The number that a text of digits stands for, if the number prints as that very text; else -1. ATS writes all its
 * statistics as such texts through `stats_over_http`, and a number takes a tenth of the memory of a text.
 */
export function canonicalInteger(text: string): number {
  const { length } = text;
  if (length === 0 || length > MOST_EXACT_DIGITS) return -1;
  let number = text.charCodeAt(0) - 48;
  if (number < 0 || number > 9 || (number === 0 && length > 1)) return -1;
  for (let at = 1; at < length; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
}

/** Few names are ever looked up: those of thresholds and of what the health protocol knows by name. */
const MOST_REMEMBERED = 256;

/** Names of statistics, in the order of their payload. Payloads that repeat their names share it: it never changes. */
export class StatNames {
  readonly all: readonly string[];
  /** So many of `all` are statistics; those behind them describe the system, and can be looked up only. */
  readonly shown: number;
  readonly #found = new Map<string, number>();

  constructor(all: readonly string[], shown: number = all.length) {
    this.all = all;
    this.shown = shown;
  }

  /** -1: there is no such name. */
  indexOf(name: string): number {
    const known = this.#found.get(name);
    if (known !== undefined) return known;
    const index = this.all.indexOf(name);
    if (this.#found.size < MOST_REMEMBERED) this.#found.set(name, index);
    return index;
  }
}

/** Statistics of a payload in columns: most are numbers, and two thousand of them need no objects. */
export class StatTable implements PayloadStats {
  readonly names: StatNames;
  /** By the index of the name: NUMBER, DIGITS or OTHER. */
  readonly kinds: Uint8Array;
  /** Of NUMBER and DIGITS. */
  readonly numbers: Float64Array;
  readonly #others = new Map<number, StatValue>();

  constructor(names: StatNames) {
    this.names = names;
    this.kinds = new Uint8Array(names.all.length);
    this.numbers = new Float64Array(names.all.length);
  }

  /** Puts a value at the index of its name. */
  set(index: number, value: StatValue): void {
    if (typeof value === 'number') {
      this.kinds[index] = NUMBER;
      this.numbers[index] = value;
      return;
    }
    const digits = typeof value === 'string' ? canonicalInteger(value) : -1;
    if (digits < 0) this.setOther(index, value);
    else {
      this.kinds[index] = DIGITS;
      this.numbers[index] = digits;
    }
  }

  /** The same for what is neither a number nor a text of digits. */
  setOther(index: number, value: StatValue): void {
    this.kinds[index] = OTHER;
    this.#others.set(index, value);
  }

  at(index: number): StatValue {
    const kind = this.kinds[index];
    if (kind === NUMBER) return this.numbers[index];
    return kind === DIGITS ? String(this.numbers[index]) : this.#others.get(index);
  }

  get(name: string): StatValue | undefined {
    const index = this.names.indexOf(name);
    return index < 0 ? undefined : this.at(index);
  }

  forEach(visitor: (value: StatValue, name: string) => void): void {
    const { all, shown } = this.names;
    for (let index = 0; index < shown; index++) visitor(this.at(index), all[index] ?? '');
  }
}

/**
 * The table of statistics that were read otherwise.
 *
 * @param most further ones are left out
 */
export function tabulated(stats: PayloadStats, most: number): StatTable {
  const names: string[] = [];
  const values: StatValue[] = [];
  stats.forEach((value, name) => {
    // Arrays and objects are no statistics; the Go monitor shows their first value for ever.
    if (value === undefined || (typeof value === 'object' && value !== null) || names.length === most) return;
    names.push(name);
    values.push(value);
  });
  const table = new StatTable(new StatNames(names));
  for (let index = 0; index < values.length; index++) table.set(index, values[index]);
  return table;
}
