import type { Span } from './queries.ts';

const STEPS = [10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600];

export interface Axis {
  /** px of a time in seconds. */
  x(seconds: number): number;
  readonly svg: string;
}

/** The axis of time of a graph from `left` to `right`, with lines up to `top`. */
export function timeAxis(span: Span, left: number, right: number, top: number, bottom: number): Axis {
  const { startSeconds, endSeconds } = span;
  const length = endSeconds - startSeconds;
  const x = (seconds: number) => left + ((seconds - startSeconds) / length) * (right - left);
  const most = Math.max(2, Math.floor((right - left) / 70));
  const step = STEPS.find((step) => length / step <= most) ?? 86_400;
  const parts: string[] = [];
  for (let at = Math.ceil(startSeconds / step) * step; at <= endSeconds; at += step) {
    const label = new Date(at * 1000).toISOString().slice(11, step < 60 ? 19 : 16);
    parts.push(`<line class="grid" x1="${x(at)}" x2="${x(at)}" y1="${top}" y2="${bottom}"/>`);
    parts.push(`<text x="${x(at)}" y="${bottom + 16}" text-anchor="middle">${label}</text>`);
  }
  return { x, svg: parts.join('') };
}
