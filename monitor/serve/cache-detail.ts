import { cacheName } from '../../common/ids.ts';
import type { NetworkInterface } from '../../common/traffic-ops/monitoring.ts';
import type { CacheState, PollerState } from '../health/cache-state.ts';
import type { RecentPolls } from '../health/recent-polls.ts';
import { interfaceVitals } from '../health/vitals.ts';
import { interfaceStatus, statusText } from './cache-statuses.ts';
import type { CacheTableSource } from './cache-table.ts';
import type { Query } from './query.ts';
import { json, type Reply } from './reply.ts';

/** `/api/cache?name=NAME`: all that is known of one cache. Ours, never gated. */
export function cacheDetail(query: Query, source: CacheTableSource): Reply {
  const name = query.get('name')?.[0];
  if (name === undefined) return refusal(400, 'name the cache: /api/cache?name=NAME');
  const state = source.caches.find(({ subject }) => subject.name === name);
  if (state === undefined) return refusal(404, `no cache is called "${name}"`);
  const { subject, health, stat, verdict } = state;
  const { server } = subject;
  return json(
    JSON.stringify({
      name: subject.name,
      fqdn: server.fqdn,
      port: server.port,
      cachegroup: server.cachegroup,
      profile: server.profile,
      type: server.type,
      status: server.status,
      deliveryServices: subject.deliveryServices,
      // As routers are told, and as this monitor's own polls say.
      isAvailable: source.isAvailable(state) || (verdict === null ? null : false),
      own:
        verdict === null
          ? null
          : {
              isAvailable: verdict.isAvailable,
              ipv4Available: verdict.ipv4Available,
              ipv6Available: verdict.ipv6Available,
              reason: statusText(state),
              poller: state.judgedBy,
              timeMs: state.lastPollMs,
              // Whose word it is; null: that of this monitor's polls, or of the config.
              from: state.source?.kind === 'received' ? state.source.from : null,
              receivedMs: state.source?.kind === 'received' ? state.source.receivedMs : null,
            },
      isPolledHere: state.isDirect,
      hasIpv4: subject.hasIpv4,
      hasIpv6: subject.hasIpv6,
      loadAverage: health.vitals?.loadAverage ?? null,
      kbps: state.isDirect ? (health.vitals?.kbpsOut ?? null) : source.kbpsElsewhere(state),
      capacityKbps: source.capacityKbps(state),
      connections: state.connections,
      health: pollerDetail(health),
      stat: pollerDetail(stat),
      thresholds: [...subject.computedThresholds, ...subject.rawThresholds],
      interfaces: server.interfaces.map((each) => interfaceDetail(each, state)),
    }),
  );
}

/** `/api/cache-history?cache=NAME`: the latest health polls of one cache, oldest first. Ours, never gated. */
export function cacheHistory(query: Query, recent: RecentPolls): Reply {
  const name = query.get('cache')?.[0];
  if (name === undefined) return refusal(400, 'name the cache: /api/cache-history?cache=NAME');
  return json(JSON.stringify({ cache: name, polls: recent.of(cacheName(name)) }));
}

const refusal = (status: number, text: string): Reply => ({
  status,
  contentType: 'text/plain; charset=utf-8',
  body: `${text}\n`,
});

const pollerDetail = ({ last, spanMs, goodDurationMs, goodPolls }: PollerState) => ({
  lastMs: last?.endMs ?? null,
  error: last?.error ?? null,
  spanMs: Math.round(spanMs),
  goodDurationMs: Math.round(goodDurationMs),
  goodPolls,
});

function interfaceDetail(networkInterface: NetworkInterface, state: CacheState) {
  const { name, monitor, maxBandwidth, addresses } = networkInterface;
  const { vitals } = state.health;
  const { status, available, bandwidth_kbps: kbps } = interfaceStatus(networkInterface, state);
  return {
    name,
    isMonitored: monitor,
    status,
    isAvailable: available,
    kbps,
    speedKbps: vitals === null ? null : (interfaceVitals(vitals, name)?.maxKbps ?? null),
    maxBandwidthKbps: maxBandwidth,
    addresses: addresses.map(({ address, serviceAddress }) => ({ address, isService: serviceAddress })),
  };
}
