import { cachegroupName, cacheName, deliveryServiceId, monitorName, profileName } from '../ids.ts';
import type { SharedTexts } from '../shared-texts.ts';
import type { Fields } from './fields.ts';
import type {
  CacheServer,
  DeliveryService,
  InterfaceAddress,
  MonitorServer,
  NetworkInterface,
} from './monitoring.ts';

/** One element of `trafficServers`; rule: reference 2.4. @throws FieldError */
export function decodeCache(server: Fields, shared: SharedTexts): CacheServer {
  const name = server.string('hostName');
  server.call(name);
  const hashId = server.string('hashId');
  return {
    name: cacheName(name),
    fqdn: server.string('fqdn'),
    status: shared.text(server.string('status')),
    cachegroup: cachegroupName(shared.text(server.string('cachegroup'))),
    profile: profileName(shared.text(server.string('profile'))),
    port: server.integer('port'),
    httpsPort: server.integer('httpsPort'),
    type: shared.text(server.string('type')),
    // Mostly the name, in another string.
    hashId: hashId === name ? name : hashId,
    deliveryServices: shared.list(
      server.objects('deliveryServices').map((ds) => deliveryServiceId(ds.string('xmlId'))),
    ),
    interfaces: server.objects('interfaces').map((each) => decodeInterface(each, shared)),
  };
}

function decodeInterface(networkInterface: Fields, shared: SharedTexts): NetworkInterface {
  const name = networkInterface.string('name');
  networkInterface.call(name);
  return {
    name: shared.text(name),
    monitor: networkInterface.boolean('monitor'),
    maxBandwidth: networkInterface.optionalUnsigned('maxBandwidth') ?? null,
    mtu: networkInterface.optionalUnsigned('mtu') ?? null,
    addresses: networkInterface.objects('ipAddresses').map((each) => decodeAddress(each, shared)),
  };
}

function decodeAddress(address: Fields, shared: SharedTexts): InterfaceAddress {
  return {
    address: address.string('address'),
    gateway: shared.text(address.optionalString('gateway') ?? null),
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
