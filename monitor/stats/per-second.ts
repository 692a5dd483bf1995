import { LARGEST_RATE, quantized } from './sums.ts';

/** No sample yet. */
export const NEVER = Number.NEGATIVE_INFINITY;

/**
 * Counters that become rates, in typed arrays that belong together: reference 8.4. A first sample of 0 is as good as
 * any other (D40).
 */
export class PerSecondMemory {
  /** Per second, as they are summed. */
  readonly rates: Float64Array;
  readonly #values: Float64Array;
  readonly #timesMs: Float64Array;

  constructor(length: number) {
    this.rates = new Float64Array(length);
    this.#values = new Float64Array(length);
    this.#timesMs = new Float64Array(length).fill(NEVER);
  }

  /** A counter's new value; both it and time may go back. */
  update(index: number, value: number, timeMs: number): void {
    const lastMs = this.#timesMs[index] ?? NEVER;
    if (timeMs === lastMs) return;
    const last = this.#values[index] ?? 0;
    if (lastMs !== NEVER && value >= last) {
      if (timeMs < lastMs) return;
      const rate = (value - last) / ((timeMs - lastMs) / 1000);
      this.rates[index] = quantized(Math.min(rate, LARGEST_RATE));
    }
    this.#values[index] = value;
    this.#timesMs[index] = timeMs;
  }

  /** Takes over one counter's memory from another. */
  copy(from: PerSecondMemory, fromIndex: number, index: number): void {
    this.rates[index] = from.rates[fromIndex] ?? 0;
    this.#values[index] = from.#values[fromIndex] ?? 0;
    this.#timesMs[index] = from.#timesMs[fromIndex] ?? NEVER;
  }
}
