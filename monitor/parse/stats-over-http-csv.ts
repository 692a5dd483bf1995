import { forEachCsvLine } from './csv-lines.ts';
import { digitsEnd, floatFromText } from './number-text.ts';
import type { StatValue } from './sample.ts';
import { type GlobalTable, INTERFACE_PREFIX, SYSTEM_NAMES } from './stats-over-http-global.ts';
import { Unreadable } from './unreadable.ts';

/** Reads the lines of `global`; values are numbers, lines with anything else are left out (reference 4.4). */
export function readStatsOverHttpCsv(text: string): GlobalTable {
  const stats = new Map<string, StatValue>();
  const system = new Map<string, StatValue>();
  const exact = new Map<string, string>();
  forEachCsvLine(text, (name, digits) => {
    const value = floatFromText(digits);
    if (value === undefined) return;
    (SYSTEM_NAMES.has(name) ? system : stats).set(name, value);
    if (value > Number.MAX_SAFE_INTEGER && name.startsWith(INTERFACE_PREFIX)) exact.set(name, digits);
  });
  if (stats.size + system.size === 0) {
    throw new Unreadable('no valid data found in stats_over_http payload with csv format');
  }
  return {
    interfaceNames: () => [...stats.keys()].filter((name) => name.startsWith(INTERFACE_PREFIX)),
    get: (name) => system.get(name) ?? stats.get(name),
    exactDigits: (name) => {
      const digits = exact.get(name);
      return digits !== undefined && digitsEnd(digits, 0) === digits.length ? digits : undefined;
    },
    stats,
  };
}
