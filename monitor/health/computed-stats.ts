import type { Vitals } from './vitals.ts';

/** What a threshold can be set on in every poll. */
export interface PollFigures {
  readonly vitals: Vitals;
  /** Whole ms from the request to the end of the answer. */
  readonly queryTimeMs: number;
}

type Compute = (figures: PollFigures) => number;

const availableKbps: Compute = ({ vitals }) => vitals.maxKbps - vitals.kbpsOut;
const constantZero: Compute = () => 0;

/** Computed stats with numeric values: reference 5.3. */
const numeric: ReadonlyMap<string, Compute> = new Map<string, Compute>([
  ['kbps', ({ vitals }) => vitals.kbpsOut],
  ['bandwidth', ({ vitals }) => vitals.kbpsOut],
  ['maxKbps', ({ vitals }) => vitals.maxKbps],
  ['availableBandwidthInKbps', availableKbps],
  // Whole Mbps: integer division toward zero, as the Go monitor has it (D38).
  ['availableBandwidthInMbps', (figures) => Math.trunc(availableKbps(figures) / 1000)],
  ['gbps', ({ vitals }) => vitals.kbpsOut / 1_000_000],
  ['loadavg', ({ vitals }) => vitals.loadAverage],
  ['queryTime', ({ queryTimeMs }) => queryTimeMs],
  ['system.astatsLoad', constantZero],
  ['system.configReloadRequests', constantZero],
  ['system.configReloads', constantZero],
  ['system.inf.speed', constantZero],
  ['system.lastReload', constantZero],
  ['system.proc.loadavg', constantZero],
  ['system.proc.net.dev', constantZero],
]);

/** Computed stats that are no numbers: a threshold on one can never be checked. */
const textual: ReadonlySet<string> = new Set([
  'stateUrl',
  'status',
  'error-string',
  'isAvailable',
  'isHealthy',
  'system.inf.name',
  'system.lastReloadRequest',
  'system.notAvailable',
]);

/** Whether thresholds on `stat` are checked against a computed figure rather than one of the payload. */
export const isComputedStat = (stat: string): boolean => numeric.has(stat);

/** Whether a threshold on `stat` makes no sense, because its value is a text or a flag. */
export const isTextualStat = (stat: string): boolean => textual.has(stat);

/** The value of a computed stat; undefined if `stat` is none. */
export function computedStat(stat: string, figures: PollFigures): number | undefined {
  return numeric.get(stat)?.(figures);
}
