import type { CacheName } from '../../common/ids.ts';
import { type CacheType, statusOf } from '../../common/traffic-ops/monitoring.ts';
import { serviceAddressesOf } from '../../common/traffic-ops/service-addresses.ts';
import type { CacheState } from '../health/cache-state.ts';
import type { CacheHistory } from '../stats/cache-history.ts';
import { ChunkedText } from '../stats/chunked-text.ts';
import { type ComputedContext, computedNames, computedText } from '../stats/computed-texts.ts';
import type { HistoryEntry } from '../stats/history-value.ts';
import { interfaceStats } from '../stats/interface-history.ts';
import type { StatHistory } from '../stats/stat-history.ts';
import type { StatInfo } from '../stats/stat-info.ts';
import { valueText } from '../stats/value-text.ts';
import { commonDate } from './json-text.ts';
import { type Query, queryText } from './query.ts';
import { badRequest, json, type Reply } from './reply.ts';
import { type CacheFilter, cacheFilter, type NameFilter, passes, passesPrefixed } from './stat-filters.ts';

/** A cache of the combined states, as the statistics routes show it. */
export interface ServedCache {
  readonly name: CacheName;
  readonly type: CacheType;
  /** Where its service address is; null: it has none. */
  readonly serviceInterface: string | null;
  readonly context: ComputedContext;
}

/** @param isAvailable by the combined states */
export function servedCache({ subject }: CacheState, isAvailable: boolean): ServedCache {
  const { name, type, server, pollingUrl } = subject;
  const { interfaceName } = serviceAddressesOf(server);
  return {
    name,
    type,
    serviceInterface: interfaceName === '' ? null : interfaceName,
    context: {
      stateUrl: pollingUrl ?? '',
      status: server.status,
      isAvailable,
      isHealthy: isAvailable || statusOf(server.status) === 'ADMIN_DOWN',
    },
  };
}

/**
 * `/publish/CacheStatsNew`: reference 9.7. Caches without data are there too, empty.
 *
 * @param caches by name
 */
export function cacheStatsNew(
  query: Query,
  argument: string,
  caches: readonly ServedCache[],
  history: StatHistory,
  nowMs: number,
): Reply {
  const filter = cacheFilter(query, argument);
  if ('problem' in filter) return badRequest(filter.problem);
  const body = new ChunkedText();
  body.add(`${commonHead(query, nowMs)},"caches":{`);
  let separator = '';
  for (const cache of caches) {
    if (!isAskedFor(cache, filter)) continue;
    const stats = history.of(cache.name);
    body.add(`${separator}${JSON.stringify(cache.name)}:{"interfaces":{`);
    separator = ',';
    if (stats !== null) body.add(interfacesText(stats, filter));
    body.add('},"stats":{');
    const members = new Members(body);
    addPayloadStats(members, stats, filter);
    for (const name of computedNames) {
      if (passes(filter.stats, name)) {
        addComputed(members, name, history.infos(cache.name), cache.context, filter);
      }
    }
    body.add('}}');
  }
  body.add('}}');
  return json(body.toBuffer());
}

/** The opening brace and what all these answers begin with. */
export const commonHead = (query: Query, nowMs: number): string =>
  `{"pp":${JSON.stringify(queryText(query))},"date":"${commonDate(nowMs)}"`;

export function isAskedFor(
  { name, type }: Pick<ServedCache, 'name' | 'type'>,
  { hosts, type: wanted }: CacheFilter,
): boolean {
  return (hosts === null || hosts.has(name)) && (wanted === null || wanted === type);
}

/** Members of a JSON object, separated. */
export class Members {
  readonly #body: ChunkedText;
  #separator = '';

  constructor(body: ChunkedText) {
    this.#body = body;
  }

  /** @param value JSON */
  add(name: string, value: string): void {
    this.#body.add(`${this.#separator}${JSON.stringify(name)}:${value}`);
    this.#separator = ',';
  }
}

/** The payload's statistics, as `ats.<name>`, in the order of their names. */
export function addPayloadStats(members: Members, stats: CacheHistory | null, filter: CacheFilter): void {
  if (stats === null) return;
  for (const slot of slotsAskedFor(stats, filter.stats, 'ats.')) {
    members.add(`ats.${stats.layout.names[slot] ?? ''}`, entriesText(stats, slot, filter.historyCount));
  }
}

/**
 * Slots of the statistics that are asked for, by name.
 *
 * @param prefix of published names
 */
export function* slotsAskedFor(stats: CacheHistory, filter: NameFilter, prefix: string): Generator<number> {
  if (filter.names !== null && !filter.wildcard) {
    // A few names are found faster than thousands are looked at.
    for (const name of [...filter.names].sort()) {
      const slot = name.startsWith(prefix) ? stats.slotOf(name.slice(prefix.length)) : -1;
      if (slot >= 0) yield slot;
    }
    return;
  }
  const { names, sorted } = stats.layout;
  for (const slot of sorted) if (passesPrefixed(filter, prefix, names[slot] ?? '')) yield slot;
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
