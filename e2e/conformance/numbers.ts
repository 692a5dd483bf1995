/**
 * How a number appears in a Traffic Monitor's answers:
 * `n` a JSON number, `d` decimal digits in a string, `f6` six decimals, `g` the shortest form.
 */
export type NumberForm = 'n' | 'd' | 'f6' | 'g';

const textForms: Readonly<Record<Exclude<NumberForm, 'n'>, RegExp>> = {
  d: /^-?\d+$/,
  f6: /^-?\d+\.\d{6}$/,
  g: /^-?\d+(\.\d+)?(e[+-]\d\d+)?$/,
};

/** Reads the letter at the end of a matcher. */
export function numberForm(text: string): NumberForm {
  if (text === 'n' || text === 'd' || text === 'f6' || text === 'g') return text;
  throw new Error(`unknown number form ${text}`);
}

/** The number that a value of that form says; NaN when it is of another form. */
export function readNumber(value: unknown, form: NumberForm): number {
  if (form === 'n') return typeof value === 'number' ? value : Number.NaN;
  return typeof value === 'string' && textForms[form].test(value) ? Number(value) : Number.NaN;
}

/** A number in the given form. */
export function writeNumber(value: number, form: NumberForm): number | string {
  switch (form) {
    case 'n':
      return value;
    case 'd':
      return String(value);
    case 'f6':
      return value.toFixed(6);
    case 'g':
      return shortest(value);
  }
}

/** The shortest form of a float, with an exponent of at least two digits from a million on and below 0.0001. */
export function shortest(value: number): string {
  if (Object.is(value, 0)) return '0';
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const [mantissa = '', exponentText = ''] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < 6) return String(value);
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}
