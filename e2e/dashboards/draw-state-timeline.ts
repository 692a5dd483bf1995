import { mappingOf, valueColour } from './colours.ts';
import type { StateTimeline } from './dashboard.ts';
import { escaped, legendHeight, legendList, nothingToShow, textWidth } from './markup.ts';
import type { Series, Span } from './queries.ts';
import { timeAxis } from './time-axis.ts';
import { formatValue } from './units.ts';

/** One value for a while. */
export interface Stretch {
  readonly value: number;
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/** Equal values that follow each other are one stretch; where values are missing, there is none. */
export function stretchesOf({ points }: Pick<Series, 'points'>, stepSeconds: number): Stretch[] {
  const stretches: Stretch[] = [];
  for (const [at, value] of points) {
    const last = stretches.at(-1);
    const endSeconds = at + stepSeconds;
    if (last !== undefined && last.value === value && at - last.endSeconds < 0.5 * stepSeconds)
      stretches[stretches.length - 1] = { ...last, endSeconds };
    else stretches.push({ value, startSeconds: at, endSeconds });
  }
  return stretches;
}

/** A band for each series as SVG, of this size in px. */
export function drawStateTimeline(
  { fieldConfig: { defaults }, options }: StateTimeline,
  series: readonly Series[],
  span: Span,
  stepSeconds: number,
  { width, height }: { readonly width: number; readonly height: number },
): string {
  if (series.length === 0) return nothingToShow(defaults.noValue);
  const textOf = (value: number) => mappingOf(value, defaults)?.text ?? formatValue(value, defaults.unit);
  const bands = series.map((one) => ({ name: one.name, stretches: stretchesOf(one, stepSeconds) }));
  const states = new Map(
    bands.flatMap(({ stretches }) =>
      stretches.map(({ value }) => [textOf(value), valueColour(value, defaults)] as const),
    ),
  );
  const legend = [...states].map(([name, colour]) => ({ name, colour }));
  const hasLegend = options.legend.displayMode === 'list';
  const svgHeight = height - (hasLegend ? legendHeight([...states.keys()], width, height) : 0);
  const left = Math.min(Math.max(...bands.map(({ name }) => textWidth(name))) + 16, width * 0.5);
  const [right, top, bottom] = [width - 10, 4, svgHeight - 24];
  const axis = timeAxis(span, left, right, top, bottom);
  const rowHeight = (bottom - top) / bands.length;
  const bandHeight = rowHeight * options.rowHeight;
  const opacity = defaults.custom.fillOpacity / 100;
  const parts = [axis.svg];
  for (const [index, { name, stretches }] of bands.entries()) {
    const middle = top + (index + 0.5) * rowHeight;
    parts.push(`<text x="${left - 8}" y="${middle + 4}" text-anchor="end">${escaped(name)}</text>`);
    for (const { value, startSeconds, endSeconds } of stretches) {
      const from = Math.max(left, axis.x(startSeconds));
      const length = Math.min(right, axis.x(endSeconds)) - from;
      const colour = valueColour(value, defaults);
      parts.push(
        `<rect x="${from}" y="${middle - bandHeight / 2}" width="${Math.max(1, length)}" height="${bandHeight}" fill="${colour}" fill-opacity="${opacity}"/>`,
      );
      if (textWidth(textOf(value)) + 10 < length && bandHeight > 13)
        parts.push(`<text class="on" x="${from + 6}" y="${middle + 4}">${escaped(textOf(value))}</text>`);
    }
  }
  const svg = `<svg width="${width}" height="${svgHeight}">${parts.join('')}</svg>`;
  return svg + (hasLegend ? legendList(legend) : '');
}
