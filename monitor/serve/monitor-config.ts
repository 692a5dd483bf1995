import type { CacheServer, MonitoringConfig, Profile } from '../../common/traffic-ops/monitoring.ts';

/** `/api/monitor-config`: the monitoring config in force, in the Go monitor's shape, reference 9.15. */
export function monitorConfig(config: MonitoringConfig): string {
  return JSON.stringify({
    TrafficServer: mapped(config.caches, cacheServer),
    CacheGroup: mapped(config.cachegroups, (coordinates, name) => ({ name, coordinates })),
    Config: Object.fromEntries(config.parameters),
    TrafficMonitor: mapped(config.monitors, ({ name, port, ip6, ip, fqdn, profile, cachegroup, status }) => ({
      port,
      ip6,
      ip,
      hostName: name,
      fqdn,
      profile,
      cachegroup,
      status,
    })),
    DeliveryService: mapped(config.deliveryServices, (deliveryService) => ({
      xmlId: deliveryService.xmlId,
      TotalTpsThreshold: deliveryService.totalTpsThreshold,
      status: deliveryService.status,
      TotalKbpsThreshold: deliveryService.totalKbpsThreshold,
      topology: deliveryService.topology,
      type: deliveryService.type,
      ...unlessEmpty('hostRegexes', deliveryService.hostRegexes),
    })),
    Profile: mapped(config.profiles, profile),
    Topology: config.topologies.size === 0 ? null : mapped(config.topologies, (nodes) => ({ nodes })),
  });
}

function cacheServer(server: CacheServer): unknown {
  const { name, fqdn, status, cachegroup, port, httpsPort, type, hashId, deliveryServices, interfaces } =
    server;
  return {
    cachegroup,
    ...unlessEmpty(
      'deliveryServices',
      deliveryServices.map((xmlId) => ({ xmlId })),
    ),
    fqdn,
    hashId,
    hostName: name,
    ...(httpsPort === 0 ? {} : { httpsPort }),
    interfaces: interfaces.map(({ addresses, maxBandwidth, monitor, mtu, name: interfaceName }) => ({
      ipAddresses: addresses,
      maxBandwidth,
      monitor,
      mtu,
      name: interfaceName,
    })),
    port,
    profile: server.profile,
    status,
    type,
  };
}

function profile({ name, type, thresholds, ...parameters }: Profile): unknown {
  const byStat = thresholds.map(({ stat, value, comparator }) => [
    stat,
    { Val: value, Comparator: comparator },
  ]);
  const free = thresholds.find(({ stat }) => stat === 'availableBandwidthInKbps');
  return {
    parameters: {
      'health.connection.timeout': parameters.connectionTimeoutMs,
      'health.polling.url': parameters.pollingUrl,
      'health.polling.format': parameters.pollingFormat,
      'health.polling.type': parameters.pollingType,
      'history.count': parameters.historyCount,
      MinFreeKbps: Math.trunc(free?.value ?? 0),
      ...(byStat.length === 0 ? {} : { health_threshold: Object.fromEntries(byStat) }),
    },
    name,
    type,
  };
}

const mapped = <K extends string, V>(
  map: ReadonlyMap<K, V>,
  convert: (value: V, key: K) => unknown,
): unknown => Object.fromEntries([...map].map(([key, value]) => [key, convert(value, key)]));

const unlessEmpty = (key: string, list: readonly unknown[]): Record<string, unknown> =>
  list.length === 0 ? {} : { [key]: list };
