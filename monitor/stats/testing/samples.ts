import {
  type CacheName,
  cachegroupName,
  cacheName,
  type DeliveryServiceId,
  deliveryServiceId,
} from '../../../common/ids.ts';
import type { CacheServer } from '../../../common/traffic-ops/monitoring.ts';
import type { CacheState } from '../../health/cache-state.ts';
import { newCacheState } from '../../health/cache-state.ts';
import type { Subject } from '../../health/subject.ts';
import type { InterfaceCounters, Sample } from '../../parse/sample.ts';
import { counters } from '../delivery-service-lookup.ts';
import type { ServiceConfig } from '../service-statistics.ts';
import { COUNTS_PER_SERVICE, type TrafficFigures } from '../traffic-figures.ts';

/** A sample with these statistics. */
export function sampleOf(
  stats: Readonly<Record<string, unknown>>,
  interfaces: Readonly<Record<string, InterfaceCounters>> = {},
): Sample {
  return {
    loadAverages: [0.5, 0.4, 0.3],
    interfaces: new Map(Object.entries(interfaces)),
    notAvailable: false,
    timestampMs: null,
    stats: new Map(Object.entries(stats)),
  };
}

type Counts = Partial<Record<(typeof counters)[number], bigint>>;

/** Samples that name the same delivery services share their names, as they do when they are read. */
const idLists = new Map<string, DeliveryServiceId[]>();

/** Figures of a good stat poll, by delivery service. */
export function figuresOf(services: Readonly<Record<string, Counts>>): TrafficFigures {
  const key = Object.keys(services).join(' ');
  const ids = idLists.get(key) ?? Object.keys(services).map(deliveryServiceId);
  idLists.set(key, ids);
  const counts = new Uint32Array(ids.length * COUNTS_PER_SERVICE);
  Object.values(services).forEach((values, service) => {
    counters.forEach((counter, index) => {
      const value = values[counter] ?? 0n;
      counts[service * COUNTS_PER_SERVICE + index * 2] = Number(value >> 32n);
      counts[service * COUNTS_PER_SERVICE + index * 2 + 1] = Number(value & 0xffffffffn);
    });
  });
  return { outBytes: 0n, capacityKbps: 0, deliveryServices: ids, counts };
}

export interface SubjectParts {
  readonly name: string;
  readonly group?: string;
  readonly type?: 'EDGE' | 'MID';
  readonly status?: Subject['status'];
  readonly services?: readonly string[];
}

export function subjectWith({
  name,
  group = 'cg',
  type = 'EDGE',
  status = 'REPORTED',
  services = [],
}: SubjectParts) {
  const server = { name, cachegroup: cachegroupName(group), type, status, interfaces: [] };
  const subject: Subject = {
    name: cacheName(name),
    status,
    type,
    server: server as unknown as CacheServer,
    pollingUrl: 'http://${hostname}/',
    computedThresholds: [],
    rawThresholds: [],
    monitoredInterfaces: [],
    hasIpv4: true,
    hasIpv6: false,
    deliveryServices: services.map(deliveryServiceId),
  };
  return subject;
}

export function stateWith(subject: Subject, isAvailable: boolean): CacheState {
  const state = newCacheState(subject);
  state.verdict = { isAvailable, ipv4Available: isAvailable, ipv6Available: false, status: '' };
  return state;
}

export function serviceWith(xmlId: string, parts: Partial<ServiceConfig> = {}): ServiceConfig {
  return {
    xmlId: deliveryServiceId(xmlId),
    type: 'HTTP',
    totalTpsThreshold: 0,
    totalKbpsThreshold: 0,
    ...parts,
  };
}

export const ids = (...names: string[]): DeliveryServiceId[] => names.map(deliveryServiceId);

/** Caches of these that a monitor polls. */
export const polledOf = (subjects: readonly Subject[]): ReadonlySet<CacheName> =>
  new Set(
    subjects.filter(({ status }) => status === 'REPORTED' || status === 'ADMIN_DOWN').map(({ name }) => name),
  );
