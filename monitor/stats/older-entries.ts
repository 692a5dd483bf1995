/** Blocks are added by this share of those there are: memory that is not needed yet would be paid a thousand times. */
const GROWTH = 1 / 8;
const LEAST_GROWTH = 32;

/**
 * Past values of one cache's numeric statistics, in typed arrays: 12 bytes a value. A statistic that never changed has
 * none, and no block; one that did has a ring of as many values as the history is long. When a value was last seen
 * follows from the spans of the newer ones.
 */
export class OlderEntries {
  /** Values in a ring. */
  readonly capacity: number;
  #values = new Float64Array(0);
  #spans = new Uint32Array(0);
  /** Per block: values ever pushed, which tells both the place of the newest one and how many there are. */
  #pushed = new Uint32Array(0);
  #blocks = 0;
  #free: number[] = [];

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** An empty ring; its number. */
  allocate(): number {
    const block = this.#free.pop() ?? this.#next();
    this.#pushed[block] = 0;
    return block;
  }

  release(block: number): void {
    this.#free.push(block);
  }

  push(block: number, value: number, span: number): void {
    const pushed = this.#pushed[block] ?? 0;
    const at = block * this.capacity + (pushed % this.capacity);
    this.#values[at] = value;
    this.#spans[at] = span;
    this.#pushed[block] = pushed + 1;
  }

  /** Values in a ring; 0 for block -1, which is none. */
  count(block: number): number {
    return Math.min(this.#pushed[block] ?? 0, this.capacity);
  }

  /** `age` 0 is the newest of the ring. */
  value(block: number, age: number): number {
    return this.#values[this.#at(block, age)] ?? 0;
  }

  span(block: number, age: number): number {
    return this.#spans[this.#at(block, age)] ?? 0;
  }

  #at(block: number, age: number): number {
    const pushed = this.#pushed[block] ?? 0;
    return block * this.capacity + ((pushed - 1 - age) % this.capacity);
  }

  #next(): number {
    if (this.#blocks === this.#pushed.length) this.#grow();
    return this.#blocks++;
  }

  #grow(): void {
    const blocks = this.#blocks + Math.max(LEAST_GROWTH, Math.ceil(this.#blocks * GROWTH));
    this.#values = longer(this.#values, new Float64Array(blocks * this.capacity));
    this.#spans = longer(this.#spans, new Uint32Array(blocks * this.capacity));
    this.#pushed = longer(this.#pushed, new Uint32Array(blocks));
  }
}

function longer<A extends Float64Array | Uint32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
