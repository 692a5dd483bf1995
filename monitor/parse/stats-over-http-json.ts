import { objectField } from './json-fields.ts';
import { type JsonObject, readJsonObject } from './json-value.ts';
import type { FlatMember } from './learn-shape.ts';
import { ObjectStats } from './payload-stats.ts';
import type { Payload } from './sample.ts';
import { readShaped } from './shaped-payload.ts';
import type { StatNames, StatTable } from './stat-table.ts';
import { type GlobalTable, INTERFACE_PREFIX, SYSTEM_NAMES } from './stats-over-http-global.ts';
import { Unreadable } from './unreadable.ts';

const GLOBAL: FlatMember = { name: 'global', hidden: SYSTEM_NAMES, added: [] };

const INTERFACE_COUNTER = /"(plugin\.system_stats\.net\.[^"\\]*)"\s*:\s*(\d+)(?![\d.eE])/g;

/** Reads `{"global":{…}}`; values may be numbers or texts (reference 4.4). */
export function readStatsOverHttpJson(payload: Payload): GlobalTable {
  const table = readShaped(payload, GLOBAL.name)?.table;
  if (table !== undefined && !hasInexactCounter(table)) return shapedGlobal(table);
  const text = payload.body.toString();
  const global: JsonObject = objectField(readJsonObject(text), GLOBAL.name);
  const names = Object.keys(global);
  if (names.length === 0) throw new Unreadable("No 'global' data object found in stats_over_http payload");
  payload.shapes?.learn(payload.cache, payload.body, GLOBAL, global);
  let exact: ReadonlyMap<string, string> | undefined;
  return {
    interfaceNames: () => names.filter(isOfInterface),
    get: (name) => (Object.hasOwn(global, name) ? global[name] : undefined),
    exactDigits: (name) => {
      exact ??= digitsInSource(text, global);
      return exact.get(name);
    },
    stats: new ObjectStats(global, SYSTEM_NAMES),
  };
}

const isOfInterface = (name: string): boolean => name.startsWith(INTERFACE_PREFIX);

/** Looked for once a shape. */
const interfaceNames = new WeakMap<StatNames, readonly string[]>();

function interfaceNamesOf(names: StatNames): readonly string[] {
  const found = interfaceNames.get(names) ?? names.all.filter(isOfInterface);
  interfaceNames.set(names, found);
  return found;
}

/** Whether an interface counter is a number that lost digits; a shape does not keep where they stand. */
function hasInexactCounter(table: StatTable): boolean {
  return interfaceNamesOf(table.names).some((name) => {
    const value = table.get(name);
    return typeof value === 'number' && value > Number.MAX_SAFE_INTEGER;
  });
}

const shapedGlobal = (table: StatTable): GlobalTable => ({
  interfaceNames: () => interfaceNamesOf(table.names),
  get: (name) => table.get(name),
  exactDigits: () => undefined,
  stats: table,
});

/**
 * The digits that `JSON.parse` rounded, of every interface counter: one pass for all of them, made when the first
 * one is asked for. A mention whose digits are not the name's value is something else (another object, a text).
 */
function digitsInSource(text: string, global: JsonObject): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, name, digits] of text.matchAll(INTERFACE_COUNTER)) {
    if (name !== undefined && digits !== undefined && global[name] === Number(digits))
      found.set(name, digits);
  }
  return found;
}
