import { booleanField, integerField, stringField } from './json-fields.ts';
import type { JsonObject } from './json-value.ts';
import type { PayloadStats, StatValue } from './sample.ts';
import type { StatTable } from './stat-table.ts';

/** The `system` object of an astats payload (reference 4.2). */
export interface AstatsSystem {
  readonly infName: string;
  /** Mbit/s. */
  readonly infSpeed: number;
  readonly procNetDev: string;
  readonly procLoadavg: string;
  readonly notAvailable: boolean;
  readonly configReloadRequests: number;
  readonly lastReloadRequest: number;
  readonly configReloads: number;
  readonly lastReload: number;
  readonly astatsLoad: number;
}

/** Reads `system`: what is absent is empty, 0 or false; a field of the wrong type makes the payload unreadable. */
export function readAstatsSystem(system: JsonObject): AstatsSystem {
  return {
    infName: stringField(system, 'inf.name'),
    infSpeed: integerField(system, 'inf.speed'),
    procNetDev: stringField(system, 'proc.net.dev'),
    procLoadavg: stringField(system, 'proc.loadavg'),
    notAvailable: booleanField(system, 'notAvailable'),
    configReloadRequests: integerField(system, 'configReloadRequests'),
    lastReloadRequest: integerField(system, 'lastReloadRequest'),
    configReloads: integerField(system, 'configReloads'),
    lastReload: integerField(system, 'lastReload'),
    astatsLoad: integerField(system, 'astatsLoad'),
  };
}

const SYSTEM_STATS: ReadonlyMap<string, (system: AstatsSystem) => StatValue> = new Map<
  string,
  (system: AstatsSystem) => StatValue
>([
  ['system.astatsLoad', (system) => system.astatsLoad],
  ['system.configReloadRequests', (system) => system.configReloadRequests],
  ['system.configReloads', (system) => system.configReloads],
  ['system.inf.name', (system) => system.infName],
  ['system.inf.speed', (system) => system.infSpeed],
  ['system.lastReload', (system) => system.lastReload],
  ['system.lastReloadRequest', (system) => system.lastReloadRequest],
  ['system.notAvailable', (system) => system.notAvailable],
  ['system.proc.loadavg', (system) => system.procLoadavg],
  ['system.proc.net.dev', (system) => system.procNetDev],
]);

/** Names under which `system` is among the statistics, behind those of `ats`. */
export const systemNames: readonly string[] = [...SYSTEM_STATS.keys()];

/** Puts `system` into a table whose names are those of `ats`, then `systemNames`. */
export function addSystem(table: StatTable, system: AstatsSystem): void {
  let index = table.names.shown - SYSTEM_STATS.size;
  for (const ofSystem of SYSTEM_STATS.values()) table.set(index++, ofSystem(system));
}

/** A view of `ats` and, under `system.…`, of `system`, which wins over equal names in `ats` (reference 4.2). */
export class AstatsStats implements PayloadStats {
  readonly #ats: JsonObject;
  readonly #system: AstatsSystem;

  constructor(ats: JsonObject, system: AstatsSystem) {
    this.#ats = ats;
    this.#system = system;
  }

  get(name: string): StatValue | undefined {
    const ofSystem = SYSTEM_STATS.get(name);
    if (ofSystem !== undefined) return ofSystem(this.#system);
    return Object.hasOwn(this.#ats, name) ? this.#ats[name] : undefined;
  }

  forEach(visitor: (value: StatValue, name: string) => void): void {
    for (const name of Object.keys(this.#ats)) {
      if (!SYSTEM_STATS.has(name)) visitor(this.#ats[name], name);
    }
    for (const [name, ofSystem] of SYSTEM_STATS) visitor(ofSystem(this.#system), name);
  }
}
