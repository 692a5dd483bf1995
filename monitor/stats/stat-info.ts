import type { InterfaceVitals, Vitals } from '../health/vitals.ts';

/** What was found of one stat poll: the inputs of the computed statistics of reference 5.3. */
export interface StatInfo {
  /** Time of the result: ms since the epoch. */
  readonly timeMs: number;
  /** Whole ms from the request to the end of the answer. */
  readonly queryTimeMs: number;
  /** Why the poll failed; null: it did not. */
  readonly error: string | null;
  /** Without the interfaces; all 0 if the poll failed. */
  readonly vitals: Vitals;
}

const noInterfaces: readonly InterfaceVitals[] = [];

const NO_VITALS: Vitals = {
  timeMs: 0,
  countersMs: 0,
  loadAverage: 0,
  kbpsOut: 0,
  maxKbps: 0,
  interfaces: noInterfaces,
};

/**
 * @param timeMs of the result
 * @param durationMs of the poll
 * @param vitals null: there are none, the poll failed
 */
export function statInfoOf(
  timeMs: number,
  durationMs: number,
  vitals: Vitals | null,
  error: string | null,
): StatInfo {
  return {
    timeMs,
    queryTimeMs: Math.trunc(durationMs),
    error,
    vitals: vitals === null ? NO_VITALS : { ...vitals, interfaces: noInterfaces },
  };
}
