import type { CacheHistory } from '../stats/cache-history.ts';
import { type HistoryEntry, numericValue } from '../stats/history-value.ts';
import { interfaceStats } from '../stats/interface-history.ts';
import { lossyNumber } from '../stats/value-text.ts';
import { type CacheDocument, slotsAskedFor } from './cache-document.ts';
import { type CacheFilter, passes } from './stat-filters.ts';
import { Members } from './text-pieces.ts';

/**
 * `/publish/StatSummary`: reference 9.10. Caches without data are left out, and so are those that are not configured
 * any more (D39). `stats` takes names without `ats.`, and restricts the payload's statistics only.
 */
export const statSummary: CacheDocument = {
  path: '/publish/StatSummary',
  commonPlace: 'last',
  tellsOf: ({ name }, history) => history.of(name) !== null,
  *write(text, { name: cache }, history, filter) {
    const stats = history.of(cache);
    text.add(`{"interfaceStats":{${stats === null ? '' : interfacesText(stats, filter)}},"stats":{`);
    if (stats !== null) {
      const members = new Members(text);
      for (const slot of slotsAskedFor(stats, filter.stats, '')) {
        const summed = summary(entriesOf(stats, slot));
        if (summed !== null) members.add(`ats.${stats.layout.names[slot] ?? ''}`, summed);
        if (text.isFull) yield text.take();
      }
    }
    text.add('}}');
  },
};

function interfacesText({ interfaces }: CacheHistory, filter: CacheFilter): string {
  return interfaces.names
    .map((name) => {
      const members = interfaceStats
        .filter((stat) => passes(filter.interfaceStats, stat))
        .map((stat) => `"ats.${stat}":${summary(interfaces.entries(name, stat)) ?? '{}'}`);
      return `${JSON.stringify(name)}:{${members.join(',')}}`;
    })
    .join(',');
}

function entriesOf(stats: CacheHistory, slot: number): HistoryEntry[] {
  const entries: HistoryEntry[] = [];
  stats.visit(slot, (value, timeMs, span) => {
    entries.push({ value, timeMs, span });
    return true;
  });
  return entries;
}

/** null: not a number at both ends. Values in between that are none do not count. */
function summary(newestFirst: readonly HistoryEntry[]): string | null {
  const [newest] = newestFirst;
  const oldest = newestFirst.at(-1);
  if (newest === undefined || oldest === undefined) return null;
  const end = numericValue(newest.value);
  const start = numericValue(oldest.value);
  // JSON has no words for the infinite.
  if (end === undefined || start === undefined || !Number.isFinite(end) || !Number.isFinite(start))
    return null;
  let count = 0;
  let total = 0;
  let high = end;
  let low = end;
  for (const { value, span } of newestFirst) {
    const number = numericValue(value);
    if (number === undefined || !Number.isFinite(number)) continue;
    count += span;
    total += number * span;
    high = Math.max(high, number);
    low = Math.min(low, number);
  }
  // Rounding must not put the mean of equal values beside them.
  const average = Math.min(Math.max(total / count, low), high);
  return `{"average":${lossyNumber(average)},"dpCount":${count},"end":${lossyNumber(end)},"endTime":${newest.timeMs},"high":${lossyNumber(high)},"low":${lossyNumber(low)},"start":${lossyNumber(start)},"startTime":${oldest.timeMs}}`;
}
