const LOOK_EVERY_MS = 50;

/** While this program is held up it serves no cache and reads no clock: what happens then is nobody else's fault. */
export class HoldUps {
  #lastMs = performance.now();
  #longestMs = 0;
  #endedMs = Number.NEGATIVE_INFINITY;
  readonly #toleratedMs: number;
  readonly #timer: NodeJS.Timeout;

  /** @param toleratedMs a hold-up that is shorter makes no poll of a simulated cache fail */
  constructor(toleratedMs: number) {
    this.#toleratedMs = toleratedMs;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** When the last one ended that made polls fail; steady ms. */
  get endedMs(): number {
    return this.#endedMs;
  }

  /** The longest since this was asked last, in ms. */
  takeLongestMs(): number {
    const longestMs = this.#longestMs;
    this.#longestMs = 0;
    return longestMs;
  }

  #look(): void {
    const nowMs = performance.now();
    const lateMs = nowMs - this.#lastMs - LOOK_EVERY_MS;
    this.#lastMs = nowMs;
    this.#longestMs = Math.max(this.#longestMs, lateMs);
    if (lateMs > this.#toleratedMs) this.#endedMs = nowMs;
  }
}
