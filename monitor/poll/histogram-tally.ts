/** Counts how often a figure was how large, in plain numbers: an observation costs a short walk over the bounds. */
export class HistogramTally {
  /** Upper bounds, ascending. */
  readonly bounds: readonly number[];
  sum = 0;
  /** One more than there are bounds: the last is for what exceeds them all. */
  readonly #counts: Float64Array;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    let place = 0;
    while (place < this.bounds.length && value > (this.bounds[place] ?? 0)) place++;
    this.#counts[place] = (this.#counts[place] ?? 0) + 1;
    this.sum += value;
  }

  /** Up to and including each bound, then all: as Prometheus counts. */
  cumulative(): number[] {
    let total = 0;
    return Array.from(this.#counts, (count) => {
      total += count;
      return total;
    });
  }

  get count(): number {
    return this.#counts.reduce((total, count) => total + count, 0);
  }
}
