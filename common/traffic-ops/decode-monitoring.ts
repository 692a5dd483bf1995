import { cachegroupName } from '../ids.ts';
import { SharedTexts } from '../shared-texts.ts';
import { decodeProfile } from './decode-profiles.ts';
import { decodeCache, decodeDeliveryService, decodeMonitor } from './decode-servers.ts';
import { messageOf } from './errors.ts';
import { FieldError, Fields, wrongType } from './fields.ts';
import type { MonitoringConfig } from './monitoring.ts';

/** The monitoring config is refused as a whole. The message says why, exactly. */
export class MonitoringError extends Error {
  override readonly name = 'MonitoringError';
}

/**
 * Decodes and validates the monitoring config: the value of `response`, or the content of a backup file, be it ours or
 * one of the Go Traffic Monitor. Of several servers with one name the last wins. Rules: reference 2.4, 2.5, D6, D17.
 *
 * @throws MonitoringError naming the place and the value, or the rule that is broken
 */
export function decodeMonitoring(value: unknown): MonitoringConfig {
  const config = decode(value);
  const problem = monitoringProblem(config);
  if (problem !== undefined) throw new MonitoringError(problem);
  return config;
}

/** As `decodeMonitoring`, from JSON text. @throws MonitoringError also for what is no JSON */
export function decodeMonitoringBytes(bytes: Buffer): MonitoringConfig {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch (error) {
    throw new MonitoringError(`the monitoring config is not JSON: ${messageOf(error)}`, { cause: error });
  }
  return decodeMonitoring(value);
}

function decode(value: unknown): MonitoringConfig {
  try {
    const top = new Fields(value, '');
    const shared = new SharedTexts();
    return {
      caches: mapBy(
        top.objects('trafficServers').map((server) => decodeCache(server, shared)),
        (cache) => cache.name,
      ),
      monitors: mapBy(top.objects('trafficMonitors').map(decodeMonitor), (monitor) => monitor.name),
      cachegroups: new Map(top.objects('cacheGroups').map(decodeCachegroup)),
      profiles: mapBy(top.objects('profiles').map(decodeProfile), (profile) => profile.name),
      deliveryServices: mapBy(
        top.objects('deliveryServices').map(decodeDeliveryService),
        (service) => service.xmlId,
      ),
      topologies: new Map(top.entries('topologies').map(decodeTopology)),
      parameters: decodeParameters(top.entries('config')),
    };
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    throw new MonitoringError(`${error.message}; the whole monitoring config is refused`, { cause: error });
  }
}

function decodeCachegroup(group: Fields) {
  const name = group.string('name');
  group.call(name);
  const coordinates = group.object('coordinates');
  const position = {
    latitude: coordinates.number('latitude'),
    longitude: coordinates.number('longitude'),
  };
  return [cachegroupName(name), position] as const;
}

function decodeTopology([name, value]: [string, unknown]) {
  const topology = new Fields(value, `topologies[${JSON.stringify(name)}]`);
  return [name, topology.strings('nodes').map(cachegroupName)] as const;
}

/** Keeps what a parameter can be; null, arrays and objects mean nothing to a Traffic Monitor. */
function decodeParameters(entries: [string, unknown][]): Map<string, number | string | boolean> {
  const parameters = new Map<string, number | string | boolean>();
  for (const [key, value] of entries) {
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw wrongType(`config[${JSON.stringify(key)}]`, value, 'a finite number');
    }
    if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') {
      parameters.set(key, value);
    }
  }
  return parameters;
}

/** The first broken rule of reference 2.4, and D6 for the intervals. */
function monitoringProblem(config: MonitoringConfig): string | undefined {
  if (config.caches.size === 0) {
    return 'MonitorConfig.TrafficServer empty (is the monitoring.json an empty object?)';
  }
  if (config.cachegroups.size === 0) return 'MonitorConfig.CacheGroup empty';
  if (config.monitors.size === 0) return 'MonitorConfig.TrafficMonitor empty';
  if (config.deliveryServices.size === 0) return 'MonitorConfig.DeliveryService empty';
  if (config.profiles.size === 0) return 'MonitorConfig.Profile empty';
  return (
    intervalProblem(config, 'peers.polling.interval') ?? intervalProblem(config, 'health.polling.interval')
  );
}

function intervalProblem(config: MonitoringConfig, key: string): string | undefined {
  const place = `MonitorConfig.Config[${JSON.stringify(key)}]`;
  const interval = config.parameters.get(key);
  if (interval === undefined) return `${place} missing: a Traffic Monitor profile needs this parameter`;
  if (typeof interval !== 'number') return `${place} is ${JSON.stringify(interval)}: must be a number`;
  // Fractions are cut off before use, so what is below one would be no interval at all.
  return Math.trunc(interval) > 0 ? undefined : `${place} is ${interval}: must be at least 1 (milliseconds)`;
}

function mapBy<Key, Item>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item> {
  return new Map(items.map((item) => [keyOf(item), item]));
}
