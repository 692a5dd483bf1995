import type { InterfaceCounters, Sample } from '../parse/sample.ts';

/** What one good answer says about a cache's load, with rates since the answer before it. */
export interface Vitals {
  /** When the counters were read: ms since the epoch. */
  readonly timeMs: number;
  /** When a sample first had these counters; before `timeMs` while they stand still. The base of the next rates. */
  readonly countersMs: number;
  /** One-minute load average. */
  readonly loadAverage: number;
  /** Sum over monitored interfaces. */
  readonly kbpsOut: number;
  readonly maxKbps: number;
  /** Monitored interfaces that the answer names; few: a list takes less than a map. */
  readonly interfaces: readonly InterfaceVitals[];
}

export interface InterfaceVitals {
  readonly name: string;
  readonly bytesIn: bigint;
  readonly bytesOut: bigint;
  readonly kbpsOut: number;
  readonly maxKbps: number;
}

/** What an answer said about one interface; undefined: it does not name it, or it is not monitored. */
export const interfaceVitals = ({ interfaces }: Vitals, name: string): InterfaceVitals | undefined =>
  interfaces.find((each) => each.name === name);

/**
 * How long counters may stand still before that means no traffic, in ms. Traffic Server's system_stats reads them every
 * 5 s, whoever asks how often; a link that is polled over always counts something.
 */
const STILL_LIMIT_MS = 15_000;

/**
 * The vitals of a sample, given those of the last good sample before it (null: none; rates are then 0).
 *
 * As reference 5.2, save that rates are taken over the last two good samples for every poller (D29), that a counter
 * that went back counts as no traffic instead of 2^64 bytes (D30), and that a sample which is no newer than the last, by
 * its time (D31) or because no counter has moved, keeps the last rates: a cache whose statistics stand still has not
 * stopped sending, nor does it send five seconds' worth in the one poll that sees them move.
 */
export function vitalsOf(
  sample: Sample,
  timeMs: number,
  monitored: readonly { readonly name: string }[],
  previous: Vitals | null,
): Vitals {
  const read = readCounters(sample, monitored);
  const elapsedMs = previous === null ? 0 : timeMs - previous.countersMs;
  const isStill =
    previous !== null && standsStill(read, previous) && timeMs - previous.countersMs < STILL_LIMIT_MS;
  const keepsRates = isStill || elapsedMs <= 0;
  let sentBytes = 0;
  let maxKbps = 0;
  // Not pushed one by one: V8 would keep room for 17.
  const interfaces = [...read].map(([name, { bytesIn, bytesOut, speedMbps }]): InterfaceVitals => {
    const before = previous === null ? undefined : interfaceVitals(previous, name);
    const sent = before === undefined ? 0 : sentSince(before.bytesOut, bytesOut);
    sentBytes += sent;
    maxKbps += speedMbps * 1000;
    const kbpsOut = keepsRates ? (before?.kbpsOut ?? 0) : kbps(sent, elapsedMs);
    return { name, bytesIn, bytesOut, kbpsOut, maxKbps: speedMbps * 1000 };
  });
  return {
    timeMs,
    countersMs: isStill ? previous.countersMs : timeMs,
    loadAverage: sample.loadAverages[0],
    kbpsOut: keepsRates ? (previous?.kbpsOut ?? 0) : kbps(sentBytes, elapsedMs),
    maxKbps,
    interfaces,
  };
}

type Counters = ReadonlyMap<string, InterfaceCounters>;

/** Of the monitored interfaces that the sample names. */
function readCounters(sample: Sample, monitored: readonly { readonly name: string }[]): Counters {
  const read = new Map<string, InterfaceCounters>();
  for (const { name } of monitored) {
    const counters = sample.interfaces.get(name);
    if (counters !== undefined) read.set(name, counters);
  }
  return read;
}

function standsStill(read: Counters, previous: Vitals): boolean {
  if (read.size !== previous.interfaces.length) return false;
  for (const [name, { bytesIn, bytesOut }] of read) {
    const before = interfaceVitals(previous, name);
    if (before === undefined || before.bytesIn !== bytesIn || before.bytesOut !== bytesOut) return false;
  }
  return true;
}

/** Bytes; a difference of two counters is far below 2^53 even for a year at a terabit a second. */
const sentSince = (before: bigint, now: bigint): number => (now > before ? Number(now - before) : 0);

/** Whole kbps, rounded as the Go monitor does: first to whole kilobits, then to whole kilobits a second. */
function kbps(bytes: number, elapsedMs: number): number {
  return Math.trunc(Math.floor((bytes * 8) / 1000) / (elapsedMs / 1000));
}
