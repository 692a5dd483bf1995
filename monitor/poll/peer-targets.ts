import type { MonitorName } from '../../common/ids.ts';
import type { MonitoringConfig, MonitorServer } from '../../common/traffic-ops/monitoring.ts';

/** Another monitor, and where it is asked. */
export interface PeerTarget {
  readonly peer: MonitorName;
  readonly url: string;
}

export interface PeerPlan {
  readonly peers: readonly PeerTarget[];
  /** For people: why there are no peers, or fewer than Traffic Ops has monitors. */
  readonly warnings: readonly string[];
}

/**
 * The peers of the monitor `own` in legacy mode: all others of exactly its own status, reference 7.1. A monitor that
 * Traffic Ops does not name has none; it goes on alone, where the Go monitor refuses the whole config.
 */
export function planPeers({ monitors }: Pick<MonitoringConfig, 'monitors'>, own: MonitorName): PeerPlan {
  const status = monitors.get(own)?.status ?? '';
  if (status === '') return { peers: [], warnings: [monitors.has(own) ? noStatus(own) : notNamed(own)] };
  const others = [...monitors.values()].filter(
    ({ name, ...other }) => name !== own && other.status === status,
  );
  const peers: PeerTarget[] = [];
  const warnings: string[] = [];
  for (const monitor of others) {
    const url = crStatesUrl(monitor.fqdn, monitor.port, 'raw');
    if (url === null) warnings.push(noAddress(monitor));
    else peers.push({ peer: monitor.name, url });
  }
  return { peers, warnings };
}

/**
 * Always plain HTTP (D53); null: the address makes no URL.
 *
 * @param host a name or an address, IPv6 without brackets
 */
export function crStatesUrl(host: string, port: number, view: 'raw' | 'local'): string | null {
  const base = monitorUrl(host, port);
  return base === null ? null : `${base}/publish/CrStates?${view}`;
}

/** The same without a path. */
export function monitorUrl(host: string, port: number): string | null {
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return host !== '' && port > 0 && URL.canParse(url) ? url : null;
}

const notNamed = (own: MonitorName): string =>
  `this monitor, "${own}", is not among the trafficMonitors of the monitoring config: it polls all caches, but has no peers; take a snapshot that has it in Traffic Ops, or set short_hostname_override to the name it has there`;

const noStatus = (own: MonitorName): string =>
  `this monitor, "${own}", has no status in the monitoring config: it polls all caches, but has no peers; set its status in Traffic Ops`;

const noAddress = ({ name, fqdn, port }: MonitorServer): string =>
  `monitor "${name}" is no peer: "${fqdn}:${port}" is no address; correct it in Traffic Ops`;
