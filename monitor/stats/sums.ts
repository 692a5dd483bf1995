/**
 * Sums that can be taken back exactly. Figures are whole numbers below 2^96 split at 2^32, the halves summed apart in
 * doubles, which stay exact for up to two million summands; so after any number of changes a sum equals one made from
 * scratch, and 64-bit counters print to the digit.
 */
const LIMB = 2 ** 32;

/** Counters of `counters`, then the rates of the first five. */
export const COUNTERS = 6;
export const RATES = 5;
const FIGURES = COUNTERS + RATES;

/**
 * No server sends 8 Tbit/s or answers 10^12 requests a second: a rate beyond is a counter that jumped. Without this a
 * hostile cache could push a sum out of the range where it is exact.
 */
export const LARGEST_RATE = 2 ** 40;

/** A rate as it is summed: a whole number of 2^-32ths. */
export const quantized = (rate: number): number => {
  const high = Math.floor(rate);
  return high + Math.round((rate - high) * LIMB) / LIMB;
};

/** What caches have done for a delivery service, altogether or those of a group or type. */
export class TrafficSums {
  readonly #limbs = new Float64Array(FIGURES * 2);

  /**
   * @param counts as in TrafficFigures, those of one delivery service from `offset` on
   * @param sign 1: adds; -1: takes back
   */
  addCounts(counts: Uint32Array, offset: number, sign: 1 | -1): void {
    const limbs = this.#limbs;
    for (let index = 0; index < COUNTERS * 2; index++) {
      limbs[index] = (limbs[index] ?? 0) + sign * (counts[offset + index] ?? 0);
    }
  }

  /** @param rates quantized ones, those of one delivery service from `offset` on */
  addRates(rates: Float64Array, offset: number, sign: 1 | -1): void {
    const limbs = this.#limbs;
    for (let index = 0; index < RATES; index++) {
      const rate = rates[offset + index] ?? 0;
      const high = Math.floor(rate);
      const at = (COUNTERS + index) * 2;
      limbs[at] = (limbs[at] ?? 0) + sign * high;
      limbs[at + 1] = (limbs[at + 1] ?? 0) + sign * (rate - high) * LIMB;
    }
  }

  /** Adds counts and takes back others, both as in `addCounts`. */
  replaceCounts(counts: Uint32Array, before: Uint32Array, offset: number): void {
    const limbs = this.#limbs;
    for (let index = 0; index < COUNTERS * 2; index++) {
      limbs[index] = (limbs[index] ?? 0) + ((counts[offset + index] ?? 0) - (before[offset + index] ?? 0));
    }
  }

  /** Adds rates and takes back others, both as in `addRates`. */
  replaceRates(rates: Float64Array, before: Float64Array, offset: number): void {
    const limbs = this.#limbs;
    for (let index = 0; index < RATES; index++) {
      const rate = rates[offset + index] ?? 0;
      const last = before[offset + index] ?? 0;
      if (rate === last) continue;
      const high = Math.floor(rate);
      const lastHigh = Math.floor(last);
      const at = (COUNTERS + index) * 2;
      limbs[at] = (limbs[at] ?? 0) + (high - lastHigh);
      limbs[at + 1] = (limbs[at + 1] ?? 0) + (rate - high - (last - lastHigh)) * LIMB;
    }
  }

  /** Exact. */
  count(counter: number): bigint {
    return BigInt(this.#limbs[counter * 2] ?? 0) * BigInt(LIMB) + BigInt(this.#limbs[counter * 2 + 1] ?? 0);
  }

  /** Per second. */
  rate(index: number): number {
    const at = (COUNTERS + index) * 2;
    return (this.#limbs[at] ?? 0) + (this.#limbs[at + 1] ?? 0) / LIMB;
  }

  get kbps(): number {
    return this.rate(0) / 125;
  }

  /** Answers of one class, 2 to 5, a second. */
  tps(statusClass: number): number {
    return this.rate(statusClass - 1);
  }

  get tpsTotal(): number {
    return this.rate(1) + this.rate(2) + this.rate(3) + this.rate(4);
  }
}
