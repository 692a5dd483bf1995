import { namedColour, seriesColour } from './colours.ts';
import type { TimeSeries } from './dashboard.ts';
import { escaped, legendHeight, legendList, nothingToShow, textWidth } from './markup.ts';
import type { Series, Span } from './queries.ts';
import { timeAxis } from './time-axis.ts';
import { formatValue, type Unit } from './units.ts';

type Line = readonly (readonly [seconds: number, value: number])[];
interface Drawn {
  readonly name: string;
  readonly colour: string;
  /** Pieces without gaps. */
  readonly pieces: readonly Line[];
  /** What it stands on, by time; empty: on nothing. */
  readonly base: ReadonlyMap<number, number>;
}

/** A graph of lines as SVG, of this size in px. */
export function drawTimeSeries(
  panel: TimeSeries,
  series: readonly Series[],
  span: Span,
  stepSeconds: number,
  { width, height }: { readonly width: number; readonly height: number },
): string {
  const { defaults } = panel.fieldConfig;
  if (series.length === 0) return nothingToShow(defaults.noValue);
  const hasLegend = panel.options.legend.displayMode === 'list';
  const names = hasLegend ? series.map(({ name }) => name) : [];
  const graphHeight = height - legendHeight(names, width, height);
  const drawn = stacked(series, defaults.custom.stacking.mode === 'normal', stepSeconds);
  const values = drawn.flatMap(({ pieces }) => pieces.flat().map(([, value]) => value));
  const dashed = defaults.custom.thresholdsStyle?.mode === 'dashed' ? defaults.thresholds.steps : [];
  const ticks = ticksBetween(
    defaults.min ?? Math.min(...values),
    defaults.max ?? Math.max(...values),
    Math.max(2, Math.floor(graphHeight / 45)),
    defaults.unit,
  );
  const [low = 0, high = 1] = [ticks[0], ticks.at(-1)];
  const labels = ticks.map((tick) => formatValue(tick, defaults.unit, defaults.decimals));
  const [left, right, top, bottom] = [
    Math.max(...labels.map(textWidth)) + 14,
    width - 10,
    8,
    graphHeight - 24,
  ];
  const y = (value: number) => bottom - ((value - low) / (high - low)) * (bottom - top);
  const axis = timeAxis(span, left, right, top, bottom);
  const parts = [axis.svg];
  for (const [index, tick] of ticks.entries()) {
    parts.push(`<line class="grid" x1="${left}" x2="${right}" y1="${y(tick)}" y2="${y(tick)}"/>`);
    parts.push(
      `<text x="${left - 8}" y="${y(tick) + 4}" text-anchor="end">${escaped(labels[index] ?? '')}</text>`,
    );
  }
  for (const { value, color } of dashed) {
    if (value === null || value > high) continue;
    const stroke = namedColour(color);
    parts.push(
      `<line x1="${left}" x2="${right}" y1="${y(value)}" y2="${y(value)}" stroke="${stroke}" stroke-dasharray="6 5"/>`,
    );
  }
  const { lineWidth, fillOpacity, lineInterpolation } = defaults.custom;
  const path = (line: Line) => pathOf(corners(line, lineInterpolation === 'stepAfter'), axis.x, y);
  for (const { colour, pieces, base } of drawn) {
    for (const piece of pieces) {
      const floor = piece.map(([at]) => [at, base.get(at) ?? Math.max(low, 0)] as const);
      const area = [
        ...corners(piece, lineInterpolation === 'stepAfter'),
        ...corners(floor, lineInterpolation === 'stepAfter').reverse(),
      ];
      if (fillOpacity > 0)
        parts.push(
          `<path d="${pathOf(area, axis.x, y)}Z" fill="${colour}" fill-opacity="${fillOpacity / 100}"/>`,
        );
      parts.push(
        `<path d="${path(piece)}" fill="none" stroke="${colour}" stroke-width="${lineWidth}" stroke-linejoin="round"/>`,
      );
      const [lone, second] = piece;
      if (lone !== undefined && second === undefined && defaults.custom.showPoints === 'auto')
        parts.push(`<circle cx="${axis.x(lone[0])}" cy="${y(lone[1])}" r="2.5" fill="${colour}"/>`);
    }
  }
  const svg = `<svg width="${width}" height="${graphHeight}">${parts.join('')}</svg>`;
  return svg + (hasLegend ? legendList(drawn) : '');
}

/** Each series in its colour, in pieces where values are missing, and on top of those before it if they are stacked. */
function stacked(series: readonly Series[], isStacked: boolean, stepSeconds: number): Drawn[] {
  const tops = new Map<number, number>();
  return series.map(({ name, points }, index) => {
    const base = new Map(isStacked ? tops : []);
    const raised = points.map(([at, value]) => [at, value + (base.get(at) ?? 0)] as const);
    if (isStacked) for (const [at, value] of raised) tops.set(at, value);
    return { name, colour: seriesColour(index), pieces: piecesOf(raised, stepSeconds), base };
  });
}

export function piecesOf(points: Line, stepSeconds: number): Line[] {
  const pieces: (readonly [number, number])[][] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const point of points) {
    if (point[0] - last > 1.5 * stepSeconds) pieces.push([]);
    pieces.at(-1)?.push(point);
    last = point[0];
  }
  return pieces;
}

/** The points of a line as it is drawn: with `isStepped` each value holds until the next. */
function corners(line: Line, isStepped: boolean): (readonly [number, number])[] {
  if (!isStepped) return [...line];
  return line.flatMap((point, index) => {
    const before = line[index - 1];
    return before === undefined ? [point] : [[point[0], before[1]] as const, point];
  });
}

const pathOf = (line: Line, x: (at: number) => number, y: (value: number) => number): string =>
  line
    .map(([at, value], index) => `${index === 0 ? 'M' : 'L'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`)
    .join('');

/** Round values from below `low` to above `high`, about `count` steps apart. */
export function ticksBetween(low: number, high: number, count: number, unit: Unit): number[] {
  const reach = high - low || Math.abs(high) || 1;
  const rough = reach / count;
  const root = unit === 'bytes' ? 1024 ** Math.floor(Math.log(rough) / Math.log(1024)) : 1;
  const scale = 10 ** Math.floor(Math.log10(rough / root)) * root;
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * scale).find((size) => size >= rough) ?? 10 * scale;
  const first = Math.floor(low / step);
  const last = Math.max(first + 1, Math.ceil(Math.max(high, low + reach) / step - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}
