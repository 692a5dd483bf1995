import type { NetworkInterface } from '../../common/traffic-ops/monitoring.ts';
import type { CacheState } from '../health/cache-state.ts';

/** `/api/cache-statuses`: reference 9.15. */
export function cacheStatuses(caches: readonly CacheState[]): string {
  return JSON.stringify(Object.fromEntries(caches.map((state) => [state.subject.name, cacheStatus(state)])));
}

function cacheStatus(state: CacheState): Record<string, unknown> {
  const { subject, vitals, verdict } = state;
  const isOnline = subject.status === 'ONLINE';
  const isGood = state.last !== null && state.last.error === null;
  return {
    type: subject.type === 'invalid' ? '' : subject.type,
    load_average: isGood ? (vitals?.loadAverage ?? 0) : 0,
    query_time_ms: Math.round(state.spanMs),
    health_time_ms: Math.round(state.goodDurationMs),
    stat_time_ms: 0,
    stat_span_ms: 0,
    health_span_ms: Math.round(state.spanMs),
    status: isOnline ? 'ONLINE - available' : (verdict?.status ?? ''),
    status_poller: isOnline || state.last === null ? 'unknown' : 'health',
    bandwidth_kbps: isGood ? (vitals?.kbpsOut ?? 0) : 0,
    bandwidth_capacity_kbps: state.capacityKbps,
    connection_count: state.connections,
    ipv4_available: verdict?.ipv4Available ?? false,
    ipv6_available: verdict?.ipv6Available ?? false,
    combined_available: verdict?.isAvailable ?? false,
    interfaces: Object.fromEntries(
      subject.server.interfaces.map((networkInterface) => [
        networkInterface.name,
        interfaceStatus(networkInterface, state),
      ]),
    ),
  };
}

function interfaceStatus(networkInterface: NetworkInterface, state: CacheState): Record<string, unknown> {
  if (state.subject.status === 'ONLINE') {
    return {
      status: 'available - server ONLINE',
      status_poller: 'unknown',
      bandwidth_kbps: 0,
      available: true,
    };
  }
  const { last } = state;
  const error = last?.error ?? null;
  const found = error === null ? state.vitals?.interfaces.get(networkInterface.name) : undefined;
  const problem = interfaceProblem(networkInterface, found?.kbpsOut ?? null, last !== null);
  return {
    status: problem === null ? 'available' : error === null ? problem : `${problem}; ${error}`,
    status_poller: last === null ? 'unknown' : 'health',
    bandwidth_kbps: found?.kbpsOut ?? 0,
    available: problem === null,
  };
}

function interfaceProblem(
  { monitor, maxBandwidth }: NetworkInterface,
  kbpsOut: number | null,
  isPolled: boolean,
): string | null {
  if (!isPolled) return 'unavailable - interface not found';
  // The Go monitor says that it did not find what it was told not to look at (D70).
  if (!monitor) return 'not monitored';
  if (kbpsOut === null) return 'not found in health polling data';
  return maxBandwidth !== null && kbpsOut > maxBandwidth ? 'maximum bandwidth exceeded' : null;
}
