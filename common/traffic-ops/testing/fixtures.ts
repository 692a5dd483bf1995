/** Documents as Traffic Ops sends them, small and made up. */

export const CDN = 'test-cdn';
export const MONITOR = 'tm-1';

type Json = Record<string, unknown>;

/** @param changes laid over the top level */
export function monitoringDocument(changes: Json = {}): Json {
  return {
    trafficServers: [
      {
        hostname: 'edge-1',
        hashid: 'edge-1',
        fqdn: 'edge-1.cdn.test',
        cachegroup: 'cg-1',
        profile: 'EDGE1',
        status: 'REPORTED',
        type: 'EDGE',
        port: 80,
        interfaces: [
          {
            name: 'eth0',
            mtu: 1500,
            monitor: true,
            maxBandwidth: null,
            ipAddresses: [{ address: '192.0.2.1/24', gateway: null, serviceAddress: true }],
          },
        ],
        deliveryServices: [{ xmlId: 'demo' }],
      },
    ],
    trafficMonitors: [
      {
        hostname: MONITOR,
        fqdn: 'tm-1.cdn.test',
        ip: '192.0.2.9',
        ip6: '',
        port: 80,
        profile: 'RASCAL1',
        cachegroup: 'cg-1',
        status: 'ONLINE',
      },
    ],
    cacheGroups: [{ name: 'cg-1', coordinates: { latitude: 38.9, longitude: -77.03 } }],
    profiles: [
      {
        name: 'EDGE1',
        type: 'ATS_PROFILE',
        parameters: {
          'health.connection.timeout': 2000,
          'health.polling.url': 'http://${hostname}/_astats?application=&inf.name=${interface_name}',
          'history.count': 30,
          'health.threshold.loadavg': '25.0',
          'health.threshold.availableBandwidthInKbps': '>1750000',
        },
      },
      { name: 'RASCAL1', type: 'TM_PROFILE', parameters: null },
    ],
    deliveryServices: [
      { xmlId: 'demo', type: 'HTTP', topology: '', hostRegexes: ['.*\\.demo\\..*'], totalTpsThreshold: 0 },
    ],
    topologies: { 'topo-1': { nodes: ['cg-1'] } },
    config: { 'peers.polling.interval': 3000, 'health.polling.interval': 6000, 'tm.polling.interval': 20 },
    ...changes,
  };
}

/** The monitoring config as the Go Traffic Monitor writes it to its backup file. */
export function goMonitoringBackup(): Json {
  const document = monitoringDocument();
  return {
    ...document,
    trafficServers: [{ ...cacheOf(document), hostName: 'edge-1', hostname: undefined, hashId: 'edge-1' }],
    profiles: [
      {
        name: 'EDGE1',
        type: 'ATS_PROFILE',
        parameters: {
          'health.connection.timeout': 2000,
          'health.polling.url': 'http://${hostname}/_astats?application=&inf.name=${interface_name}',
          'health.polling.format': '',
          'health.polling.type': '',
          'history.count': 30,
          MinFreeKbps: 1750000,
          health_threshold: {
            loadavg: { Val: 25, Comparator: '<' },
            availableBandwidthInKbps: { Val: 1750000, Comparator: '>' },
          },
        },
      },
    ],
  };
}

function cacheOf(document: Json): Json {
  const servers = document['trafficServers'];
  return Array.isArray(servers) ? servers[0] : {};
}

/** JSON text of a CDN snapshot, with what decoding and encoding it anew would lose. */
export function crConfigText(date: number, cdn = CDN): string {
  return `{ "stats":{"date":${date},"CDN_name":"${cdn}","tm_host":"to.test","tm_user":"admin"},
 "futureKey": [1.00000000001, 1e2, "\\u00e9"], "contentServers":{}}`;
}

/** The same with so many caches. */
export function monitoringWithCaches(count: number): Json {
  const [pattern] = monitoringDocument()['trafficServers'] as readonly Json[];
  const trafficServers = Array.from({ length: count }, (_, index) => ({
    ...pattern,
    hostname: `edge-${index + 1}`,
    hashid: `edge-${index + 1}`,
  }));
  return monitoringDocument({ trafficServers });
}
