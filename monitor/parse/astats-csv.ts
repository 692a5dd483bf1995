import { forEachCsvLine } from './csv-lines.ts';
import { floatFromText } from './number-text.ts';
import { readLoadavgLine } from './proc-loadavg.ts';
import { interfaceOf, mustBeReported, readNetDevLine } from './proc-net-dev.ts';
import type { Payload, Sample, StatValue } from './sample.ts';
import { wholeSpeed } from './speed.ts';
import { timestampOf } from './timestamp.ts';
import { explaining, Unreadable } from './unreadable.ts';

type Values = Map<string, StatValue>;

/** What describes the system and not the traffic; no statistic of the payload once it has been used. */
const NO_STATISTICS = [
  'proc.loadavg',
  'proc.net.dev',
  'inf.name',
  'inf.speed',
  'astatsLoad',
  'lastReloadRequest',
  'version',
  'something',
  'lastReload',
  'configReloadRequests',
  'configReloads',
] as const;

/** Reads astats in CSV: the entries of `ats` and of `system` as lines of one table (reference 4.3). */
export function readAstatsCsv({ cache, body }: Payload): Sample {
  const values = readValues(body.toString());
  const loadavg = required(values, 'proc.loadavg', `failed to parse loadavg line for cache '${cache}'`);
  const loadAverages = explaining(
    () => `parsing loadavg for cache '${cache}': `,
    () => readLoadavgLine(loadavg),
  );
  const netDevText = required(values, 'proc.net.dev', `failed to parse interface line for cache '${cache}'`);
  const netDev = explaining(
    () => `failed to parse interface line for cache '${cache}': `,
    () => readNetDevLine(netDevText),
  );
  mustBeReported(netDev, required(values, 'inf.name', `failed to parse inf line for cache '${cache}'`));
  const interfaces = interfaceOf(netDev, requiredSpeed(values, cache));
  for (const name of NO_STATISTICS) values.delete(name);
  return { loadAverages, interfaces, notAvailable: false, timestampMs: timestampOf(values), stats: values };
}

function readValues(text: string): Values {
  const values: Values = new Map();
  forEachCsvLine(text, (key, value) => {
    const read = isText(key) ? value : floatFromText(value);
    if (read !== undefined) values.set(key, read);
  });
  // The Go monitor's text, though the payload is no stats_over_http.
  if (values.size === 0) throw new Unreadable("no 'global' data object found in stats_over_http payload");
  return values;
}

/** Keys whose values are texts; all others are numbers, and lines with anything else are left out. */
function isText(key: string): boolean {
  return key.includes('proc.') || key.includes('inf.name');
}

function required(values: Values, key: string, failure: string): string {
  const value = values.get(key);
  if (typeof value !== 'string') throw new Unreadable(`${failure}: no ${key} in Astats response`);
  return value;
}

function requiredSpeed(values: Values, cache: string): number {
  const value = values.get('inf.speed');
  const speed = typeof value === 'number' ? wholeSpeed(value) : undefined;
  if (speed === undefined) {
    throw new Unreadable(
      `failed to parse interface speed line for cache '${cache}': no inf.speed in Astats response`,
    );
  }
  return speed;
}
