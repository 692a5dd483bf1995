/** Fewer are not worth looking through. */
const LEAST_TO_SWEEP = 64;

/** When samples were taken, by their number; only those that a value still refers to are kept for long. */
export class SampleTimes {
  #timesMs = new Map<number, number>();
  #sweepAt = LEAST_TO_SWEEP;

  set(sample: number, timeMs: number): void {
    this.#timesMs.set(sample, timeMs);
  }

  get(sample: number): number {
    return this.#timesMs.get(sample) ?? 0;
  }

  /** Whether it is time to find out which samples are referred to. */
  get isFull(): boolean {
    return this.#timesMs.size >= this.#sweepAt;
  }

  keepOnly(samples: ReadonlySet<number>): void {
    for (const sample of this.#timesMs.keys()) if (!samples.has(sample)) this.#timesMs.delete(sample);
    this.#sweepAt = Math.max(LEAST_TO_SWEEP, 2 * this.#timesMs.size);
  }
}
