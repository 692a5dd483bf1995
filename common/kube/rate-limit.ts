import { type Clock, monotonicClock } from '../clock.ts';

/** A token bucket: so many requests a second, with so many at once. Waiters go in the order in which they came. */
export class RateLimit {
  readonly #perMs: number;
  readonly #burst: number;
  readonly #clock: Clock;
  /** Below zero: as many wait. */
  #tokens: number;
  #filledMs: number;

  constructor(perSecond: number, burst: number, clock: Clock = monotonicClock) {
    this.#perMs = perSecond / 1000;
    this.#burst = burst;
    this.#clock = clock;
    this.#tokens = burst;
    this.#filledMs = clock.now();
  }

  /** Ends when a request may be sent; early, with its turn given back, when the signal is aborted. */
  async turn(signal: AbortSignal): Promise<void> {
    const now = this.#clock.now();
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#filledMs) * this.#perMs);
    this.#filledMs = now;
    this.#tokens -= 1;
    if (this.#tokens >= 0) return;
    await this.#clock.sleep(-this.#tokens / this.#perMs, signal);
    if (signal.aborted) this.#tokens += 1;
  }
}
