import { floatFromText, uint64FromText } from './number-text.ts';
import type { Sample, StatValue } from './sample.ts';
import { type GlobalTable, LOADAVG_NAMES, PROCESSES_NAME } from './stats-over-http-global.ts';
import { quotable, typeName, Unreadable } from './unreadable.ts';

/** The plugin passes on what the kernel counts in, fixed point with 16 bits behind it; see sysinfo(2). */
const FIXED_POINT = 65_536;
const UINT64_LIMIT = 2 ** 64;

/**
 * The three load averages; the number of processes is not kept, but must be there and be one (reference 4.4).
 * Reasons do not have the cache's name yet.
 */
export function readLoadAverages(global: GlobalTable): Sample['loadAverages'] {
  const [one, five, fifteen] = LOADAVG_NAMES;
  const averages = [
    loadAverage(global, one),
    loadAverage(global, five),
    loadAverage(global, fifteen),
  ] as const;
  checkProcesses(required(global, PROCESSES_NAME));
  return averages;
}

function loadAverage(global: GlobalTable, name: string): number {
  const value = required(global, name);
  const fixedPoint = typeof value === 'string' ? floatFromText(value) : value;
  if (typeof fixedPoint === 'number') return fixedPoint / FIXED_POINT;
  throw unusable(shortName(name), 'float', value);
}

function checkProcesses(value: StatValue): void {
  const usable =
    typeof value === 'number'
      ? value >= 0 && value < UINT64_LIMIT
      : typeof value === 'string' && uint64FromText(value) !== undefined;
  if (!usable) throw unusable(shortName(PROCESSES_NAME), 'uint64', value);
}

function required(global: GlobalTable, name: string): StatValue {
  const value = global.get(name);
  if (value === undefined) throw new Unreadable(`Data was missing '${name}'`);
  return value;
}

function unusable(name: string, wanted: string, value: StatValue): Unreadable {
  return typeof value === 'string' || typeof value === 'number'
    ? new Unreadable(`${name} could not parse to ${wanted}, was '${quotable(value)}'`)
    : new Unreadable(`${name} had unrecognized type '${typeName(value)}'`);
}

function shortName(name: string): string {
  return name.slice('plugin.system_stats.'.length);
}
