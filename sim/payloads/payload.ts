/** Value of `health.polling.format` that a simulated cache can speak. */
export type PayloadFormatName = 'astats' | 'stats_over_http' | 'vstats';

/** What a payload is written from: one moment of one cache. */
export interface PayloadValues {
  readonly interfaceName: string;
  readonly speedMbps: number;
  readonly loadAverage: number;
  readonly notAvailable: boolean;
  readonly connections: number;
  /** Cumulative, 64 bits, exact. */
  readonly bytesIn: bigint;
  readonly bytesOut: bigint;
  /** Delivery services count under these names, in equal shares of the bytes. */
  readonly remapHosts: readonly string[];
  /** Further entries of a full payload. */
  readonly extraStats: number;
}

/**
 * A body in up to three pieces. The middle one is the bulk of a full payload: it is the same for all caches, is
 * built once, and is sent as it is, so that a full answer costs little more than a short one. All of it is ASCII.
 */
export interface Payload {
  readonly contentType: string;
  readonly head: string;
  readonly bulk: Buffer | null;
  readonly tail: string;
}

/** Writes one format. `full` is false for a health poll (`application=system`), which leaves out the traffic. */
export type PayloadWriter = (values: PayloadValues, full: boolean) => Payload;

/** The whole body, for whoever does not care for speed. */
export function bodyOf({ head, bulk, tail }: Payload): Buffer {
  return Buffer.concat([Buffer.from(head, 'latin1'), bulk ?? Buffer.alloc(0), Buffer.from(tail, 'latin1')]);
}

/** The line of the interface in /proc/net/dev: bytes received are its first number, bytes sent its ninth. */
export function netDevLine({ interfaceName, bytesIn, bytesOut }: PayloadValues): string {
  return `${interfaceName}:${bytesIn} 31960528603    0    0    0     0          0   2349716 ${bytesOut} 101104535041    0    0    0     0       0          0`;
}

/** /proc/loadavg. */
export function loadAverageLine({ loadAverage }: PayloadValues): string {
  const load = loadAverage.toFixed(2);
  return `${load} ${load} ${load} 2/863 14211`;
}

const bulks = new Map<string, Buffer>();

/** `count` statistics that nobody looks at, one after the other as `write` writes them; built once. */
export function bulkStats(
  kind: string,
  count: number,
  write: (name: string, value: number) => string,
): Buffer | null {
  if (count <= 0) return null;
  const key = `${kind} ${count}`;
  const known = bulks.get(key);
  if (known !== undefined) return known;
  let text = '';
  for (let index = 0; index < count; index++) {
    text += write(`proxy.process.http.sample_${index}.metric_total`, (index * 7919) % 1_000_003);
  }
  const bulk = Buffer.from(text, 'latin1');
  bulks.set(key, bulk);
  return bulk;
}

/** What the remap plugin counts for each delivery service, one after the other as `write` writes them. */
export function remapStats(
  { remapHosts, bytesIn, bytesOut }: PayloadValues,
  write: (name: string, value: bigint) => string,
): string {
  const shares = BigInt(Math.max(1, remapHosts.length));
  const inBytes = bytesIn / shares;
  const outBytes = bytesOut / shares;
  // A transaction of 50 kB on average; of 1,000 answers 20 are redirects, 5 are the client's fault, one is ours.
  const transactions = outBytes / 50_000n;
  const status3xx = transactions / 50n;
  const status4xx = transactions / 200n;
  const status5xx = transactions / 1000n;
  const status2xx = transactions - status3xx - status4xx - status5xx;
  let text = '';
  for (const host of remapHosts) {
    const prefix = `plugin.remap_stats.${host}.`;
    text +=
      write(`${prefix}in_bytes`, inBytes) +
      write(`${prefix}out_bytes`, outBytes) +
      write(`${prefix}status_2xx`, status2xx) +
      write(`${prefix}status_3xx`, status3xx) +
      write(`${prefix}status_4xx`, status4xx) +
      write(`${prefix}status_5xx`, status5xx);
  }
  return text;
}

/** `"name":value,` */
export function jsonEntry(name: string, value: number | bigint): string {
  return `"${name}":${value},`;
}

/** `name,value` and a line break. */
export function csvLine(name: string, value: number | bigint): string {
  return `${name},${value}\n`;
}
