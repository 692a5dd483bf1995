import { computedNames } from '../stats/computed-texts.ts';
import { interfaceStats } from '../stats/interface-history.ts';
import type { CacheDocument } from './cache-document.ts';
import { addComputed, interfaceText, writePayloadStats } from './cache-stats-new.ts';
import { passes } from './stat-filters.ts';
import { Members } from './text-pieces.ts';

const interfaceNames: ReadonlySet<string> = new Set(interfaceStats);

/** What follows the payload's statistics, all of which sort before them as `ats.…`. */
const names: readonly string[] = [...interfaceStats, ...computedNames].sort();

/**
 * `/publish/CacheStats`: reference 9.8. The statistics of the service interface stand among the others; a cache that
 * has none, or whose payloads name other interfaces only, is left out.
 */
export const cacheStats: CacheDocument = {
  path: '/publish/CacheStats',
  commonPlace: 'first',
  tellsOf({ name, serviceInterface }, history) {
    if (serviceInterface === null) return false;
    const interfaces = history.of(name)?.interfaces;
    return interfaces === undefined || interfaces.names.length === 0 || interfaces.has(serviceInterface);
  },
  *write(text, { name: cache, serviceInterface, context }, history, filter) {
    const stats = history.of(cache);
    text.add('{');
    const members = new Members(text);
    yield* writePayloadStats(text, members, stats, filter);
    const interfaces = stats?.interfaces;
    for (const name of names) {
      if (!interfaceNames.has(name)) {
        if (passes(filter.stats, name)) addComputed(members, name, history.infos(cache), context, filter);
      } else if (
        serviceInterface !== null &&
        interfaces?.has(serviceInterface) &&
        passes(filter.interfaceStats, name)
      ) {
        const stat = interfaceStats.find((known) => known === name) ?? 'speed';
        members.add(name, interfaceText(interfaces.entries(serviceInterface, stat), filter.historyCount));
      }
    }
    text.add('}');
  },
};
