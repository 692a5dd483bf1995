/** How often to look, in ms. A hold-up may go unnoticed for so long. */
const LOOK_EVERY_MS = 100;

/** What a timer may be late in ordinary life, in ms; later, the process was stopped, or busy with other things. */
export const NOTICEABLE_MS = 20;

/**
 * For how long this process has been held up: stopped, or busy with one thing. In that time answers wait to be read, so
 * it must not count as the caches'.
 */
export class HoldUps {
  #totalMs = 0;
  #dueMs = 0;
  #timer: NodeJS.Timeout | null = null;

  start(): void {
    if (this.#timer !== null) return;
    this.#dueMs = performance.now() + LOOK_EVERY_MS;
    this.#timer = setInterval(() => {
      this.#totalMs += this.#lateMs;
      this.#dueMs = performance.now() + LOOK_EVERY_MS;
    }, LOOK_EVERY_MS);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** ms in all, with what is being noticed only now. */
  get totalMs(): number {
    return this.#timer === null ? this.#totalMs : this.#totalMs + this.#lateMs;
  }

  get #lateMs(): number {
    const lateMs = performance.now() - this.#dueMs;
    return lateMs > NOTICEABLE_MS ? lateMs : 0;
  }
}
