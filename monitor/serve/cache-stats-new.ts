import type { CacheHistory } from '../stats/cache-history.ts';
import { type ComputedContext, computedNames, computedText } from '../stats/computed-texts.ts';
import type { HistoryEntry } from '../stats/history-value.ts';
import { interfaceStats } from '../stats/interface-history.ts';
import type { StatInfo } from '../stats/stat-info.ts';
import { valueText } from '../stats/value-text.ts';
import { type CacheDocument, slotsAskedFor } from './cache-document.ts';
import { type CacheFilter, passes } from './stat-filters.ts';
import { Members, type TextPieces } from './text-pieces.ts';

/** `/publish/CacheStatsNew`: reference 9.7. Caches without data are there too, empty. */
export const cacheStatsNew: CacheDocument = {
  path: '/publish/CacheStatsNew',
  commonPlace: 'first',
  tellsOf: () => true,
  *write(text, { name: cache, context }, history, filter) {
    const stats = history.of(cache);
    text.add(`{"interfaces":{${stats === null ? '' : interfacesText(stats, filter)}},"stats":{`);
    const members = new Members(text);
    yield* writePayloadStats(text, members, stats, filter);
    for (const name of computedNames) {
      if (passes(filter.stats, name)) addComputed(members, name, history.infos(cache), context, filter);
    }
    text.add('}}');
  },
};

/** The payload's statistics, as `ats.<name>`, in the order of their names. */
export function* writePayloadStats(
  text: TextPieces,
  members: Members,
  stats: CacheHistory | null,
  filter: CacheFilter,
): Generator<string> {
  if (stats === null) return;
  for (const slot of slotsAskedFor(stats, filter.stats, 'ats.')) {
    members.add(`ats.${stats.layout.names[slot] ?? ''}`, entriesText(stats, slot, filter.historyCount));
    if (text.isFull) yield text.take();
  }
}

/** One element for each of the newest polls; all of them have a span of 1. */
export function addComputed(
  members: Members,
  name: string,
  infos: readonly StatInfo[],
  context: ComputedContext,
  { historyCount }: CacheFilter,
): void {
  if (infos.length === 0) return;
  const elements: string[] = [];
  for (const info of infos) {
    if (elements.length >= historyCount) break;
    elements.push(element(computedText(name, info, context), info.timeMs, 1));
  }
  members.add(name, `[${elements.join(',')}]`);
}

/** The list of an interface statistic. */
export function interfaceText(entries: readonly HistoryEntry[], historyCount: number): string {
  const elements: string[] = [];
  let shown = 0;
  for (const { value, timeMs, span } of entries) {
    if (1 + shown > historyCount) break;
    // Counters and speeds are integers: never an exponent.
    elements.push(element(String(value), timeMs, span));
    shown += span;
  }
  return `[${elements.join(',')}]`;
}

function interfacesText(
  { interfaces }: CacheHistory,
  { interfaceStats: wanted, historyCount }: CacheFilter,
): string {
  return interfaces.names
    .map((name) => {
      const lists = interfaceStats
        .filter((stat) => passes(wanted, stat))
        .map((stat) => `"${stat}":${interfaceText(interfaces.entries(name, stat), historyCount)}`);
      return `${JSON.stringify(name)}:{${lists.join(',')}}`;
    })
    .join(',');
}

/** Values while the spans of those before them do not make up `historyCount`: reference 9.6. */
function entriesText(stats: CacheHistory, slot: number, historyCount: number): string {
  let text = '';
  let shown = 0;
  stats.visit(slot, (value, timeMs, span) => {
    if (1 + shown > historyCount) return false;
    // Numbers have nothing to escape, and most values are numbers.
    const quoted = typeof value === 'number' ? `"${valueText(value)}"` : JSON.stringify(valueText(value));
    text += `${shown === 0 ? '' : ','}{"value":${quoted},"time":${timeMs},"span":${span}}`;
    shown += span;
    return true;
  });
  return `[${text}]`;
}

const element = (value: string, timeMs: number, span: number): string =>
  `{"value":${JSON.stringify(value)},"time":${timeMs},"span":${span}}`;
