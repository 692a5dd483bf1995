import { flag, text, textAs } from './key-kinds.ts';
import { LISTEN_RULE, listenAddress } from './listen-address.ts';
import { type Parsed, readKeys } from './read-keys.ts';
import type { OpsSettings } from './settings.ts';
import { SettingsError } from './settings-error.ts';

/** The keys of `traffic_ops.cfg`: reference 1.3. Documented as MONITOR_KEYS are. */
export const OPS_KEYS = {
  username: text('', { meaning: 'Who to log in to Traffic Ops as.' }),
  password: text('', { secret: true, meaning: 'Never shown, neither in an answer nor in a log.' }),
  url: textAs('', '', {
    rule: 'an http or https URL, e.g. "https://to.example.net"',
    as: (url) => (url === '' || isHttp(url) ? url.replace(/\/$/, '') : undefined),
    meaning: 'Base URL of Traffic Ops. One slash at the end is taken off.',
    differs: 'Anything but http and https is refused; Go fails at each login.',
  }),
  insecure: flag(false, { meaning: "true: do not verify Traffic Ops' TLS certificate." }),
  cdnName: text('', {
    meaning:
      "CDN to monitor. Traffic Ops' own record of this monitor overrides it; used as it is only while Traffic Ops cannot be asked.",
  }),
  httpListener: textAs(':80', ':80', {
    type: 'listen address',
    rule: LISTEN_RULE,
    as: (value) => listener(value === '' ? ':80' : value),
    meaning: 'Where to serve HTTP. Empty: `:80`. With `httpsListener` it only redirects to that.',
    differs: 'A wrong address is refused; Go goes on without a server.',
  }),
  httpsListener: textAs('', '', {
    type: 'listen address',
    rule: `empty (no HTTPS), ${LISTEN_RULE}`,
    as: (value) => (value === '' ? value : listener(value)),
    meaning:
      'Where to serve HTTPS; needs `certFile` and `keyFile`. HTTP redirects to its port, on the host that was asked.',
    differs: 'Go repeats the whole value in the redirect.',
  }),
  certFile: text('', { type: 'path', meaning: 'Certificate chain for HTTPS, PEM.' }),
  keyFile: text('', { type: 'path', meaning: 'Private key of the certificate, PEM.' }),
};

/** In the Go monitor's own record of its settings, so people copy it; it is a state, not a setting. */
const IGNORED: ReadonlySet<string> = new Set(['usingdummyto']);

/**
 * What `traffic_ops.cfg` says: reference 1.3.
 *
 * @param file its path, for messages only.
 * @throws {SettingsError} naming every key that breaks its rule; never with the password.
 */
export function parseOpsSettings(text: string, file: string): Parsed<OpsSettings> {
  const { values, unknownKeys, faults } = readKeys(OPS_KEYS, text, file, IGNORED);
  if (values.httpsListener !== '') {
    const absent = (['certFile', 'keyFile'] as const).filter((name) => values[name] === '');
    if (absent.length > 0) {
      const names = absent.map((name) => `"${name}"`).join(' and ');
      faults.push(`"httpsListener" is "${values.httpsListener}" without ${names}: HTTPS needs both files`);
    }
    if (values.httpsListener === values.httpListener && listenAddress(values.httpListener)?.port !== 0) {
      faults.push(
        `"httpsListener" and "httpListener" are both "${values.httpListener}": must be different, one redirects to the other`,
      );
    }
  }
  if (faults.length > 0) throw new SettingsError(file, faults);
  return Object.freeze({ ...values, unknownKeys: Object.freeze(unknownKeys) });
}

const isHttp = (url: string): boolean => /^https?:\/\/\S+$/i.test(url) && URL.canParse(url);

const listener = (value: string): string | undefined =>
  listenAddress(value) === undefined ? undefined : value;
