import type { CacheName } from '../../common/ids.ts';
import {
  type CacheServer,
  type MonitoringConfig,
  type Profile,
  statusOf,
} from '../../common/traffic-ops/monitoring.ts';
import {
  type Family,
  type ServiceAddresses,
  serviceAddressesOf,
} from '../../common/traffic-ops/service-addresses.ts';
import type { PollingProtocol } from '../config/settings.ts';
import { healthUrl, statUrl } from './polling-url.ts';

/** One cache, and how it is asked. */
export interface PollTarget {
  readonly cache: CacheName;
  /** `Host` header and name in certificates; empty: the URL's host. */
  readonly fqdn: string;
  /** Payload format as the profile names it. */
  readonly format: string;
  /** For the whole poll, connect to last byte, in ms. */
  readonly timeoutMs: number;
  readonly probes: readonly Probe[];
}

/** The ways to ask a cache; with more than one they take turns. */
export type Probe =
  | { readonly kind: 'http'; readonly family: Family; readonly url: string }
  /** Asks nobody: `health.polling.type` noop. */
  | { readonly kind: 'noop'; readonly family: Family };

export interface TargetPlan {
  readonly targets: readonly PollTarget[];
  /** Caches that ought to be polled but cannot be, and why (D5, D20). */
  readonly unpollable: ReadonlyMap<CacheName, string>;
  /** Oddities in the config that do not keep a cache from being polled. */
  readonly warnings: readonly string[];
}

const DEFAULT_TIMEOUT_MS = 2000;
const LONGEST_TIMEOUT_MS = 600_000;

/** Whom to poll under `config`: caches that are REPORTED or ADMIN_DOWN, reference 3.1. */
export function planTargets(config: MonitoringConfig, protocol: PollingProtocol): TargetPlan {
  const targets: PollTarget[] = [];
  const unpollable = new Map<CacheName, string>();
  for (const server of config.caches.values()) {
    const status = statusOf(server.status);
    if (status !== 'REPORTED' && status !== 'ADMIN_DOWN') continue;
    const profile = config.profiles.get(server.profile);
    const planned = profile === undefined ? noProfile(server) : planTarget(server, profile, protocol);
    if (typeof planned === 'string') unpollable.set(server.name, planned);
    else targets.push(planned);
  }
  return { targets, unpollable, warnings: [...config.profiles.values()].flatMap(profileWarnings) };
}

/** Equal targets need no new connection: only a cache whose plan changed is started afresh. Reference 3.2. */
export const sameTarget = (a: PollTarget, b: PollTarget): boolean =>
  a === b ||
  (a.cache === b.cache &&
    a.fqdn === b.fqdn &&
    a.format === b.format &&
    a.timeoutMs === b.timeoutMs &&
    a.probes.length === b.probes.length &&
    a.probes.every((probe, index) => sameProbe(probe, b.probes[index])));

const sameProbe = (a: Probe, b: Probe | undefined): boolean =>
  a.kind === b?.kind &&
  a.family === b.family &&
  (a.kind === 'noop' || (b.kind === 'http' && a.url === b.url));

const noProfile = (server: CacheServer): string =>
  `cannot be polled: its profile "${server.profile}" is missing in the Traffic Ops monitoring config`;

function planTarget(server: CacheServer, profile: Profile, protocol: PollingProtocol): PollTarget | string {
  const addresses = serviceAddressesOf(server);
  const families = familiesToPoll(addresses, protocol);
  if (families.length === 0) return `cannot be polled: ${addresses.problem ?? noFamily(protocol)}`;
  const noop = profile.pollingType.toLowerCase() === 'noop';
  if (!noop && profile.pollingUrl === '') {
    return `cannot be polled: its profile "${profile.name}" has no health.polling.url`;
  }
  const probes: Probe[] = [];
  for (const family of families) {
    const url = healthUrl(profile.pollingUrl, server, addresses, family);
    if (noop || url === null) probes.push({ kind: 'noop', family });
    else if (isHttpUrl(url)) probes.push({ kind: 'http', family, url });
    else return `cannot be polled: its health.polling.url becomes "${url}", which is no HTTP URL`;
  }
  return {
    cache: server.name,
    fqdn: server.fqdn,
    format: profile.pollingFormat,
    timeoutMs: timeoutOf(profile),
    // A copy has no room for more, of which V8 keeps much.
    probes: [...probes],
  };
}

/** A family is polled only if availability looks at it (D20), and only if there is an address (D19). */
function familiesToPoll(addresses: ServiceAddresses, protocol: PollingProtocol): readonly Family[] {
  const families: Family[] = [];
  if (addresses.ipv4 !== null && protocol !== 'ipv6only') families.push('ipv4');
  if (addresses.ipv6 !== null && protocol !== 'ipv4only') families.push('ipv6');
  return families;
}

function noFamily(protocol: PollingProtocol): string {
  if (protocol === 'both') return 'its service interface has no address';
  const family = protocol === 'ipv4only' ? 'IPv4' : 'IPv6';
  return `it has no ${family} service address, and cache_polling_protocol is ${protocol}`;
}

function isHttpUrl(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed !== null && (parsed.protocol === 'http:' || parsed.protocol === 'https:');
}

/** A negative or immense timeout would fail every poll at once: the default, or the longest, serves instead (D6). */
function timeoutOf({ connectionTimeoutMs }: Profile): number {
  const whole = Math.trunc(connectionTimeoutMs);
  return whole > 0 ? Math.min(whole, LONGEST_TIMEOUT_MS) : DEFAULT_TIMEOUT_MS;
}

function profileWarnings(profile: Profile): string[] {
  const warnings: string[] = [];
  if (!['', 'http', 'noop'].includes(profile.pollingType.toLowerCase()))
    warnings.push(unknownTypeWarning(profile));
  const used = timeoutOf(profile);
  const given = profile.connectionTimeoutMs;
  if (given !== 0 && Math.trunc(given) !== used) {
    warnings.push(
      `profile "${profile.name}" has a health.connection.timeout of ${given} ms: ${used} ms is used; correct the parameter in Traffic Ops`,
    );
  }
  return warnings;
}

const unknownTypeWarning = ({ name, pollingType }: Profile): string =>
  `profile "${name}" has the unknown health.polling.type "${pollingType}": its caches are polled by http; correct the parameter in Traffic Ops`;

/** The same cache, asked for all its statistics. */
export const statTarget = (target: PollTarget): PollTarget => ({
  ...target,
  probes: target.probes.map((probe) =>
    probe.kind === 'http' ? { ...probe, url: statUrl(probe.url) } : probe,
  ),
});
