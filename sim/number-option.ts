/** A command line option that must be a whole number, zero or more. */
export function numberOption(name: string, value: string | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  if (!/^\d+$/.test(value)) throw new Error(`${name} wants a whole number, not '${value}'`);
  return Number(value);
}
