import { isIPv6 } from 'node:net';

export interface ListenAddress {
  /** `undefined`: every address of the host, IPv6 and IPv4. */
  readonly host: string | undefined;
  /** 0: any free port. */
  readonly port: number;
}

/** Completes "must be ...". */
export const LISTEN_RULE =
  '":port", "host:port" or "[IPv6 address]:port" with a port from 0 to 65535, e.g. ":80" or "[::1]:8080"';

/**
 * Reads an `httpListener` or `httpsListener`: reference 1.3. Names of services (`:http`) work as in Go.
 *
 * @param key names the setting in the message.
 * @throws {Error} naming key, value and rule.
 */
export function parseListenAddress(text: string, key = 'httpListener'): ListenAddress {
  const address = listenAddress(text);
  if (address === undefined) throw new Error(`"${key}" is ${JSON.stringify(text)}: must be ${LISTEN_RULE}`);
  return address;
}

/** `undefined` if the text breaks the rule. */
export function listenAddress(text: string): ListenAddress | undefined {
  const parts = /^(?:\[(?<ipv6>[^\]]+)\]|(?<name>[\w.-]*)):(?<port>\d{1,5}|https?)$/.exec(text)?.groups;
  if (parts === undefined) return undefined;
  const { ipv6, name, port } = parts;
  const number = SERVICES.get(port ?? '') ?? Number(port);
  if (number > 65_535 || (ipv6 !== undefined && !isIPv6(ipv6))) return undefined;
  return { host: ipv6 ?? (name === '' ? undefined : name), port: number };
}

const SERVICES: ReadonlyMap<string, number> = new Map([
  ['http', 80],
  ['https', 443],
]);
