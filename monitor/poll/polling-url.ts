import type { CacheServer } from '../../common/traffic-ops/monitoring.ts';
import type { Family, ServiceAddresses } from '../../common/traffic-ops/service-addresses.ts';

const placeholders = /\$\{hostname\}|\$\{interface_name\}|application=(?:plugin\.remap|system)?/g;
const authority = /^(https?):\/\/(\[[^\]]*\]|[^/?#:]*)(:\d*)?([/?#].*)?$/i;

/**
 * The URL of health polls over one family, from the profile's `health.polling.url`: reference 3.1. `${hostname}` is the
 * service address, `application=` asks for the system statistics alone, and the server's port is put in if there is
 * none. An `application=system` that is there already is left alone (D22). null: no address in that family.
 */
export function healthUrl(
  template: string,
  server: CacheServer,
  addresses: ServiceAddresses,
  family: Family,
): string | null {
  const address = addresses[family];
  if (address === null) return null;
  const host = family === 'ipv4' ? address : `[${address}]`;
  const url = template.replace(placeholders, (placeholder) => {
    if (placeholder === '${hostname}') return host;
    if (placeholder === '${interface_name}') return addresses.interfaceName;
    return 'application=system';
  });
  return withPort(url, server);
}

/** The URL of stat polls: the health poll's, asking for all statistics. Reference 3.1. */
export const statUrl = (url: string): string => url.replaceAll('application=system', 'application=');

function withPort(url: string, server: CacheServer): string {
  const parts = authority.exec(url);
  if (parts === null) return url;
  const [, scheme = '', host = '', port, rest = ''] = parts;
  const configured = scheme.toLowerCase() === 'https' ? server.httpsPort : server.port;
  if (port !== undefined || configured === 0) return url;
  return `${scheme}://${host}:${configured}${rest}`;
}
