/** Subjects, samples and polls as the tests of health need them. */
import { cachegroupName, cacheName, deliveryServiceId, profileName } from '../../../common/ids.ts';
import type { CacheServer, NetworkInterface, Profile } from '../../../common/traffic-ops/monitoring.ts';
import type { Sample } from '../../parse/sample.ts';
import type { PolledCache } from '../cache-state.ts';
import type { HealthConfig } from '../cache-states.ts';
import type { Subject } from '../subject.ts';
import type { Vitals } from '../vitals.ts';

export const SECOND = 1000;

/** A monitored interface without limit and with one service address of each family. */
export const bothFamilies: NetworkInterface = {
  name: 'eth0',
  monitor: true,
  maxBandwidth: null,
  mtu: 1500,
  addresses: [
    { address: '192.0.2.1/24', gateway: null, serviceAddress: true },
    { address: '2001:db8::1/64', gateway: null, serviceAddress: true },
  ],
};

export const networkInterface = (changes: Partial<NetworkInterface> = {}): NetworkInterface => ({
  ...bothFamilies,
  ...changes,
});

export function serverOf(changes: Partial<Omit<CacheServer, 'name'>> & { name?: string } = {}): CacheServer {
  const { name = 'edge-1', ...rest } = changes;
  return {
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
    interfaces: [bothFamilies],
    ...rest,
  };
}

export const profileOf = (changes: Partial<Profile> = {}): Profile => ({
  name: profileName('EDGE1'),
  type: 'ATS_PROFILE',
  pollingUrl: 'http://${hostname}/_astats?application=',
  pollingFormat: '',
  pollingType: '',
  connectionTimeoutMs: 0,
  historyCount: 0,
  thresholds: [],
  ...changes,
});

/** A REPORTED EDGE without thresholds and monitored interfaces: whatever it answers is good. */
export function subject(changes: Partial<Omit<Subject, 'name'>> & { name?: string } = {}): Subject {
  const { name = 'edge-1', ...rest } = changes;
  return {
    name: cacheName(name),
    status: 'REPORTED',
    type: 'EDGE',
    server: serverOf({ name }),
    pollingUrl: 'http://${hostname}/',
    computedThresholds: [],
    rawThresholds: [],
    monitoredInterfaces: [],
    hasIpv4: true,
    hasIpv6: true,
    deliveryServices: [],
    ...rest,
  };
}

export const serviceIds = (...xmlIds: string[]) => xmlIds.map(deliveryServiceId);

export const vitals = (changes: Partial<Vitals> = {}): Vitals => ({
  timeMs: 0,
  countersMs: 0,
  loadAverage: 1,
  kbpsOut: 0,
  maxKbps: 0,
  interfaces: [],
  ...changes,
});

interface SampleChanges extends Partial<Omit<Sample, 'interfaces' | 'stats'>> {
  /** Bytes sent by interface. */
  readonly sent?: Readonly<Record<string, bigint>>;
  readonly speedMbps?: number;
  readonly stats?: Readonly<Record<string, unknown>>;
}

export function sampleOf({ sent = {}, speedMbps = 10_000, stats = {}, ...rest }: SampleChanges = {}): Sample {
  const interfaces = Object.entries(sent).map(
    ([name, bytesOut]) => [name, { speedMbps, bytesIn: 0n, bytesOut }] as const,
  );
  return {
    loadAverages: [1, 2, 3],
    notAvailable: false,
    timestampMs: null,
    ...rest,
    interfaces: new Map(interfaces),
    stats: new Map(Object.entries(stats)),
  };
}

type PollChanges = Partial<Omit<PolledCache, 'cache' | 'outcome'>> & { readonly cache?: string };

export function goodPoll(changes: PollChanges = {}, sample: Sample = sampleOf()): PolledCache {
  return pollOf(changes, { kind: 'sample', sample });
}

export function failedPoll(changes: PollChanges = {}, reason = 'timed out'): PolledCache {
  return pollOf(changes, { kind: 'error', reason });
}

function pollOf({ cache = 'edge-1', ...rest }: PollChanges, outcome: PolledCache['outcome']): PolledCache {
  return {
    poller: 'health',
    family: 'ipv4',
    endMs: SECOND,
    durationMs: 12.7,
    ...rest,
    cache: cacheName(cache),
    outcome,
  };
}

interface ConfigChanges extends Partial<Omit<HealthConfig, 'subjects' | 'unpollable'>> {
  readonly unpollable?: Readonly<Record<string, string>>;
}

export function configOf(subjects: readonly Subject[], changes: ConfigChanges = {}): HealthConfig {
  const { unpollable = {}, ...rest } = changes;
  return {
    deliveryServices: [],
    protocol: 'both',
    gatedBy: 'health',
    polledElsewhere: new Set(),
    ...rest,
    subjects,
    unpollable: new Map(Object.entries(unpollable).map(([name, reason]) => [cacheName(name), reason])),
  };
}
