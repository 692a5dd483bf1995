/**
 * The recent history of a cache, in the drawer: verdicts, load, traffic and time of polls.
 * @import { HistoryPoll } from '../types.ts'
 */
import { element } from './dom.js';
import { bitRate, decimal, duration, timeOfDay } from './format.js';
import { sparkline, verdictBand } from './sparkline.js';

/** @param {readonly HistoryPoll[]} polls oldest first */
export function historyOf(polls) {
  const [first, last] = [polls[0], polls.at(-1)];
  if (first === undefined || last === undefined) {
    return [element('p', { class: 'quiet' }, 'This monitor has not polled it yet.')];
  }
  const up = polls.filter(({ isAvailable }) => isAvailable).length;
  const told = `${polls.length} polls since ${timeOfDay(first.timeMs)}: up after ${up}, down after ${polls.length - up}`;
  /** @type {(value: (poll: HistoryPoll) => number) => { timeMs: number, value: number | null }[]} */
  const points = (value) =>
    polls.map((poll) => ({ timeMs: poll.timeMs, value: poll.isAnswered ? value(poll) : null }));
  const figure = (
    /** @type {string} */ name,
    /** @type {(poll: HistoryPoll) => number} */ value,
    /** @type {(value: number) => string} */ say,
  ) => {
    const values = polls.filter(({ isAnswered }) => isAnswered).map(value);
    const [now, most] = [values.at(-1), values.length === 0 ? undefined : Math.max(...values)];
    const text = now === undefined || most === undefined ? '–' : `${say(now)} · most ${say(most)}`;
    return element(
      'div',
      { class: 'figure' },
      element('span', { class: 'figure-name' }, name),
      element('span', { class: 'figure-now' }, text),
      sparkline(points(value), { label: `${name}: ${text}` }),
    );
  };
  return [
    verdictBand(polls, told),
    element('p', { class: 'quiet' }, `${told} · last ${timeOfDay(last.timeMs)}`),
    figure(
      'Load average',
      ({ loadAverage }) => loadAverage,
      (value) => decimal(value, 2),
    ),
    figure('Sending', ({ kbpsOut }) => kbpsOut, bitRate),
    figure('Time of a poll', ({ durationMs }) => durationMs, duration),
  ];
}
