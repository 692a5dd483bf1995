import { cachegroupName, cacheName, deliveryServiceId, monitorName, profileName } from '../ids.ts';
import type { Fields } from './fields.ts';
import type {
  CacheServer,
  DeliveryService,
  InterfaceAddress,
  MonitorServer,
  NetworkInterface,
} from './monitoring.ts';

/** One element of `trafficServers`; rule: reference 2.4. @throws FieldError */
export function decodeCache(server: Fields): CacheServer {
  const name = server.string('hostName');
  server.call(name);
  return {
    name: cacheName(name),
    fqdn: server.string('fqdn'),
    status: server.string('status'),
    cachegroup: cachegroupName(server.string('cachegroup')),
    profile: profileName(server.string('profile')),
    port: server.integer('port'),
    httpsPort: server.integer('httpsPort'),
    type: server.string('type'),
    hashId: server.string('hashId'),
    deliveryServices: server.objects('deliveryServices').map((ds) => deliveryServiceId(ds.string('xmlId'))),
    interfaces: server.objects('interfaces').map(decodeInterface),
  };
}

function decodeInterface(networkInterface: Fields): NetworkInterface {
  const name = networkInterface.string('name');
  networkInterface.call(name);
  return {
    name,
    monitor: networkInterface.boolean('monitor'),
    maxBandwidth: networkInterface.optionalUnsigned('maxBandwidth') ?? null,
    mtu: networkInterface.optionalUnsigned('mtu') ?? null,
    addresses: networkInterface.objects('ipAddresses').map(decodeAddress),
  };
}

function decodeAddress(address: Fields): InterfaceAddress {
  return {
    address: address.string('address'),
    gateway: address.optionalString('gateway') ?? null,
    serviceAddress: address.boolean('serviceAddress'),
  };
}

/** One element of `trafficMonitors`; rule: reference 2.4. @throws FieldError */
export function decodeMonitor(server: Fields): MonitorServer {
  const name = server.string('hostName');
  server.call(name);
  return {
    name: monitorName(name),
    fqdn: server.string('fqdn'),
    port: server.integer('port'),
    ip: server.string('ip'),
    ip6: server.string('ip6'),
    profile: profileName(server.string('profile')),
    cachegroup: cachegroupName(server.string('cachegroup')),
    status: server.string('status'),
  };
}

/** One element of `deliveryServices`; rule: reference 2.4. @throws FieldError */
export function decodeDeliveryService(service: Fields): DeliveryService {
  const name = service.string('xmlId');
  service.call(name);
  return {
    xmlId: deliveryServiceId(name),
    type: service.string('type'),
    topology: service.string('topology'),
    hostRegexes: service.strings('hostRegexes'),
    totalTpsThreshold: service.integer('totalTpsThreshold'),
    totalKbpsThreshold: service.integer('totalKbpsThreshold'),
    status: service.string('status'),
  };
}
