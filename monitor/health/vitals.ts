import type { InterfaceCounters, Sample } from '../parse/sample.ts';

/** What one good answer says about a cache's load, with rates since the answer before it. */
export interface Vitals {
  /** When the counters were read: ms since the epoch. */
  readonly timeMs: number;
  /** One-minute load average. */
  readonly loadAverage: number;
  /** Sum over monitored interfaces. */
  readonly kbpsOut: number;
  readonly maxKbps: number;
  /** Monitored interfaces that the answer names. */
  readonly interfaces: ReadonlyMap<string, InterfaceVitals>;
}

export interface InterfaceVitals {
  readonly bytesIn: bigint;
  readonly bytesOut: bigint;
  readonly kbpsOut: number;
  readonly maxKbps: number;
}

/**
 * The vitals of a sample, given those of the last good sample before it (null: none; rates are then 0).
 *
 * As reference 5.2, save that rates are taken over the last two good samples for every poller (D29), that a counter
 * that went back counts as no traffic instead of 2^64 bytes (D30), and that a sample no newer than the last keeps the
 * last rates (D31): a cache whose statistics stand still has not stopped sending.
 */
export function vitalsOf(
  sample: Sample,
  timeMs: number,
  monitored: readonly { readonly name: string }[],
  previous: Vitals | null,
): Vitals {
  const interfaces = new Map<string, InterfaceVitals>();
  const elapsedMs = previous === null ? 0 : timeMs - previous.timeMs;
  let sentBytes = 0;
  let maxKbps = 0;
  for (const { name } of monitored) {
    const counters = sample.interfaces.get(name);
    if (counters === undefined || interfaces.has(name)) continue;
    const before = previous?.interfaces.get(name);
    const sent = before === undefined ? 0 : sentSince(before, counters);
    sentBytes += sent;
    const interfaceMaxKbps = counters.speedMbps * 1000;
    maxKbps += interfaceMaxKbps;
    const kbpsOut = elapsedMs > 0 ? kbps(sent, elapsedMs) : (before?.kbpsOut ?? 0);
    interfaces.set(name, {
      bytesIn: counters.bytesIn,
      bytesOut: counters.bytesOut,
      kbpsOut,
      maxKbps: interfaceMaxKbps,
    });
  }
  const kbpsOut = elapsedMs > 0 ? kbps(sentBytes, elapsedMs) : (previous?.kbpsOut ?? 0);
  return { timeMs, loadAverage: sample.loadAverages[0], kbpsOut, maxKbps, interfaces };
}

/** Bytes; a difference of two counters is far below 2^53 even for a year at a terabit a second. */
function sentSince(before: InterfaceVitals, now: InterfaceCounters): number {
  return now.bytesOut > before.bytesOut ? Number(now.bytesOut - before.bytesOut) : 0;
}

/** Whole kbps, rounded as the Go monitor does: first to whole kilobits, then to whole kilobits a second. */
function kbps(bytes: number, elapsedMs: number): number {
  return Math.trunc(Math.floor((bytes * 8) / 1000) / (elapsedMs / 1000));
}
