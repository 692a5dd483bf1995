/** What a scenario says about a counter. */
export interface CounterSpec {
  readonly start?: number;
  readonly perSec?: number;
}

/**
 * A number that grows evenly with wall time. Every value handed out is remembered, so that a check can ask
 * whether the monitor reports a number that this cache really served.
 */
export class Counter {
  readonly served: number[] = [];
  #base: number;
  #perSecond: number;
  #since = performance.now();

  constructor({ start = 0, perSec = 0 }: CounterSpec) {
    this.#base = start;
    this.#perSecond = perSec;
  }

  /** The value now, remembered as served. */
  serve(): number {
    const value = Math.floor(this.#now());
    this.served.push(value);
    return value;
  }

  /** Goes on from the value now at another rate. */
  setRate(perSecond: number): void {
    this.#rebase(this.#now());
    this.#perSecond = perSecond;
  }

  /** Goes on from another value at the same rate. */
  setValue(value: number): void {
    this.#rebase(value);
  }

  #now(): number {
    return this.#base + (this.#perSecond * (performance.now() - this.#since)) / 1000;
  }

  #rebase(value: number): void {
    this.#base = value;
    this.#since = performance.now();
  }
}
