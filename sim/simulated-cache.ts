import type { CacheName } from '../common/ids.ts';
import { type Behaviour, healthy } from './behaviours.ts';
import { payloadWriter } from './payloads/formats.ts';
import type { Payload, PayloadFormatName } from './payloads/payload.ts';
import { TrafficCounter } from './traffic-counter.ts';

/** What the script of a cache may change at any time. */
export interface CacheState {
  readonly loadAverage: number;
  /** Traffic sent, a whole number. A tenth of it is received. */
  readonly kbps: number;
  /** Of the network interface, in Mbit/s. */
  readonly speedMbps: number;
  readonly notAvailable: boolean;
  /** Time between a request and its answer. */
  readonly latencyMs: number;
  readonly httpStatus: number;
  readonly format: PayloadFormatName;
  /** CSV for those who accept `text/csv`, or for everybody. */
  readonly csv: 'when-asked' | 'always';
  /** Entries in a full payload beyond those that a monitor uses. */
  readonly extraStats: number;
  readonly connections: number;
  /** Compress for those who accept it. Costs far more than answering plainly. */
  readonly gzip: boolean;
  readonly behaviour: Behaviour;
}

/** What a farm must know of a cache; a `WorldCache` is one. */
export interface CacheDescription {
  readonly name: CacheName;
  readonly fqdn: string;
  readonly address: string;
  readonly format: PayloadFormatName;
  readonly interfaceName: string;
  readonly remapHosts: readonly string[];
}

const initialState: CacheState = {
  loadAverage: 0.22,
  kbps: 800_000,
  speedMbps: 20_000,
  notAvailable: false,
  latencyMs: 0,
  httpStatus: 200,
  format: 'astats',
  csv: 'when-asked',
  extraStats: 0,
  connections: 321,
  gzip: false,
  behaviour: healthy,
};

/** One cache: its state, its counters, and how often it was asked. */
export class SimulatedCache {
  readonly description: CacheDescription;
  /** Polls with `application=system`, and all others. */
  healthPolls = 0;
  fullPolls = 0;
  #state: CacheState;
  readonly #bytesOut: TrafficCounter;
  readonly #bytesIn: TrafficCounter;

  constructor(description: CacheDescription, state: Partial<CacheState>, startBytes: bigint, nowMs: number) {
    this.description = description;
    this.#state = checked({ ...initialState, format: description.format, ...state });
    this.#bytesOut = new TrafficCounter(startBytes, this.#state.kbps, nowMs);
    this.#bytesIn = new TrafficCounter(startBytes / 10n, Math.floor(this.#state.kbps / 10), nowMs);
  }

  get state(): CacheState {
    return this.#state;
  }

  /** Changes what `patch` names; counters go on from where they are. */
  update(patch: Partial<CacheState>, nowMs: number): void {
    this.#state = checked({ ...this.#state, ...patch });
    this.#bytesOut.setRate(this.#state.kbps, nowMs);
    this.#bytesIn.setRate(Math.floor(this.#state.kbps / 10), nowMs);
  }

  /** The body of a right answer at `nowMs`. */
  payload(nowMs: number, full: boolean, csv: boolean): Payload {
    const state = this.#state;
    const { interfaceName, remapHosts } = this.description;
    return payloadWriter(state.format, csv || state.csv === 'always')(
      {
        interfaceName,
        remapHosts,
        speedMbps: state.speedMbps,
        loadAverage: state.loadAverage,
        notAvailable: state.notAvailable,
        connections: state.connections,
        extraStats: state.extraStats,
        bytesIn: this.#bytesIn.bytesAt(nowMs),
        bytesOut: this.#bytesOut.bytesAt(nowMs),
      },
      full,
    );
  }
}

/** A wrong script fails where it is written, not later in the middle of an answer. */
function checked(state: CacheState): CacheState {
  if (!Number.isSafeInteger(state.kbps) || state.kbps < 0) {
    throw new RangeError(`kbps must be a whole number, zero or more, not ${state.kbps}`);
  }
  return state;
}
