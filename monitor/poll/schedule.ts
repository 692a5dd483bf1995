/** FNV-1a, 32 bits: stable over restarts and machines. */
export function stableHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  // FNV leaves similar names close together in the high bits; this finish spreads them (murmur3).
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

export interface ScheduleOptions {
  /** ms between two turns of one member. */
  readonly intervalMs: number;
  /** Shifts all turns, so that two monitors do not ask one cache at the same moment. */
  readonly seed: string;
  /** Called for each member whose turn it is. */
  readonly onTurn: (id: string) => void;
  /** ms, steady, in phase with the wall clock so that a restart keeps each member's turn. */
  readonly clock?: () => number;
}

/** Turns within one slot are taken together: one timer and few system calls for many polls. */
const SLOT_MS = 10;

/**
 * Gives every member its turn once an interval. A turn's place in the interval is a stable hash of the member's name:
 * evenly spread, not bunched after a start, and untouched by members that come and go. One timer serves all members.
 */
export class Schedule {
  readonly #slots: Set<string>[];
  readonly #slotMs: number;
  readonly #seed: number;
  readonly #onTurn: (id: string) => void;
  readonly #clock: () => number;
  #timer: NodeJS.Timeout | null = null;
  /** The last slot taken, counted from the epoch. */
  #taken = 0;

  constructor({ intervalMs, seed, onTurn, clock = wallSteadyMs }: ScheduleOptions) {
    const count = Math.max(1, Math.min(Math.floor(intervalMs), Math.round(intervalMs / SLOT_MS)));
    this.#slots = Array.from({ length: count }, () => new Set<string>());
    this.#slotMs = intervalMs / count;
    this.#seed = stableHash(seed);
    this.#onTurn = onTurn;
    this.#clock = clock;
  }

  add(id: string): void {
    this.#slotOf(id).add(id);
  }

  remove(id: string): void {
    this.#slotOf(id).delete(id);
  }

  start(): void {
    if (this.#timer !== null) return;
    this.#taken = this.#now();
    this.#wait();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #slotOf(id: string): Set<string> {
    const place = (stableHash(id) ^ this.#seed) >>> 0;
    return this.#slot(place);
  }

  #slot(number: number): Set<string> {
    const slot = this.#slots[number % this.#slots.length];
    if (slot === undefined) throw new RangeError(`no slot ${number}`);
    return slot;
  }

  #now(): number {
    return Math.floor(this.#clock() / this.#slotMs);
  }

  #take(): void {
    const now = this.#now();
    // After a long stall every member gets one turn, not all those it missed.
    const first = Math.max(this.#taken + 1, now - this.#slots.length + 1);
    this.#taken = Math.max(this.#taken, now);
    for (let number = first; number <= now; number++) {
      for (const id of this.#slot(number)) this.#onTurn(id);
    }
    if (this.#timer !== null) this.#wait();
  }

  #wait(): void {
    let next = this.#taken + 1;
    const last = this.#taken + this.#slots.length;
    while (next < last && this.#slot(next).size === 0) next++;
    this.#timer = setTimeout(() => this.#take(), Math.max(1, Math.ceil(next * this.#slotMs - this.#clock())));
  }
}

const wallSteadyMs = (): number => performance.timeOrigin + performance.now();
