import type { CacheState } from '../health/cache-state.ts';
import { statusText } from './cache-statuses.ts';

/** Columns of `/api/caches`, in their order. */
export const cacheTableFields = [
  'name',
  'cachegroup',
  'type',
  'status',
  'state',
  'own',
  'ipv4',
  'ipv6',
  'loadAverage',
  'kbps',
  'capacityKbps',
  'connections',
  'healthMs',
  'lastPollMs',
  'reason',
] as const;

/** In the table: as routers are told. `unknown`: nobody has polled it yet, or OFFLINE. */
export type TableState = 'available' | 'down' | 'unknown';

export interface CacheTableSource {
  readonly caches: readonly CacheState[];
  /** As routers are told. */
  readonly isAvailable: (state: CacheState) => boolean;
  readonly capacityKbps: (state: CacheState) => number;
  /** What the monitors that poll the cache say that it sends; null: they do not. */
  readonly kbpsElsewhere: (state: CacheState) => number | null;
}

/**
 * `/api/caches`: a row for every cache of the config, by name. Ours, never gated. Rows are arrays and cachegroups are
 * told by their place in a list, so that 5,000 caches are half a megabyte and a browser reads them in milliseconds.
 */
export function cacheTable({ caches, isAvailable, capacityKbps, kbpsElsewhere }: CacheTableSource): string {
  const cachegroups = new Map<string, number>();
  const rows = caches.map((state) => {
    const { subject, health, verdict } = state;
    const { cachegroup } = subject.server;
    const place = cachegroups.get(cachegroup) ?? cachegroups.size;
    cachegroups.set(cachegroup, place);
    const vitals = health.last?.error === null ? health.vitals : null;
    return [
      subject.name,
      place,
      subject.server.type,
      subject.server.status,
      tableState(state, isAvailable(state)),
      // What this monitor would tell without its peers; null: nothing yet.
      verdict?.isAvailable ?? null,
      // null: it has no such address.
      subject.hasIpv4 ? (verdict?.ipv4Available ?? false) : null,
      subject.hasIpv6 ? (verdict?.ipv6Available ?? false) : null,
      vitals?.loadAverage ?? null,
      state.isDirect ? (vitals?.kbpsOut ?? null) : kbpsElsewhere(state),
      capacityKbps(state),
      state.connections,
      Math.round(health.goodDurationMs),
      state.lastPollMs,
      statusText(state),
    ];
  });
  return JSON.stringify({ fields: cacheTableFields, cachegroups: [...cachegroups.keys()], rows });
}

function tableState({ verdict }: CacheState, isAvailable: boolean): TableState {
  if (isAvailable) return 'available';
  return verdict === null ? 'unknown' : 'down';
}
