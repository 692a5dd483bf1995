import { booleanField, integerField, objectField, stringField } from './json-fields.ts';
import { readJsonObject } from './json-value.ts';
import { payloadFormat } from './payload-format.ts';
import { ObjectStats } from './payload-stats.ts';
import { readLoadavgLine } from './proc-loadavg.ts';
import { interfaceOf, readNetDevLine } from './proc-net-dev.ts';
import type { Payload, Sample } from './sample.ts';
import { timestampOf } from './timestamp.ts';
import { explaining, quotable } from './unreadable.ts';

const NOTHING_HIDDEN: ReadonlySet<string> = new Set();

/**
 * Varnish statistics: one flat JSON object whatever the Content-Type (reference 4.5).
 * `inf_speed` is the speed of the interface in `proc.net.dev`, whatever its name (D27).
 */
export const vstats = payloadFormat('vstats', readVstats);

function readVstats({ body }: Payload): Sample {
  const fields = explaining(
    () => 'failed to decode reader data: ',
    () => readFields(body),
  );
  const { procNetDev, procLoadavg } = fields;
  const netDev = explaining(
    () => `failed to add interface data ${quotable(procNetDev)}: `,
    () => readNetDevLine(procNetDev),
  );
  const loadAverages = explaining(
    () => `failed to read average load data ${quotable(procLoadavg)}: `,
    () => readLoadavgLine(procLoadavg),
  );
  const stats = new ObjectStats(fields.stats, NOTHING_HIDDEN);
  return {
    loadAverages,
    interfaces: interfaceOf(netDev, fields.infSpeed),
    notAvailable: fields.notAvailable,
    timestampMs: timestampOf(stats),
    stats,
  };
}

function readFields(body: Buffer) {
  const top = readJsonObject(body.toString());
  return {
    procNetDev: stringField(top, 'proc.net.dev'),
    procLoadavg: stringField(top, 'proc.loadavg'),
    notAvailable: booleanField(top, 'not_available'),
    infSpeed: integerField(top, 'inf_speed'),
    stats: objectField(top, 'stats'),
  };
}
