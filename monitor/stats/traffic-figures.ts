import type { DeliveryServiceId } from '../../common/ids.ts';
import { capacityKbpsOf } from '../health/cache-state.ts';
import type { Sample } from '../parse/sample.ts';
import type { CacheHistory } from './cache-history.ts';
import { counters, type DeliveryServiceLookup } from './delivery-service-lookup.ts';
import type { HistoryValue } from './history-value.ts';
import type { StatLayout } from './stat-layout.ts';

/** What a good stat poll says about traffic: the "precomputed data" of reference 4.7. */
export interface TrafficFigures {
  /** Sum over all interfaces, monitored or not; 0 if the format has none. */
  readonly outBytes: bigint;
  /** Of the fastest interface; 0 if the format has none. */
  readonly capacityKbps: number;
  /** The delivery services that the payload names. */
  readonly deliveryServices: readonly DeliveryServiceId[];
  /** For each of them its counters, in the order of `counters`, exact: 64 bits unsigned as high and low 32 bits. */
  readonly counts: Uint32Array;
}

/** Two numbers a counter. */
export const COUNTS_PER_SERVICE = counters.length * 2;

const NO_COUNTS = new Uint32Array(0);

interface Meanings {
  readonly lookup: DeliveryServiceLookup;
  readonly byXmlId: boolean;
  readonly deliveryServices: readonly DeliveryServiceId[];
  /** Slots that count for a delivery service, and where in `counts` they do. */
  readonly slots: Uint32Array;
  readonly places: Uint32Array;
}

/**
 * Works out the figures of samples. What a statistic means is found once per layout of payloads, so that a
 * poll looks at the statistics of delivery services only, and runs no regex.
 */
export class TrafficReader {
  readonly #meanings = new WeakMap<StatLayout, Meanings>();

  /**
   * @param format `health.polling.format`
   * @param history of the cache, with the sample taken in
   */
  read(format: string, sample: Sample, history: CacheHistory, lookup: DeliveryServiceLookup): TrafficFigures {
    if (format === 'vstats' || format === 'noop') {
      return { outBytes: 0n, capacityKbps: 0, deliveryServices: [], counts: NO_COUNTS };
    }
    let outBytes = 0n;
    for (const { bytesOut } of sample.interfaces.values()) outBytes += bytesOut;
    const meanings = this.#meaningsOf(history.layout, lookup, format === 'astats-dsnames');
    const { deliveryServices, slots, places } = meanings;
    const counts = new Uint32Array(deliveryServices.length * COUNTS_PER_SERVICE);
    const takesTexts = format === 'stats_over_http';
    for (let index = 0; index < slots.length; index++) {
      const slot = slots[index] ?? 0;
      const digits = history.newestDigits(slot);
      const isDigits = digits >= 0;
      if (isDigits && !takesTexts) continue;
      addTo(counts, places[index] ?? 0, isDigits ? digits : history.newest(slot), takesTexts);
    }
    return { outBytes, capacityKbps: capacityKbpsOf(sample), deliveryServices, counts };
  }

  #meaningsOf(layout: StatLayout, lookup: DeliveryServiceLookup, byXmlId: boolean): Meanings {
    const known = this.#meanings.get(layout);
    if (known?.lookup === lookup && known.byXmlId === byXmlId) return known;
    const indexes = new Map<DeliveryServiceId, number>();
    const slots: number[] = [];
    const places: number[] = [];
    layout.names.forEach((name, slot) => {
      const meaning = byXmlId ? lookup.byXmlId(name) : lookup.byHost(name);
      if (meaning === null) return;
      const index = indexes.get(meaning.xmlId) ?? indexes.size;
      indexes.set(meaning.xmlId, index);
      slots.push(slot);
      places.push(index * COUNTS_PER_SERVICE + meaning.counter * 2);
    });
    const meanings: Meanings = {
      lookup,
      byXmlId,
      deliveryServices: [...indexes.keys()],
      slots: Uint32Array.from(slots),
      places: Uint32Array.from(places),
    };
    this.#meanings.set(layout, meanings);
    return meanings;
  }
}

const LIMB = 2 ** 32;
const LARGEST = 2n ** 64n - 1n;
const LONGEST_DIGITS = 20;

/** Adds a counter, its fraction cut off; what is no count of 64 bits is passed over. Sums wrap as they do in Go. */
function addTo(counts: Uint32Array, place: number, value: HistoryValue, takesTexts: boolean): void {
  if (typeof value === 'number') {
    if (!(value >= 0 && value < LIMB * LIMB)) return;
    const whole = Math.trunc(value);
    const high = Math.floor(whole / LIMB);
    add(counts, place, high, whole - high * LIMB);
  } else if (
    takesTexts &&
    typeof value === 'string' &&
    value.length <= LONGEST_DIGITS &&
    /^\d+$/.test(value)
  ) {
    const exact = BigInt(value);
    if (exact <= LARGEST) add(counts, place, Number(exact >> 32n), Number(exact & 0xffffffffn));
  }
}

function add(counts: Uint32Array, place: number, high: number, low: number): void {
  const lowSum = (counts[place + 1] ?? 0) + low;
  counts[place + 1] = lowSum;
  counts[place] = (counts[place] ?? 0) + high + (lowSum >= LIMB ? 1 : 0);
}
