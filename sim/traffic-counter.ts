/**
 * Bytes that grow with time, exactly: at 1 kbps each millisecond is one bit, so nothing is ever rounded but the last
 * bit of a byte. Wraps at 64 bits as the counters of a real interface do.
 */
export class TrafficCounter {
  #bits: bigint;
  #kbps: number;
  #since: number;

  constructor(startBytes: bigint, kbps: number, nowMs: number) {
    this.#bits = startBytes << 3n;
    this.#kbps = kbps;
    this.#since = nowMs;
  }

  /** Bytes counted by `nowMs`, a whole number that never goes back. */
  bytesAt(nowMs: number): bigint {
    return BigInt.asUintN(64, this.#bitsAt(nowMs) >> 3n);
  }

  /** From now on, grow by `kbps` (a whole number). */
  setRate(kbps: number, nowMs: number): void {
    this.#bits = this.#bitsAt(nowMs);
    this.#since = nowMs;
    this.#kbps = kbps;
  }

  #bitsAt(nowMs: number): bigint {
    return this.#bits + BigInt(this.#kbps) * BigInt(nowMs - this.#since);
  }
}
