/**
 * The caches that the page knows: reads the table, keeps one object a cache, picks and sorts what is to be shown. Pure
 * but for the objects that it changes in place, so that 5,000 caches cost a few milliseconds.
 * @import { Cache, CacheFilter, CacheTableDocument, Condition, SortKey } from '../types.ts'
 */
import { shareOf } from './format.js';

/** Worst first. */
const RANK = { down: 0, waiting: 1, out: 2, available: 3 };

/** @param {string} state @param {string} status @returns {Condition} */
export function conditionOf(state, status) {
  if (state === 'available') return 'available';
  if (status !== 'REPORTED' && status !== 'ONLINE') return 'out';
  return state === 'down' ? 'down' : 'waiting';
}

export class CacheTable {
  /** @type {Map<string, Cache>} */
  #caches = new Map();

  /** @returns {readonly Cache[]} */
  get all() {
    return [...this.#caches.values()];
  }

  /** @param {string} name */
  get(name) {
    return this.#caches.get(name);
  }

  /** Takes over a table; caches that stay keep their object.
   * @param {CacheTableDocument} document @param {number} nowMs */
  update({ fields, cachegroups, rows }, nowMs) {
    const at = Object.fromEntries(fields.map((field, index) => [field, index]));
    /** @type {(row: unknown[], field: string) => any} */
    const cell = (row, field) => row[at[field] ?? -1];
    const before = this.#caches;
    /** @type {Map<string, Cache>} */
    const caches = new Map();
    for (const row of rows) {
      const name = String(cell(row, 'name'));
      const known = before.get(name);
      const status = String(cell(row, 'status'));
      const condition = conditionOf(cell(row, 'state'), status);
      const own = cell(row, 'own');
      const isDisputed = own !== null && own !== (condition === 'available');
      const cache = known ?? newCache(name);
      if (known !== undefined && known.condition !== condition) cache.changedMs = nowMs;
      const cachegroup = cachegroups[cell(row, 'cachegroup')] ?? '';
      const type = String(cell(row, 'type'));
      const reason = String(cell(row, 'reason'));
      if (
        cache.reason !== reason ||
        cache.cachegroup !== cachegroup ||
        cache.status !== status ||
        cache.isDisputed !== isDisputed ||
        cache.type !== type
      ) {
        const dispute = isDisputed ? 'disputed' : '';
        cache.searched = `${name} ${cachegroup} ${type} ${status} ${reason} ${dispute}`.toLowerCase();
      }
      Object.assign(cache, { cachegroup, type, status, condition, isDisputed, reason });
      cache.ipv4 = cell(row, 'ipv4');
      cache.ipv6 = cell(row, 'ipv6');
      cache.loadAverage = cell(row, 'loadAverage');
      cache.kbps = cell(row, 'kbps');
      cache.capacityKbps = cell(row, 'capacityKbps');
      cache.connections = cell(row, 'connections');
      cache.healthMs = cell(row, 'healthMs');
      cache.lastPollMs = cell(row, 'lastPollMs');
      caches.set(name, cache);
    }
    this.#caches = caches;
  }
}

/** @param {string} name @returns {Cache} */
function newCache(name) {
  return {
    name,
    cachegroup: '',
    type: '',
    status: '',
    condition: 'waiting',
    isDisputed: false,
    ipv4: null,
    ipv6: null,
    loadAverage: null,
    kbps: null,
    capacityKbps: 0,
    connections: 0,
    healthMs: 0,
    lastPollMs: null,
    reason: '',
    searched: name.toLowerCase(),
    changedMs: 0,
  };
}

/** Those that pass the filter, in its order.
 * @param {readonly Cache[]} caches @param {CacheFilter} filter
 * @param {(cachegroup: string) => string} [pollerOf] group that polls a cachegroup
 * @returns {Cache[]} */
export function pick(caches, filter, pollerOf = () => '') {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const passing = caches.filter(
    (cache) =>
      (filter.condition === '' || cache.condition === filter.condition) &&
      (filter.cachegroup === '' || cache.cachegroup === filter.cachegroup) &&
      (filter.type === '' || cache.type === filter.type) &&
      words.every((word) => cache.searched.includes(word)),
  );
  const value = sortValue(filter.sort, pollerOf);
  const sign = filter.descending ? -1 : 1;
  return passing.sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    // What is not known comes last, whichever the order.
    if (x === null || y === null) return x === y ? byName(a, b) : x === null ? 1 : -1;
    if (x === y) return byName(a, b);
    return x < y ? -sign : sign;
  });
}

/** @param {Cache} a @param {Cache} b */
const byName = (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

/** @param {SortKey} key @param {(cachegroup: string) => string} pollerOf
 * @returns {(cache: Cache) => string | number | null} */
function sortValue(key, pollerOf) {
  switch (key) {
    case 'condition':
      return ({ condition }) => RANK[condition];
    case 'use':
      return ({ kbps, capacityKbps }) => shareOf(kbps, capacityKbps);
    case 'polledBy':
      return ({ cachegroup }) => pollerOf(cachegroup);
    default:
      return (cache) => cache[key];
  }
}

/** How many there are of each, for the filters and the strip of cachegroups.
 * @param {readonly Cache[]} caches */
export function tally(caches) {
  /** @type {Record<Condition, number>} */
  const conditions = { down: 0, waiting: 0, out: 0, available: 0 };
  /** @type {Map<string, { all: number, available: number, down: number }>} */
  const cachegroups = new Map();
  const types = new Set();
  for (const { condition, cachegroup, type } of caches) {
    conditions[condition]++;
    types.add(type);
    const group = cachegroups.get(cachegroup) ?? { all: 0, available: 0, down: 0 };
    cachegroups.set(cachegroup, group);
    group.all++;
    if (condition === 'available') group.available++;
    else if (condition === 'down') group.down++;
  }
  return { all: caches.length, conditions, cachegroups, types: [...types].sort() };
}
