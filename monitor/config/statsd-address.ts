import { listenAddress } from './listen-address.ts';
import type { StatsdAddress } from './settings.ts';

/** Completes "must be ...". */
export const STATSD_RULE =
  '"host:port" or "[IPv6 address]:port" with a port from 1 to 65535, e.g. "127.0.0.1:8125"';

/** `undefined` if the text breaks the rule. */
export function statsdAddress(text: string): StatsdAddress | undefined {
  const address = listenAddress(text);
  if (address?.host === undefined || address.port === 0) return undefined;
  return Object.freeze({ host: address.host, port: address.port });
}
