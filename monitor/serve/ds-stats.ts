import { counters } from '../stats/delivery-service-lookup.ts';
import type { DsStatistics } from '../stats/ds-statistics.ts';
import type { ServicePart } from '../stats/service-part.ts';
import type { ServiceStatistics } from '../stats/service-statistics.ts';
import { commonDate } from './json-text.ts';
import { type Query, queryText } from './query.ts';
import { badRequest, json, type Reply } from './reply.ts';
import { type NameFilter, passes, type ServiceFilter, serviceFilter } from './stat-filters.ts';
import { Members, TextPieces } from './text-pieces.ts';

/** `/publish/DsStats`: reference 9.9, with the delivery services that have caches or traffic (8.1). */
export function dsStats(query: Query, argument: string, statistics: DsStatistics, nowMs: number): Reply {
  const filter = serviceFilter(query, argument);
  if ('problem' in filter) return badRequest(filter.problem);
  return json({ pieces: piecesOf(query, filter, statistics, nowMs) });
}

function* piecesOf(
  query: Query,
  filter: ServiceFilter,
  statistics: DsStatistics,
  nowMs: number,
): Generator<string> {
  const text = new TextPieces();
  text.add('{"deliveryService":{');
  let separator = '';
  for (const id of statistics.sorted) {
    const service = statistics.get(id);
    if (service === undefined || !isAskedFor(service, filter)) continue;
    text.add(`${separator}${JSON.stringify(id)}:{`);
    separator = ',';
    const members = new Members(text);
    for (const [name, value] of published(service, filter.stats)) {
      members.add(name, `[{"time":${statistics.computedMs},"value":${value}}]`);
    }
    text.add('}');
    if (text.isFull) yield text.take();
  }
  text.add(`},"pp":${JSON.stringify(queryText(query))},"date":"${commonDate(nowMs)}"}`);
  yield text.take();
}

function isAskedFor(service: ServiceStatistics, { names, type }: ServiceFilter): boolean {
  if (service.configuredCaches === 0 && service.total.isEmpty) return false;
  const { xmlId, type: ofService } = service.config;
  return (names === null || names.has(xmlId)) && (type === null || type === ofService);
}

/** Published names, in order, and their values in JSON. Filters look at names without their prefixes (D59). */
function published(service: ServiceStatistics, filter: NameFilter): [name: string, value: string][] {
  const found: [string, string][] = [];
  const add = (prefix: string, name: string, value: () => string): void => {
    if (passes(filter, name)) found.push([prefix + name, value()]);
  };
  const text = (value: unknown) => (): string => JSON.stringify(String(value));
  add('', 'caches-available', text(service.total.availableCaches));
  add('', 'caches-configured', text(service.configuredCaches));
  add('', 'caches-reporting', text(service.reportingCaches));
  // An array always (D46): the Go monitor says null of a delivery service that is not in its states.
  add('', 'disabledLocations', () => '[]');
  add('', 'error-string', text(service.error));
  add('', 'isAvailable', text(service.isAvailable));
  add('', 'isHealthy', text(service.isAvailable));
  add('', 'status', () => '""');
  const parts: (readonly [prefix: string, part: ServicePart])[] = [['total.', service.total]];
  for (const [group, part] of service.groups.sorted) parts.push([`location.${group}.`, part]);
  for (const [type, part] of service.types.sorted) parts.push([`type.${type}.`, part]);
  for (const [prefix, { sums, isAvailable }] of parts) {
    counters.forEach((name, index) => {
      add(prefix, name, () => `"${sums.count(index)}"`);
    });
    add(prefix, 'kbps', () => `"${Math.trunc(sums.kbps)}"`);
    for (const statusClass of [2, 3, 4, 5]) {
      add(prefix, `tps_${statusClass}xx`, () => `"${sums.tps(statusClass).toFixed(6)}"`);
    }
    add(prefix, 'tps_total', () => `"${sums.tpsTotal.toFixed(6)}"`);
    add(`location.${prefix}`, 'error-string', () => '""');
    add(`location.${prefix}`, 'isAvailable', text(isAvailable));
  }
  return found.sort(([a], [b]) => (a < b ? -1 : 1));
}
