/** The rule of reference 7.4. */
export interface QuorumRule {
  /** Fewest available peers; 0 or negative: no rule. */
  readonly minimum: number;
  /** How long there have to be enough peers again, after there were not, in ms. */
  readonly settleMs: number;
}

/**
 * Whether enough peers answer for the combined states to be worth telling. A monitor that has lost its peers says so
 * at once: what it sees alone may be the failure of its own network. It speaks again only when they have stayed for a
 * while, so that a peer that comes and goes does not make it flap between 200 and 503.
 */
export class Quorum {
  #rule: QuorumRule = { minimum: 0, settleMs: 0 };
  #available = 0;
  #peers = 0;
  #wasLost = false;
  /** Since when there have been enough; null: there are not. */
  #enoughSinceMs: number | null = null;

  apply(rule: QuorumRule): void {
    this.#rule = rule;
  }

  /** So many of so many peers are available now. Only peers of the config whose last result is fresh count (D48). */
  observe(available: number, peers: number, nowMs: number): void {
    this.#available = available;
    this.#peers = peers;
    if (!this.#applies || available >= this.#rule.minimum) {
      // A clock that was set back must not make it wait.
      this.#enoughSinceMs = Math.min(this.#enoughSinceMs ?? nowMs, nowMs);
      return;
    }
    // At the start there is nothing to lose yet: the first peers that answer are enough.
    if (this.#enoughSinceMs !== null) this.#wasLost = true;
    this.#enoughSinceMs = null;
  }

  /** Why the combined states must not be told; null: they may. */
  problem(nowMs: number): string | null {
    if (!this.#applies) return null;
    const { minimum, settleMs } = this.#rule;
    const numbers = `(${this.#available}/${this.#peers})`;
    if (this.#enoughSinceMs === null) {
      return `number of peers available ${numbers} is less than the minimum number of ${minimum} required for optimistic peer quorum`;
    }
    const settledMs = nowMs - this.#enoughSinceMs;
    if (!this.#wasLost || settledMs >= settleMs) return null;
    return `number of peers available ${numbers} is the minimum number of ${minimum} required for optimistic peer quorum again, but only for ${settledMs} ms of ${settleMs} ms`;
  }

  /** With fewer than two peers nobody could say which of both is cut off. */
  get #applies(): boolean {
    return this.#rule.minimum > 0 && this.#peers > 1;
  }
}
