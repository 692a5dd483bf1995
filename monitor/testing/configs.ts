import {
  cachegroupName,
  cacheName,
  cdnName,
  type DeliveryServiceId,
  deliveryServiceId,
  profileName,
} from '../../common/ids.ts';
import { KeptDocument } from '../../common/traffic-ops/kept-document.ts';
import type {
  CacheServer,
  MonitoringConfig,
  NetworkInterface,
  Profile,
  Snapshot,
} from '../../common/traffic-ops/monitoring.ts';
import { parseMonitorSettings } from '../config/monitor-settings.ts';
import { parseOpsSettings } from '../config/ops-settings.ts';
import type { MonitorSettings, OpsSettings, PollingProtocol, Settings } from '../config/settings.ts';
import { CacheStates, type HealthConfig } from '../health/cache-states.ts';
import { DeliveryServiceStates } from '../health/delivery-service-states.ts';
import { healthConfigOf } from '../health-config.ts';
import { NO_STATS } from '../parse/payload-stats.ts';
import type { Sample } from '../parse/sample.ts';
import { CombinedStates } from '../peers/combined-states.ts';
import { PEERS, PeerStates } from '../peers/peer-states.ts';

export const ASTATS_URL = 'http://${hostname}/_astats?application=&inf.name=${interface_name}';

/** An interface whose addresses are all service addresses. */
export const networkInterface = (
  addresses: readonly string[],
  changes: Partial<NetworkInterface> = {},
): NetworkInterface => ({
  name: 'bond0',
  monitor: true,
  maxBandwidth: null,
  mtu: 1500,
  addresses: addresses.map((address) => ({ address, gateway: null, serviceAddress: true })),
  ...changes,
});

/** A REPORTED edge at 192.0.2.1, port 80. */
export const cacheServer = (name: string, changes: Partial<CacheServer> = {}): CacheServer => ({
  name: cacheName(name),
  fqdn: `${name}.cdn.test`,
  status: 'REPORTED',
  cachegroup: cachegroupName('cg-1'),
  profile: profileName('EDGE1'),
  port: 80,
  httpsPort: 0,
  type: 'EDGE',
  hashId: name,
  deliveryServices: [],
  interfaces: [networkInterface(['192.0.2.1/24'])],
  ...changes,
});

export const profile = (changes: Partial<Profile> = {}): Profile => ({
  name: profileName('EDGE1'),
  type: 'ATS_PROFILE',
  pollingUrl: ASTATS_URL,
  pollingFormat: '',
  pollingType: '',
  connectionTimeoutMs: 2000,
  historyCount: 30,
  thresholds: [],
  ...changes,
});

export interface ConfigParts {
  readonly caches?: readonly CacheServer[];
  readonly profiles?: readonly Profile[];
  readonly deliveryServices?: readonly string[];
  readonly parameters?: Readonly<Record<string, number | string | boolean>>;
}

export function monitoringConfig({
  caches = [],
  profiles = [profile()],
  deliveryServices = [],
  parameters = {},
}: ConfigParts): MonitoringConfig {
  return {
    caches: new Map(caches.map((cache) => [cache.name, cache])),
    monitors: new Map(),
    cachegroups: new Map(),
    profiles: new Map(profiles.map((each) => [each.name, each])),
    deliveryServices: new Map(deliveryServices.map((id) => [deliveryServiceId(id), deliveryService(id)])),
    topologies: new Map(),
    parameters: new Map(Object.entries(parameters)),
  };
}

const deliveryService = (id: string) => ({
  xmlId: deliveryServiceId(id) satisfies DeliveryServiceId,
  type: 'HTTP',
  topology: '',
  hostRegexes: [`.*\\.${id}\\..*`],
  totalTpsThreshold: 0,
  totalKbpsThreshold: 0,
  status: 'REPORTED',
});

export const snapshotOf = (parts: ConfigParts): Snapshot => ({
  cdn: cdnName('test-cdn'),
  monitoring: monitoringConfig(parts),
  crConfig: { document: new KeptDocument(Buffer.from('{"stats":{"date":1}}')), stats: { date: 1 } },
  source: 'traffic-ops',
});

/** Local and combined states, as a monitor without peers has them. */
export class StatesWithoutPeers extends CacheStates {
  readonly combined: CombinedStates;

  constructor() {
    const ignore = (): void => {};
    const combined = new CombinedStates({
      peers: new PeerStates(PEERS, ignore),
      deliveryServices: new DeliveryServiceStates(ignore),
      onEvent: ignore,
    });
    super(ignore, (state, timeMs) => combined.localChanged(state, timeMs));
    this.combined = combined;
  }

  override apply(config: HealthConfig, nowMs: number): void {
    super.apply(config, nowMs);
    this.combined.apply(this.sorted, config.deliveryServices, 'optimistic', nowMs);
  }
}

/** States as a monitor holds them, before the first poll. */
export function statesOf(parts: ConfigParts, protocol: PollingProtocol = 'both'): StatesWithoutPeers {
  const states = new StatesWithoutPeers();
  states.apply(
    healthConfigOf(snapshotOf(parts), { cachePollingProtocol: protocol, statPolling: false }).health,
    0,
  );
  return states;
}

/** A good answer with one interface `bond0`. */
export const sample = (changes: Partial<Sample> = {}, bytesOut = 0n): Sample => ({
  loadAverages: [0.3, 0.2, 0.1],
  interfaces: new Map([['bond0', { speedMbps: 10_000, bytesIn: 0n, bytesOut }]]),
  notAvailable: false,
  timestampMs: null,
  stats: NO_STATS,
  ...changes,
});

/** A good poll over IPv4 that took 5 ms. */
export function recordGood(states: CacheStates, cache: string, endMs: number, bytesOut = 0n): void {
  const outcome = { kind: 'sample', sample: sample({}, bytesOut) } as const;
  states.record({ cache: cacheName(cache), poller: 'health', family: 'ipv4', endMs, durationMs: 5, outcome });
}

export function recordError(states: CacheStates, cache: string, endMs: number, reason: string): void {
  const outcome = { kind: 'error', reason } as const;
  states.record({ cache: cacheName(cache), poller: 'health', family: 'ipv4', endMs, durationMs: 5, outcome });
}

/** Both files empty but for what they must have; then the changes. */
export function settings(ops: Partial<OpsSettings> = {}, monitor: Partial<MonitorSettings> = {}): Settings {
  const required = '{"url":"http://127.0.0.1:1"}';
  return {
    monitor: { ...parseMonitorSettings('{}', 'traffic_monitor.cfg'), ...monitor },
    ops: { ...parseOpsSettings(required, 'traffic_ops.cfg'), ...ops },
  };
}
