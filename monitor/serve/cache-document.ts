import type { CacheName } from '../../common/ids.ts';
import { type CacheType, statusOf } from '../../common/traffic-ops/monitoring.ts';
import { serviceAddressesOf } from '../../common/traffic-ops/service-addresses.ts';
import type { CacheState } from '../health/cache-state.ts';
import type { CacheHistory } from '../stats/cache-history.ts';
import type { ComputedContext } from '../stats/computed-texts.ts';
import type { StatHistory } from '../stats/stat-history.ts';
import { commonDate } from './json-text.ts';
import { type AskedMonitor, type Frame, mergedPieces } from './merged-pieces.ts';
import { type Query, queryText } from './query.ts';
import { badRequest, json, type Reply } from './reply.ts';
import { type CacheFilter, cacheFilter, type NameFilter, passesPrefixed } from './stat-filters.ts';
import { TextPieces } from './text-pieces.ts';

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

/** A route that tells of each cache: CacheStats, CacheStatsNew, StatSummary. */
export interface CacheDocument {
  readonly path: string;
  /** Where `pp` and `date` stand. */
  readonly commonPlace: 'first' | 'last';
  tellsOf(cache: ServedCache, history: StatHistory): boolean;
  /** Adds the JSON of a cache to `text`, and yields what is full. */
  write(text: TextPieces, cache: ServedCache, history: StatHistory, filter: CacheFilter): Generator<string>;
}

/** What such an answer is made from. */
export interface CacheQuestion {
  readonly query: Query;
  /** What follows the route in the path. */
  readonly argument: string;
  /** By name. */
  readonly caches: readonly ServedCache[];
  readonly history: StatHistory;
  readonly nowMs: number;
  /** Who else is to be asked, for which of these caches; nobody in legacy mode. */
  readonly others: (
    document: CacheDocument,
    caches: readonly ServedCache[],
    filter: CacheFilter,
  ) => readonly AskedMonitor[];
}

/** The answer: 400 if the filter cannot be understood. */
export function cacheDocument(document: CacheDocument, question: CacheQuestion): Reply {
  const filter = cacheFilter(question.query, question.argument);
  if ('problem' in filter) return badRequest(filter.problem);
  const caches = question.caches.filter((cache) => isAskedFor(cache, filter));
  const others = question.others(document, caches, filter);
  const frame = frameOf(document, question);
  const pieces =
    others.length === 0
      ? framed(frame, cacheMembers(document, { ...question, caches }, filter))
      : mergedPieces(frame, others, (names) => {
          const own = caches.filter(({ name }) => !names.has(name));
          return cacheMembers(document, { ...question, caches: own }, filter);
        });
  return json({ pieces });
}

/**
 * The same for another monitor, which puts its own around it: a line for each cache that this one polls, and is asked
 * for.
 */
export function cacheLines(document: CacheDocument, question: CacheQuestion): Reply {
  const filter = cacheFilter(question.query, question.argument);
  if ('problem' in filter) return badRequest(filter.problem);
  const { history } = question;
  const caches = question.caches.filter((cache) => isAskedFor(cache, filter) && history.knows(cache.name));
  const members = cacheMembers(document, { caches, history }, filter, '}\n{');
  return { status: 200, contentType: 'application/x-ndjson', body: { pieces: linesOf(members) } };
}

function* linesOf(members: Iterable<string>): Generator<string> {
  let isBegun = false;
  for (const piece of members) {
    if (piece === '') continue;
    yield isBegun ? piece : `{${piece}`;
    isBegun = true;
  }
  if (isBegun) yield '}\n';
}

function frameOf({ commonPlace }: CacheDocument, { query, nowMs }: CacheQuestion): Frame {
  const common = `"pp":${JSON.stringify(queryText(query))},"date":"${commonDate(nowMs)}"`;
  return commonPlace === 'first'
    ? { head: `{${common},"caches":{`, tail: '}' }
    : { head: '{"caches":{', tail: `},${common}` };
}

function* framed({ head, tail }: Frame, members: Iterable<string>): Generator<string> {
  yield head;
  yield* members;
  yield `${tail}}`;
}

/**
 * The members of the caches, `"name":{…}`, in pieces.
 *
 * @param separator between two of them
 */
export function* cacheMembers(
  document: CacheDocument,
  { caches, history }: Pick<CacheQuestion, 'caches' | 'history'>,
  filter: CacheFilter,
  separator = ',',
): Generator<string> {
  const text = new TextPieces();
  let before = '';
  for (const cache of caches) {
    if (!document.tellsOf(cache, history)) continue;
    text.add(`${before}${JSON.stringify(cache.name)}:`);
    before = separator;
    yield* document.write(text, cache, history, filter);
    if (text.isFull) yield text.take();
  }
  yield text.take();
}

export const isAskedFor = ({ name, type }: ServedCache, { hosts, type: wanted }: CacheFilter): boolean =>
  (hosts === null || hosts.has(name)) && (wanted === null || wanted === type);

/**
 * Slots of the statistics that are asked for, by name. Between two of them a new payload may have come in: a slot is
 * one of the present layout.
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
  const { layout } = stats;
  for (const planned of layout.sorted) {
    const name = layout.names[planned] ?? '';
    if (!passesPrefixed(filter, prefix, name)) continue;
    const slot = stats.layout === layout ? planned : stats.slotOf(name);
    if (slot >= 0) yield slot;
  }
}
