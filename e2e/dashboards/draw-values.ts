import { mappingOf, valueColour } from './colours.ts';
import type { BarGauge, Field, Stat, Table } from './dashboard.ts';
import { escaped, nothingToShow } from './markup.ts';
import type { Series } from './queries.ts';
import { formatValue } from './units.ts';

const textOf = (value: number, field: Field): string =>
  mappingOf(value, field)?.text ?? formatValue(value, field.unit, field.decimals);

/** The last value of each series; one that has none is left out. */
const lastValues = (series: readonly Series[]) =>
  series.flatMap(({ name, points }) => {
    const last = points.at(-1);
    return last === undefined ? [] : [{ name, value: last[1] }];
  });

/** One tile for each series. */
export function drawStat({ fieldConfig: { defaults }, options }: Stat, series: readonly Series[]): string {
  const values = lastValues(series);
  if (values.length === 0) return nothingToShow(defaults.noValue);
  const isFilled = options.colorMode === 'background';
  const tiles = values.map(({ name, value }) => {
    const colour = valueColour(value, defaults);
    const style = isFilled ? `background:${colour};color:#fff` : `color:${colour}`;
    const title = values.length > 1 ? `<small>${escaped(name)}</small>` : '';
    return `<div style="${style}">${title}<b>${escaped(textOf(value, defaults))}</b></div>`;
  });
  return `<div class="stats">${tiles.join('')}</div>`;
}

/** A bar for each series, from `min` to `max`. */
export function drawBarGauge({ fieldConfig: { defaults } }: BarGauge, series: readonly Series[]): string {
  const values = lastValues(series);
  if (values.length === 0) return nothingToShow(defaults.noValue);
  const { min = 0, max = Math.max(...values.map(({ value }) => value)) } = defaults;
  const bars = values.map(({ name, value }) => {
    const share = Math.max(0, Math.min(1, (value - min) / (max - min || 1))) * 100;
    const colour = valueColour(value, defaults);
    return `<span>${escaped(name)}</span><div class="bar"><i style="width:${share}%;background:${colour}"></i></div><b style="color:${colour}">${escaped(textOf(value, defaults))}</b>`;
  });
  return `<div class="bars">${bars.join('')}</div>`;
}

/** A row for each series, a column for each label. */
export function drawTable(
  { fieldConfig: { defaults }, transformations }: Table,
  series: readonly Series[],
): string {
  if (series.length === 0) return nothingToShow(defaults.noValue);
  const { excludeByName, renameByName, indexByName } = transformations[0].options;
  const placeOf = (label: string) => indexByName[label] ?? Number.POSITIVE_INFINITY;
  const columns = [...new Set(series.flatMap(({ labels }) => Object.keys(labels)))]
    .filter((label) => !excludeByName[label])
    .sort((one, other) => placeOf(one) - placeOf(other));
  const head = columns.map((label) => `<th>${escaped(renameByName[label] ?? label)}</th>`).join('');
  const rows = series.map(
    ({ labels }) => `<tr>${columns.map((label) => `<td>${escaped(labels[label] ?? '')}</td>`).join('')}</tr>`,
  );
  return `<table><tr>${head}</tr>${rows.join('')}</table>`;
}
