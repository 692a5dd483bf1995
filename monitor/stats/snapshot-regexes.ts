import { type DeliveryServiceId, deliveryServiceId } from '../../common/ids.ts';
import type { MonitoringConfig } from '../../common/traffic-ops/monitoring.ts';
import type { HostRegexes } from './host-regexes.ts';

export type DeliveryServiceType = 'HTTP' | 'DNS';

/** What statistics need to know of each delivery service. */
export interface DeliveryServiceHosts extends HostRegexes {
  /** null: Traffic Ops says neither HTTP nor DNS. */
  readonly type: DeliveryServiceType | null;
}

/**
 * Types and host regexes of the delivery services of `config`. One without a type comes from a Traffic Ops that keeps
 * them in the CDN snapshot alone. Reference 2.7, per delivery service (D43).
 *
 * @param document the parsed CDN snapshot; null if no delivery service lacks a type. What has not the expected shape
 *   is passed over.
 */
export function deliveryServiceHosts(
  config: MonitoringConfig,
  document: unknown,
): readonly DeliveryServiceHosts[] {
  const inSnapshot = field(document, 'deliveryServices');
  return [...config.deliveryServices.values()].map(({ xmlId, type, hostRegexes }) =>
    type === ''
      ? ofSnapshot(xmlId, field(inSnapshot, xmlId))
      : { xmlId, type: typeOf(type), regexes: hostRegexes },
  );
}

/** The first entry of each match set with the type HOST; the protocol of the first match set is the type. */
function ofSnapshot(xmlId: DeliveryServiceId, deliveryService: unknown): DeliveryServiceHosts {
  const matchSets = elements(field(deliveryService, 'matchsets'));
  const regexes: string[] = [];
  for (const matchSet of matchSets) {
    const [first] = elements(field(matchSet, 'matchlist'));
    const regex = field(first, 'regex');
    if (field(first, 'match-type') === 'HOST' && typeof regex === 'string') regexes.push(regex);
  }
  return { xmlId: deliveryServiceId(xmlId), type: typeOf(field(matchSets[0], 'protocol')), regexes };
}

/** In any case: reference 2.4. */
export function typeOf(type: unknown): DeliveryServiceType | null {
  const upper = typeof type === 'string' ? type.toUpperCase() : '';
  return upper === 'HTTP' || upper === 'DNS' ? upper : null;
}

const elements = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
