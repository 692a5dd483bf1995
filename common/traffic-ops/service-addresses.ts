import type { CacheServer } from './monitoring.ts';

export type Family = 'ipv4' | 'ipv6';

/** Where a cache is reached: the service addresses of its service interface. */
export interface ServiceAddresses {
  /** Name of the first interface that has a service address; empty if none has. */
  readonly interfaceName: string;
  /** Canonical dotted form without mask. */
  readonly ipv4: string | null;
  /** As Traffic Ops spells it, without mask. */
  readonly ipv6: string | null;
  /** Why there is no address, for people. */
  readonly problem: string | null;
}

/**
 * The service addresses of a cache: of the first interface with any, the last IPv4 and the last IPv6 address up to
 * where both are known. One address that is none makes the whole interface unusable. Reference 3.1.
 */
export function serviceAddressesOf(server: Pick<CacheServer, 'interfaces'>): ServiceAddresses {
  const service = server.interfaces.find((each) => each.addresses.some((address) => address.serviceAddress));
  if (service === undefined) {
    return { interfaceName: '', ipv4: null, ipv6: null, problem: 'no interface has a service address' };
  }
  let ipv4: string | null = null;
  let ipv6: string | null = null;
  for (const { address, serviceAddress } of service.addresses) {
    if (!serviceAddress) continue;
    const bare = address.split('/', 1)[0] ?? '';
    if (isIpv4(bare)) ipv4 = bare;
    else if (isIpv6(bare)) ipv6 = bare;
    else {
      const problem = `service address "${address}" of interface ${service.name} is no IP address`;
      return { interfaceName: service.name, ipv4: null, ipv6: null, problem };
    }
    if (ipv4 !== null && ipv6 !== null) break;
  }
  return { interfaceName: service.name, ipv4, ipv6, problem: null };
}

const octet = /^(?:0|[1-9]\d{0,2})$/;

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => octet.test(part) && Number(part) <= 255);
}

/** RFC 4291 text forms, without zones. */
function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2 || !text.includes(':')) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1);
  const embedded = last !== undefined && isIpv4(last) && text.endsWith(last);
  const plain = embedded ? groups.slice(0, -1) : groups;
  if (!plain.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false;
  const count = plain.length + (embedded ? 2 : 0);
  return halves.length === 2 ? count <= 7 : count === 8;
}
