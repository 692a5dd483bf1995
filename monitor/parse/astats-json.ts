import { AstatsStats, type AstatsSystem, addSystem, readAstatsSystem, systemNames } from './astats-system.ts';
import { objectField } from './json-fields.ts';
import { type JsonObject, readJsonObject } from './json-value.ts';
import type { FlatMember } from './learn-shape.ts';
import { readLoadavgLine } from './proc-loadavg.ts';
import { interfaceOf, mustBeReported, readNetDevLine } from './proc-net-dev.ts';
import type { Payload, PayloadStats, Sample } from './sample.ts';
import { readShaped } from './shaped-payload.ts';
import { timestampOf } from './timestamp.ts';
import { explaining } from './unreadable.ts';

const ATS: FlatMember = { name: 'ats', hidden: new Set(), added: systemNames };

/**
 * Reads astats in JSON: `{"ats":{…},"system":{…}}` (reference 4.2).
 * No `ats`, or null, is an empty one: a cache may answer a health poll without it (D1).
 */
export function readAstatsJson(payload: Payload): Sample {
  const shaped = readShaped(payload, ATS.name);
  if (shaped !== null) {
    const system = readAstatsSystem(objectField(shaped.rest, 'system'));
    addSystem(shaped.table, system);
    return sampleOf(payload, system, shaped.table);
  }
  const top: JsonObject = readJsonObject(payload.body.toString());
  const ats = objectField(top, ATS.name);
  const system = readAstatsSystem(objectField(top, 'system'));
  const sample = sampleOf(payload, system, new AstatsStats(ats, system));
  payload.shapes?.learn(payload.cache, payload.body, ATS, ats);
  return sample;
}

function sampleOf({ cache }: Payload, system: AstatsSystem, stats: PayloadStats): Sample {
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
  return {
    loadAverages,
    interfaces: interfaceOf(netDev, system.infSpeed),
    notAvailable: system.notAvailable,
    timestampMs: timestampOf(stats),
    stats,
  };
}
