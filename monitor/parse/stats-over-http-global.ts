import type { PayloadStats, StatValue } from './sample.ts';

/** The `global` table of a stats_over_http payload, written as JSON or as CSV. */
export interface GlobalTable {
  /** Names that begin with `INTERFACE_PREFIX`, in the payload's order. */
  interfaceNames(): Iterable<string>;
  get(name: string): StatValue | undefined;
  /** The digits of an interface counter too large for a float; undefined if it is not written in mere digits. */
  exactDigits(name: string): string | undefined;
  /** The table without what `SYSTEM_NAMES` lists. */
  readonly stats: PayloadStats;
}

/** One, five and fifteen minutes. */
export const LOADAVG_NAMES = [
  'plugin.system_stats.loadavg.one',
  'plugin.system_stats.loadavg.five',
  'plugin.system_stats.loadavg.fifteen',
] as const;

export const PROCESSES_NAME = 'plugin.system_stats.current_processes';

/** What describes the system and is no statistic of the payload (reference 4.4). */
export const SYSTEM_NAMES: ReadonlySet<string> = new Set([...LOADAVG_NAMES, PROCESSES_NAME]);

/** `plugin.system_stats.net.<interface>.<counter>`. */
export const INTERFACE_PREFIX = 'plugin.system_stats.net.';
