/** Small pictures of the recent past. */
import { element, svg } from './dom.js';

const WIDTH = 300;
const HEIGHT = 44;

/**
 * A line over time, with the area under it; gaps where there is no value.
 * @param {readonly { timeMs: number, value: number | null }[]} points oldest first
 * @param {{ label: string, from?: number }} options `from`: least value of the scale's upper end
 */
export function sparkline(points, { label, from = 0 }) {
  const picture = svg('svg', {
    class: 'spark',
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    preserveAspectRatio: 'none',
    role: 'img',
    'aria-label': label,
  });
  const values = points.map(({ value }) => value).filter((value) => value !== null);
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || values.length === 0) return picture;
  const most = Math.max(from, ...values) * 1.1 || 1;
  const span = Math.max(1, last.timeMs - first.timeMs);
  const x = (/** @type {number} */ timeMs) => (((timeMs - first.timeMs) / span) * WIDTH).toFixed(1);
  const y = (/** @type {number} */ value) => (HEIGHT - (value / most) * (HEIGHT - 2) - 1).toFixed(1);
  let line = '';
  let area = '';
  for (const run of runs(points)) {
    const path = run.map(({ timeMs, value }) => `${x(timeMs)},${y(value)}`).join('L');
    line += `M${path}`;
    area += `M${x(run[0]?.timeMs ?? 0)},${HEIGHT}L${path}L${x(run.at(-1)?.timeMs ?? 0)},${HEIGHT}Z`;
  }
  picture.append(
    svg('path', { class: 'spark-area', d: area }),
    svg('path', { class: 'spark-line', d: line }),
  );
  return picture;
}

/** Stretches without a gap.
 * @param {readonly { timeMs: number, value: number | null }[]} points */
function runs(points) {
  /** @type {{ timeMs: number, value: number }[][]} */
  const found = [];
  /** @type {{ timeMs: number, value: number }[]} */
  let run = [];
  for (const { timeMs, value } of points) {
    if (value === null) {
      if (run.length > 0) found.push(run);
      run = [];
    } else run.push({ timeMs, value });
  }
  if (run.length > 0) found.push(run);
  return found;
}

/**
 * One block a poll: up, down, or no answer.
 * @param {readonly { timeMs: number, isAvailable: boolean, isAnswered: boolean }[]} polls oldest first
 * @param {string} label
 */
export function verdictBand(polls, label) {
  return element(
    'div',
    { class: 'band', role: 'img', 'aria-label': label },
    ...polls.map(({ isAvailable, isAnswered }) =>
      element('i', { class: !isAnswered ? 'silent' : isAvailable ? 'up' : 'down' }),
    ),
  );
}
