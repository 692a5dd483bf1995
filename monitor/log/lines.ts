import type { AvailabilityEvent } from '../health/events.ts';

export type Level = 'ERROR' | 'WARNING' | 'INFO' | 'DEBUG';

/**
 * `<PREFIX>: <component>: <RFC 3339, UTC>: <message>`: reference 10, with the component where the Go
 * monitor has file and line.
 *
 * @param timeMs since the epoch.
 */
export const levelledLine = (level: Level, component: string, timeMs: number, message: string): string =>
  `${level}: ${component}: ${new Date(timeMs).toISOString()}: ${oneLine(message)}`;

/** A line of the event log: reference 10, with D65 mended. */
export const eventLine = (event: AvailabilityEvent): string =>
  `${unixSeconds(event.timeMs)} host="${quotable(event.name)}", type=${oneLine(event.type)}, ` +
  `available=${event.isAvailable}, ipv4Available=${event.ipv4Available}, ` +
  `ipv6Available=${event.ipv6Available}, msg="${quotable(event.description)}"`;

/** One request that was answered. */
export interface AccessRecord {
  /** End of the request, ms since the epoch. */
  readonly timeMs: number;
  readonly durationMs: number;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  readonly method: string;
  /** Percent-decoded. */
  readonly path: string;
  /** As it came, without the question mark. */
  readonly query: string;
  readonly status: number;
  /** Of the body as sent, so after compression. */
  readonly bytes: number;
  readonly userAgent: string;
}

/** A line of the access log: reference 10, with D65 mended. The `?` is there without a query too. */
export const accessLine = (record: AccessRecord): string =>
  `${unixSeconds(record.timeMs)} chi=${remote(record)} cqhm=${oneLine(record.method)} ` +
  `url="${quotable(record.path)}?${quotable(record.query)}" pssc=${record.status} b=${record.bytes} ` +
  `ttms=${Math.floor(record.durationMs)} uas="${quotable(record.userAgent)}"`;

const unixSeconds = (timeMs: number): string => (timeMs / 1000).toFixed(3);

/** As Go writes it: brackets around IPv6, an IPv4 client of an IPv6 socket as IPv4. `-` if it is gone. */
function remote({ remoteAddress, remotePort }: AccessRecord): string {
  if (remoteAddress === undefined) return '-';
  const address = remoteAddress.replace(/^::ffff:(?=[\d.]+$)/i, '');
  return `${address.includes(':') ? `[${address}]` : address}:${remotePort ?? 0}`;
}

/** Control characters, and what else some readers take for the end of a line. */
const BREAKS = /[\p{Cc}\u2028\u2029]/gu;
const BREAKS_AND_QUOTES = /[\p{Cc}\u2028\u2029"\\]/gu;

/** So that nobody can forge a line with a line break in a message. */
const oneLine = (text: string): string => text.replace(BREAKS, escaped);

/** The same between double quotes: between its quotes the text is a JSON string. */
const quotable = (text: string): string => text.replace(BREAKS_AND_QUOTES, escaped);

function escaped(character: string): string {
  return SHORT.get(character) ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

const SHORT: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);
