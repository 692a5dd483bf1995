import type { CacheHistory } from '../stats/cache-history.ts';
import { ChunkedText } from '../stats/chunked-text.ts';
import { type HistoryEntry, numericValue } from '../stats/history-value.ts';
import { interfaceStats } from '../stats/interface-history.ts';
import type { StatHistory } from '../stats/stat-history.ts';
import { lossyNumber } from '../stats/value-text.ts';
import { isAskedFor, Members, type ServedCache, slotsAskedFor } from './cache-stats-new.ts';
import { commonDate } from './json-text.ts';
import { type Query, queryText } from './query.ts';
import { badRequest, json, type Reply } from './reply.ts';
import { type CacheFilter, cacheFilter, passes } from './stat-filters.ts';

/**
 * `/publish/StatSummary`: reference 9.10. Caches without data are left out, and so are those that are not configured
 * any more (D39). `stats` takes names without `ats.`, and restricts the payload's statistics only.
 *
 * @param caches by name
 */
export function statSummary(
  query: Query,
  argument: string,
  caches: readonly Pick<ServedCache, 'name' | 'type'>[],
  history: StatHistory,
  nowMs: number,
): Reply {
  const filter = cacheFilter(query, argument);
  if ('problem' in filter) return badRequest(filter.problem);
  const body = new ChunkedText();
  body.add('{"caches":{');
  let separator = '';
  for (const cache of caches) {
    const stats = history.of(cache.name);
    if (stats === null || !isAskedFor(cache, filter)) continue;
    body.add(
      `${separator}${JSON.stringify(cache.name)}:{"interfaceStats":{${interfacesText(stats, filter)}},"stats":{`,
    );
    separator = ',';
    const members = new Members(body);
    for (const slot of slotsAskedFor(stats, filter.stats, '')) {
      const text = summary(entriesOf(stats, slot));
      if (text !== null) members.add(`ats.${stats.layout.names[slot] ?? ''}`, text);
    }
    body.add('}}');
  }
  body.add(`},"pp":${JSON.stringify(queryText(query))},"date":"${commonDate(nowMs)}"}`);
  return json(body.toBuffer());
}

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
