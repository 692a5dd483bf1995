import { AstatsStats, readAstatsSystem } from './astats-system.ts';
import { objectField } from './json-fields.ts';
import { readJsonObject } from './json-value.ts';
import { readLoadavgLine } from './proc-loadavg.ts';
import { interfaceOf, mustBeReported, readNetDevLine } from './proc-net-dev.ts';
import type { Payload, Sample } from './sample.ts';
import { timestampOf } from './timestamp.ts';
import { explaining } from './unreadable.ts';

/**
 * Reads astats in JSON: `{"ats":{…},"system":{…}}` (reference 4.2).
 * No `ats`, or null, is an empty one: a cache may answer a health poll without it (D1).
 */
export function readAstatsJson({ cache, body }: Payload): Sample {
  const top = readJsonObject(body.toString());
  const ats = objectField(top, 'ats');
  const system = readAstatsSystem(objectField(top, 'system'));
  const { procNetDev, procLoadavg } = system;
  const netDev = explaining(
    () => `failed to parse interface line for cache '${cache}': `,
    () => readNetDevLine(procNetDev),
  );
  mustBeReported(netDev, system.infName);
  const loadAverages = explaining(
    () => `failed to parse loadavg line for cache '${cache}': `,
    () => readLoadavgLine(procLoadavg),
  );
  const stats = new AstatsStats(ats, system);
  return {
    loadAverages,
    interfaces: interfaceOf(netDev, system.infSpeed),
    notAvailable: system.notAvailable,
    timestampMs: timestampOf(stats),
    stats,
  };
}
