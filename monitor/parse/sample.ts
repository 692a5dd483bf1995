import type { CacheName } from '../../common/ids.ts';
import type { ShapeMemory } from './shape-memory.ts';

/** What one answer of a cache says, whatever its format. */
export interface Sample {
  /** Load averages over one, five and fifteen minutes. */
  readonly loadAverages: readonly [number, number, number];
  /** Every interface that the payload names, in its order. */
  readonly interfaces: ReadonlyMap<string, InterfaceCounters>;
  /** The cache asks not to be used (`system.notAvailable`). */
  readonly notAvailable: boolean;
  /** `plugin.system_stats.timestamp_ms` if the payload has it: ms since the epoch. */
  readonly timestampMs: number | null;
  /** Everything else that the payload holds, by raw name (no `ats.` prefix). */
  readonly stats: PayloadStats;
}

export interface InterfaceCounters {
  /** Mbit/s, whole, as the cache says it: 0 if it does not, -1 where its kernel does not know. */
  readonly speedMbps: number;
  /** Cumulative, 64 bits, exact. */
  readonly bytesIn: bigint;
  readonly bytesOut: bigint;
}

/** Numbers, strings and booleans are comparable; anything else a payload holds is passed on as it is. */
export type StatValue = unknown;

/** A view of the payload's other statistics; nothing is copied until somebody asks. */
export interface PayloadStats {
  get(name: string): StatValue | undefined;
  /** Shows all of them, in the payload's order. */
  forEach(visitor: (value: StatValue, name: string) => void): void;
}

export interface Payload {
  readonly cache: CacheName;
  /** Decompressed. */
  readonly body: Buffer;
  /** The Content-Type header as it came, empty if there was none. */
  readonly contentType: string;
  /** What payloads looked like before, which saves time; without it they are read all the same. */
  readonly shapes?: ShapeMemory;
}

export type ParseOutcome =
  | { readonly kind: 'sample'; readonly sample: Sample }
  /** The reason is published in the cache's status: the Go monitor's text where reference section 4 gives one. */
  | { readonly kind: 'error'; readonly reason: string };

/** One payload format. Parsers never throw on any input: what cannot be read is an error outcome. */
export interface PayloadFormat {
  /** Value of `health.polling.format`. */
  readonly name: string;
  parse(payload: Payload): ParseOutcome;
}
