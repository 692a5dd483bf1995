import type { Field } from './dashboard.ts';

/** Grafana's names in its dark theme. */
const NAMED: Readonly<Record<string, string>> = {
  green: '#73bf69',
  yellow: '#fade2a',
  orange: '#ff9830',
  red: '#f2495c',
  blue: '#5794f2',
  purple: '#b877d9',
  text: '#ccccdc',
  transparent: '#44474e',
};

/** Grafana's classic palette: one for each series, in turn. */
const PALETTE = [
  '#73bf69',
  '#f2cc0c',
  '#8ab8ff',
  '#ff780a',
  '#f2495c',
  '#5794f2',
  '#b877d9',
  '#705da0',
  '#37872d',
  '#fade2a',
  '#447ebc',
  '#c15c17',
  '#890f02',
  '#0a437c',
  '#6d1f62',
  '#584477',
];

export const seriesColour = (index: number): string => PALETTE[index % PALETTE.length] ?? '#fff';

/** @throws if there is no such colour */
export function namedColour(name: string): string {
  const colour = NAMED[name];
  if (colour === undefined) throw new Error(`no colour of this name is known: ${name}`);
  return colour;
}

/** The mapping of a value: its text and colour; null: it has none. */
export function mappingOf(
  value: number,
  { mappings = [] }: Field,
): { readonly text: string; readonly color?: string } | null {
  return mappings.flatMap(({ options }) => options[String(value)] ?? [])[0] ?? null;
}

/** The colour of a value, by its mapping or else by the highest threshold that it has reached. */
export function valueColour(value: number, field: Field): string {
  const mapped = mappingOf(value, field)?.color;
  const steps = field.thresholds.steps.filter((step) => step.value === null || value >= step.value);
  return namedColour(mapped ?? steps.at(-1)?.color ?? 'green');
}
