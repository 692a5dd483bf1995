/** Says a thing when it changes, and at most once a minute while it stays: a failing loop must not flood the log. */
export class Notices {
  readonly #quietMs: number;
  /** Topic → cause → when it was last said. */
  readonly #said = new Map<string, Map<string, number>>();

  constructor(quietMs = 60_000) {
    this.#quietMs = quietMs;
  }

  /** Is it time to say that `topic` fails for this cause? Remembers that it was said. */
  due(topic: string, cause: string, now: number): boolean {
    const causes = this.#said.get(topic) ?? new Map<string, number>();
    this.#said.set(topic, causes);
    const last = causes.get(cause);
    if (last !== undefined && now - last < this.#quietMs) return false;
    // Causes come from outside: whoever makes up new ones all the time must not fill the memory.
    if (causes.size >= 32) causes.clear();
    causes.set(cause, now);
    return true;
  }

  /** `topic` works. Tells whether it had failed before. */
  works(topic: string): boolean {
    return this.#said.delete(topic);
  }
}
