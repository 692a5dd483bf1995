import { DIGITS, MOST_EXACT_DIGITS, NUMBER, type StatNames, StatTable } from './stat-table.ts';

/** Where the values of a payload stand, and what stands between them. */
export interface ShapeParts {
  /** Everything up to each value, from the end of the one before it; then what ends the object. */
  readonly gaps: readonly Uint8Array[];
  readonly names: StatNames;
  /** Per value: the index of its name. */
  readonly columns: Uint32Array;
}

/** What a shape reads: the statistics, and where in the body their object ends. */
export interface FlatReading {
  readonly table: StatTable;
  readonly end: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ZERO = 0x30;
const FIRST_PRINTABLE = 0x20;

const LITERALS: readonly (readonly [bytes: Buffer, value: boolean | null])[] = [
  [Buffer.from('true'), true],
  [Buffer.from('false'), false],
  [Buffer.from('null'), null],
];

/** JSON's numbers. */
const NUMBER_TEXT = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** Honest ones have some twenty. */
const LONGEST_NUMBER = 100;

/**
 * How the payloads of a cache look: the same two thousand names in the same order, poll after poll. A body with all
 * the bytes of the shape between its values is the same JSON but for the values, so these alone have to be read: no
 * object, no names, hardly any garbage. Anything unexpected is left to the JSON parser.
 */
export class FlatShape {
  readonly names: StatNames;
  readonly #gaps: Uint8Array;
  readonly #gapEnds: Uint32Array;
  readonly #columns: Uint32Array;

  constructor({ gaps, names, columns }: ShapeParts) {
    this.names = names;
    this.#gaps = Buffer.concat(gaps);
    let end = 0;
    this.#gapEnds = Uint32Array.from(gaps, ({ length }) => (end += length));
    this.#columns = columns;
  }

  /** Memory that it takes, roughly, in bytes. */
  get size(): number {
    return this.#gaps.length + this.#gapEnds.byteLength + this.#columns.byteLength;
  }

  /** null: the body has not this shape, or a value that needs the JSON parser. */
  read(body: Buffer): FlatReading | null {
    if (body.length < this.#gaps.length || this.#afterGap(0, body, 0) < 0) return null;
    const table = new StatTable(this.names);
    const columns = this.#columns;
    const reader = new ValueReader(body, table);
    let at = 0;
    for (let value = 0; value < columns.length; value++) {
      at = this.#afterGap(value, body, at);
      if (at < 0) return null;
      at = reader.read(at, columns[value] ?? 0);
      if (at < 0) return null;
    }
    const end = this.#afterGap(columns.length, body, at);
    return end < 0 ? null : { table, end };
  }

  /** Where the gap that has to be at `at` ends; -1: it is not there. */
  #afterGap(index: number, body: Buffer, at: number): number {
    const gaps = this.#gaps;
    const start = index === 0 ? 0 : (this.#gapEnds[index - 1] ?? 0);
    const end = this.#gapEnds[index] ?? 0;
    if (at + end - start > body.length) return -1;
    const shift = at - start;
    for (let byte = start; byte < end; byte++) if (gaps[byte] !== body[shift + byte]) return -1;
    return shift + end;
  }
}

/** Reads single values into a table. All methods return where the value ends; -1: it needs the JSON parser. */
class ValueReader {
  readonly #body: Buffer;
  readonly #table: StatTable;

  constructor(body: Buffer, table: StatTable) {
    this.#body = body;
    this.#table = table;
  }

  read(start: number, index: number): number {
    const body = this.#body;
    const first = (body[start] ?? 0) - ZERO;
    if (first < 0 || first > 9) {
      return first + ZERO === QUOTE ? this.#readText(start + 1, index) : this.#readOther(start, index);
    }
    let number = first;
    let at = start + 1;
    let digit = (body[at] ?? 0) - ZERO;
    while (digit >= 0 && digit <= 9) {
      number = number * 10 + digit;
      digit = (body[++at] ?? 0) - ZERO;
    }
    const isPlain = at - start <= MOST_EXACT_DIGITS && (first !== 0 || at === start + 1);
    if (!isPlain || isNumberPart(body[at])) return this.#readNumber(start, index);
    this.#table.kinds[index] = NUMBER;
    this.#table.numbers[index] = number;
    return at;
  }

  /** A text without escapes, from behind its opening quote on. */
  #readText(start: number, index: number): number {
    const body = this.#body;
    let number = 0;
    let isDigits = true;
    let at = start;
    for (let byte = body[at] ?? 0; byte !== QUOTE; byte = body[++at] ?? 0) {
      // The end of the body reads as 0, which no text of JSON holds either.
      if (byte < FIRST_PRINTABLE || byte === BACKSLASH) return -1;
      const digit = byte - ZERO;
      if (digit < 0 || digit > 9) isDigits = false;
      number = number * 10 + digit;
    }
    const length = at - start;
    const isCanonical = isDigits && length > 0 && length <= MOST_EXACT_DIGITS;
    if (isCanonical && (body[start] !== ZERO || length === 1)) {
      this.#table.kinds[index] = DIGITS;
      this.#table.numbers[index] = number;
    } else this.#table.setOther(index, body.toString('utf8', start, at));
    return at + 1;
  }

  #readOther(start: number, index: number): number {
    for (const [bytes, value] of LITERALS) {
      const end = start + bytes.length;
      if (end <= this.#body.length && bytes.equals(this.#body.subarray(start, end))) {
        this.#table.setOther(index, value);
        return end;
      }
    }
    return this.#readNumber(start, index);
  }

  /** Numbers with signs, fractions, exponents or many digits. */
  #readNumber(start: number, index: number): number {
    let end = start;
    while (end - start <= LONGEST_NUMBER && isNumberPart(this.#body[end])) end++;
    const text = this.#body.toString('latin1', start, end);
    if (!NUMBER_TEXT.test(text) || text.length > LONGEST_NUMBER) return -1;
    this.#table.kinds[index] = NUMBER;
    this.#table.numbers[index] = Number(text);
    return end;
  }
}

/** Digits, `+ - .` and the `e` of an exponent. */
function isNumberPart(byte = 0): boolean {
  return (
    (byte >= ZERO && byte <= 0x39) ||
    byte === 0x2e ||
    byte === 0x2d ||
    byte === 0x2b ||
    (byte | 0x20) === 0x65
  );
}
