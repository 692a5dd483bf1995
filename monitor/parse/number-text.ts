const NAMED_FLOATS: ReadonlyMap<string, number> = new Map([
  ['nan', Number.NaN],
  ['inf', Infinity],
  ['+inf', Infinity],
  ['-inf', -Infinity],
  ['infinity', Infinity],
  ['+infinity', Infinity],
  ['-infinity', -Infinity],
]);
const LONGEST_NAME = '-infinity'.length;

const MOST_DIGITS = '18446744073709551615'.length;
const LARGEST_UINT64 = 2n ** 64n - 1n;
const LARGEST_INT64 = 2n ** 63n - 1n;

/**
 * A decimal number as Go reads floats: no spaces, a sign, a fraction or an exponent if you like, `NaN` and `Inf`
 * by name in any case (reference 4.1). Undefined for anything else, for what a float cannot hold (`1e999`), and
 * for hexadecimal floats, which no cache writes.
 */
export function floatFromText(text: string): number | undefined {
  if (!isDecimal(text)) return text.length <= LONGEST_NAME ? NAMED_FLOATS.get(text.toLowerCase()) : undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** Unsigned decimal digits up to 2^64-1, exact; undefined for anything else. */
export function uint64FromText(text: string): bigint | undefined {
  if (text === '' || digitsEnd(text, 0) < text.length) return undefined;
  // Long texts never reach BigInt, which takes more than linear time for them.
  const digits = text.length <= MOST_DIGITS ? text : withoutLeadingZeros(text);
  if (digits.length > MOST_DIGITS) return undefined;
  const value = BigInt(digits);
  return value <= LARGEST_UINT64 ? value : undefined;
}

/** Decimal digits with a sign or without, in the range of a signed 64-bit integer; undefined for anything else. */
export function int64FromText(text: string): bigint | undefined {
  const negative = text.startsWith('-');
  const magnitude = uint64FromText(negative || text.startsWith('+') ? text.slice(1) : text);
  if (magnitude === undefined) return undefined;
  if (negative) return magnitude <= LARGEST_INT64 + 1n ? -magnitude : undefined;
  return magnitude <= LARGEST_INT64 ? magnitude : undefined;
}

/** Index of the first character from `from` on that is no ASCII digit. */
export function digitsEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && isDigit(text.charCodeAt(at))) at++;
  return at;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** By hand and not by regular expression: linear for any input. */
function isDecimal(text: string): boolean {
  const start = isSign(text[0]) ? 1 : 0;
  let at = digitsEnd(text, start);
  let digits = at - start;
  if (text[at] === '.') {
    const fraction = at + 1;
    at = digitsEnd(text, fraction);
    digits += at - fraction;
  }
  if (digits === 0) return false;
  if (text[at] === 'e' || text[at] === 'E') {
    const exponent = isSign(text[at + 1]) ? at + 2 : at + 1;
    at = digitsEnd(text, exponent);
    if (at === exponent) return false;
  }
  return at === text.length;
}

function isSign(character: string | undefined): boolean {
  return character === '+' || character === '-';
}

function withoutLeadingZeros(digits: string): string {
  let at = 0;
  while (at < digits.length - 1 && digits[at] === '0') at++;
  return digits.slice(at);
}
