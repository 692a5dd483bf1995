import type { NetworkInterface } from '../../common/traffic-ops/monitoring.ts';
import type { CacheState } from '../health/cache-state.ts';
import { interfaceVitals } from '../health/vitals.ts';

/**
 * `/api/cache-statuses`: reference 9.15.
 *
 * @param capacityKbps of a cache, by whichever polls tell it
 */
export function cacheStatuses(
  caches: readonly CacheState[],
  capacityKbps: (state: CacheState) => number,
): string {
  const statuses = caches.map((state) => [state.subject.name, cacheStatus(state, capacityKbps(state))]);
  return JSON.stringify(Object.fromEntries(statuses));
}

function cacheStatus(state: CacheState, capacityKbps: number): Record<string, unknown> {
  const { subject, health, stat, verdict } = state;
  const vitals = health.last?.error === null ? health.vitals : null;
  return {
    type: subject.type === 'invalid' ? '' : subject.type,
    load_average: vitals?.loadAverage ?? 0,
    query_time_ms: Math.round(health.spanMs),
    health_time_ms: Math.round(health.goodDurationMs),
    stat_time_ms: Math.round(stat.goodDurationMs),
    stat_span_ms: Math.round(stat.spanMs),
    health_span_ms: Math.round(health.spanMs),
    status: statusText(state),
    status_poller: state.judgedBy ?? 'unknown',
    bandwidth_kbps: vitals?.kbpsOut ?? 0,
    bandwidth_capacity_kbps: capacityKbps,
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

/** The published reason of a verdict; empty: never judged. */
export const statusText = ({ subject, verdict }: CacheState): string =>
  subject.status === 'ONLINE' ? 'ONLINE - available' : (verdict?.status ?? '');

/** What is said of one interface of the config. */
export interface InterfaceStatus {
  readonly status: string;
  readonly status_poller: string;
  readonly bandwidth_kbps: number;
  readonly available: boolean;
}

export function interfaceStatus(networkInterface: NetworkInterface, state: CacheState): InterfaceStatus {
  if (state.subject.status === 'ONLINE') {
    return {
      status: 'available - server ONLINE',
      status_poller: 'unknown',
      bandwidth_kbps: 0,
      available: true,
    };
  }
  const { last, vitals } = state.health;
  const error = last?.error ?? null;
  const found =
    error === null && vitals !== null ? interfaceVitals(vitals, networkInterface.name) : undefined;
  const problem = interfaceProblem(networkInterface, found?.kbpsOut ?? null, last !== null);
  return {
    status: problem === null ? 'available' : error === null ? problem : `${problem}; ${error}`,
    status_poller: state.judgedBy ?? 'unknown',
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
