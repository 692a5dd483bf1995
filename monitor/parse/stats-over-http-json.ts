import { objectField } from './json-fields.ts';
import { type JsonObject, readJsonObject } from './json-value.ts';
import { ObjectStats } from './payload-stats.ts';
import { type GlobalTable, SYSTEM_NAMES } from './stats-over-http-global.ts';
import { Unreadable } from './unreadable.ts';

const INTERFACE_COUNTER = /"(plugin\.system_stats\.net\.[^"\\]*)"\s*:\s*(\d+)(?![\d.eE])/g;

/** Reads `{"global":{…}}`; values may be numbers or texts (reference 4.4). */
export function readStatsOverHttpJson(text: string): GlobalTable {
  const global: JsonObject = objectField(readJsonObject(text), 'global');
  const names = Object.keys(global);
  if (names.length === 0) throw new Unreadable("No 'global' data object found in stats_over_http payload");
  let exact: ReadonlyMap<string, string> | undefined;
  return {
    names: () => names,
    get: (name) => (Object.hasOwn(global, name) ? global[name] : undefined),
    exactDigits: (name) => {
      exact ??= digitsInSource(text, global);
      return exact.get(name);
    },
    stats: new ObjectStats(global, SYSTEM_NAMES),
  };
}

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
