import { type CacheType, cacheTypeOf } from '../../common/traffic-ops/monitoring.ts';
import { type DeliveryServiceType, typeOf } from '../stats/snapshot-regexes.ts';
import { type Query, queryProblem } from './query.ts';

/** Which statistics an answer holds. */
export interface NameFilter {
  /** Names asked for; null: not restricted. */
  readonly names: ReadonlySet<string> | null;
  /** A name matches if it contains one of those asked for. */
  readonly wildcard: boolean;
}

/** What CacheStats, CacheStatsNew and StatSummary are asked for: reference 9.6. */
export interface CacheFilter {
  /** Values of each statistic; Infinity: all. */
  readonly historyCount: number;
  readonly stats: NameFilter;
  /** Interface statistics, by name (D54); never with wildcards. */
  readonly interfaceStats: NameFilter;
  /** null: all. */
  readonly type: CacheType | null;
  /** null: all. */
  readonly hosts: ReadonlySet<string> | null;
}

/** What DsStats is asked for: reference 9.9. */
export interface ServiceFilter {
  readonly stats: NameFilter;
  /** null: all. */
  readonly type: DeliveryServiceType | null;
  /** null: all. */
  readonly names: ReadonlySet<string> | null;
}

/** What PeerStates and DistributedPeerStates are asked for: reference 9.11. */
export interface PeerFilter {
  /** Names of caches. */
  readonly caches: NameFilter;
  /** null: all. */
  readonly type: CacheType | null;
  /** null: all. */
  readonly peers: ReadonlySet<string> | null;
}

/** Why a query cannot be answered. */
export interface FilterProblem {
  readonly problem: string;
}

const cacheKeys = ['hc', 'stats', 'interfaceStats', 'wildcard', 'type', 'hosts', 'cache'];
const peerKeys = ['hc', 'stats', 'wildcard', 'type', 'peers'];
const serviceKeys = ['hc', 'stats', 'wildcard', 'type', 'deliveryservices'];

/**
 * @param argument what follows the route in the path: one more host
 * An empty value restricts nothing (D55): the Go monitor takes the key for the name of a host.
 */
export function cacheFilter(query: Query, argument: string): CacheFilter | FilterProblem {
  const problem = queryProblem(query, cacheKeys, cacheKeys.length);
  if (problem !== null) return { problem };
  const first = (key: string): string => query.get(key)?.[0] ?? '';
  const type = cacheTypeFilter(first('type'));
  if (type !== null && typeof type === 'object') return type;
  const hosts = [...list(first('hosts')), ...list(first('cache')), ...(argument === '' ? [] : [argument])];
  const stats = list(first('stats'));
  const interfaceStats = list(first('interfaceStats'));
  return {
    historyCount: historyCount(first('hc')),
    stats: { names: setOrNull(stats), wildcard: goBoolean(first('wildcard')) },
    interfaceStats: { names: setOrNull(interfaceStats), wildcard: false },
    type,
    hosts: setOrNull(hosts),
  };
}

/**
 * @param argument what follows the route in the path: one more peer
 * An empty value restricts nothing, as in `cacheFilter` (D55). `hc` has no effect.
 */
export function peerFilter(query: Query, argument: string): PeerFilter | FilterProblem {
  const problem = queryProblem(query, peerKeys, peerKeys.length);
  if (problem !== null) return { problem };
  const first = (key: string): string => query.get(key)?.[0] ?? '';
  const type = cacheTypeFilter(first('type'));
  if (type !== null && typeof type === 'object') return type;
  return {
    caches: { names: setOrNull(list(first('stats'))), wildcard: goBoolean(first('wildcard')) },
    type,
    peers: setOrNull([...list(first('peers')), ...(argument === '' ? [] : [argument])]),
  };
}

/**
 * @param argument what follows the route in the path: one more delivery service
 * An empty value is taken as the Go monitor takes it (D55): its key is the name of a delivery service. An empty list
 * of Traffic Stats must not get everything: what it cannot read would break its parser.
 */
export function serviceFilter(query: Query, argument: string): ServiceFilter | FilterProblem {
  const problem = queryProblem(query, serviceKeys, serviceKeys.length);
  if (problem !== null) return { problem };
  const first = (key: string): string | undefined => query.get(key)?.[0];
  const typeText = first('type');
  const type = typeText === undefined ? null : typeOf(typeText);
  if (type === null && typeText !== undefined) return { problem: typeProblem(typeText, 'http, dns') };
  const names = first('deliveryservices')?.split(',') ?? [];
  if (argument !== '') names.push(argument);
  for (const [key, values] of query) if (values.length === 1 && values[0] === '') names.push(key);
  return {
    stats: {
      names: setOrNull(first('stats')?.split(',') ?? []),
      wildcard: goBoolean(first('wildcard') ?? ''),
    },
    type,
    names: setOrNull(names),
  };
}

/**
 * The query by which another monitor is asked the same about those of its caches that are wanted.
 *
 * @param caches that it is to tell of; they are named only if the filter names caches
 */
export function filterQuery(filter: CacheFilter, caches: Iterable<string>): string {
  const { historyCount, stats, interfaceStats, type, hosts } = filter;
  const query = new URLSearchParams();
  query.set('hc', Number.isFinite(historyCount) ? String(historyCount) : '0');
  if (stats.names !== null) query.set('stats', [...stats.names].join());
  if (stats.wildcard) query.set('wildcard', '1');
  if (interfaceStats.names !== null) query.set('interfaceStats', [...interfaceStats.names].join());
  if (type !== null) query.set('type', type.toLowerCase());
  if (hosts !== null) query.set('hosts', [...caches].join());
  return query.toString();
}

/** Whether a statistic of this name is asked for. */
export function passes({ names, wildcard }: NameFilter, name: string): boolean {
  if (names === null || names.has(name)) return true;
  if (wildcard) for (const part of names) if (name.includes(part)) return true;
  return false;
}

/** The same for `prefix + name`, which is not put together for each of a million names. */
export function passesPrefixed({ names, wildcard }: NameFilter, prefix: string, name: string): boolean {
  if (names === null) return true;
  for (const part of names) {
    if (wildcard && name.includes(part)) return true;
    if (part.startsWith(prefix) && name === part.slice(prefix.length)) return true;
    if (wildcard) {
      for (let at = 0; at < prefix.length; at++) {
        const inPrefix = prefix.slice(at);
        if (inPrefix.startsWith(part)) return true;
        if (part.startsWith(inPrefix) && name.startsWith(part.slice(inPrefix.length))) return true;
      }
    }
  }
  return false;
}

const list = (text: string): string[] => text.split(',').filter((name) => name !== '');

/** null: all types. */
function cacheTypeFilter(text: string): CacheType | null | FilterProblem {
  if (text === '') return null;
  const type = cacheTypeOf(text);
  return type === 'invalid' ? { problem: typeProblem(text, 'edge, mid') } : type;
}

const typeProblem = (type: string, valid: string): string =>
  `invalid query parameter type '${type}' - valid types are: {${valid}}`;

const setOrNull = (names: readonly string[]): ReadonlySet<string> | null =>
  names.length === 0 ? null : new Set(names);

/** 0 means all; what is no count means 1. */
function historyCount(text: string): number {
  if (!/^\+?\d{1,18}$/.test(text)) return 1;
  const count = Number(text);
  return count === 0 ? Number.POSITIVE_INFINITY : count;
}

/** Truths of Go's `strconv.ParseBool`. */
const goBoolean = (text: string): boolean => ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text);
