import { ChunkedText } from '../stats/chunked-text.ts';
import { computedNames } from '../stats/computed-texts.ts';
import { interfaceStats } from '../stats/interface-history.ts';
import type { StatHistory } from '../stats/stat-history.ts';
import {
  addComputed,
  addPayloadStats,
  commonHead,
  interfaceText,
  isAskedFor,
  Members,
  type ServedCache,
} from './cache-stats-new.ts';
import type { Query } from './query.ts';
import { badRequest, json, type Reply } from './reply.ts';
import { cacheFilter, passes } from './stat-filters.ts';

const interfaceNames: ReadonlySet<string> = new Set(interfaceStats);

/** What follows the payload's statistics, all of which sort before them as `ats.…`. */
const names: readonly string[] = [...interfaceStats, ...computedNames].sort();

/**
 * `/publish/CacheStats`: reference 9.8. The statistics of the service interface stand among the others; a cache that
 * has none, or whose payloads name other interfaces only, is left out.
 *
 * @param caches by name
 */
export function cacheStats(
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
    const { serviceInterface, context } = cache;
    if (serviceInterface === null || !isAskedFor(cache, filter)) continue;
    const stats = history.of(cache.name);
    const interfaces = stats?.interfaces;
    if (interfaces !== undefined && interfaces.names.length > 0 && !interfaces.has(serviceInterface))
      continue;
    body.add(`${separator}${JSON.stringify(cache.name)}:{`);
    separator = ',';
    const members = new Members(body);
    addPayloadStats(members, stats, filter);
    for (const name of names) {
      if (!interfaceNames.has(name)) {
        if (passes(filter.stats, name))
          addComputed(members, name, history.infos(cache.name), context, filter);
      } else if (interfaces?.has(serviceInterface) && passes(filter.interfaceStats, name)) {
        const stat = interfaceStats.find((known) => known === name) ?? 'speed';
        members.add(name, interfaceText(interfaces.entries(serviceInterface, stat), filter.historyCount));
      }
    }
    body.add('}');
  }
  body.add('}}');
  return json(body.toBuffer());
}
