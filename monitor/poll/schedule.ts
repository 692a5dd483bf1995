import { stableHash } from '../../common/stable-hash.ts';
import { steadyMs } from '../../common/steady-clock.ts';

export interface ScheduleOptions {
  /** ms between two turns of one member. */
  readonly intervalMs: number;
  /** Shifts all turns, so that two monitors do not ask one cache at the same moment. */
  readonly seed: string;
  /** Called for each member whose turn it is, with how late it comes, in ms. */
  readonly onTurn: (id: string, lateMs: number) => void;
  /** Called after a long stall with the number of turns that are gone. */
  readonly onLost?: (turns: number) => void;
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
  /** With long intervals there are as many as members: a list takes a quarter of a set, and few have more than one. */
  readonly #slots: (readonly string[])[];
  readonly #slotMs: number;
  readonly #seed: number;
  readonly #onTurn: (id: string, lateMs: number) => void;
  readonly #onLost: (turns: number) => void;
  readonly #clock: () => number;
  #timer: NodeJS.Timeout | null = null;
  /** The last slot taken, counted from the epoch. */
  #taken = 0;
  /** The slot that the timer waits for, counted from the epoch. */
  #awaited = 0;

  constructor({ intervalMs, seed, onTurn, onLost = () => {}, clock = steadyMs }: ScheduleOptions) {
    const count = Math.max(1, Math.min(Math.floor(intervalMs), Math.round(intervalMs / SLOT_MS)));
    this.#slots = Array.from({ length: count }, () => NOBODY);
    this.#slotMs = intervalMs / count;
    this.#seed = stableHash(seed);
    this.#onTurn = onTurn;
    this.#onLost = onLost;
    this.#clock = clock;
  }

  add(id: string): void {
    // The slots before the awaited one are empty: those that are past count as taken, or the new member would have a
    // turn out of its place.
    if (this.#timer !== null && this.#now() < this.#awaited) this.#taken = this.#now();
    const place = this.#placeOf(id);
    const members = this.#slot(place);
    // Concatenated, for V8 keeps room for 17 in a list that is spread.
    if (!members.includes(id)) this.#slots[place] = members.concat(id);
    if (this.#timer === null) return;
    const count = this.#slots.length;
    const first = this.#taken + 1;
    const next = first + ((place - (first % count) + count) % count);
    if (next < this.#awaited) this.#wait(next);
  }

  remove(id: string): void {
    const place = this.#placeOf(id);
    const others = this.#slot(place).filter((member) => member !== id);
    // Never written to in place: it may be the slot whose members have their turn just now.
    this.#slots[place] = others.length === 0 ? NOBODY : others;
  }

  start(): void {
    if (this.#timer !== null) return;
    this.#taken = this.#now();
    this.#wait(this.#nextUsed());
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Number of its slot in the interval. */
  #placeOf(id: string): number {
    return ((stableHash(id) ^ this.#seed) >>> 0) % this.#slots.length;
  }

  #slot(number: number): readonly string[] {
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
    let lost = 0;
    for (let number = this.#taken + 1; number < first; number++) lost += this.#slot(number).length;
    if (lost > 0) this.#onLost(lost);
    this.#taken = Math.max(this.#taken, now);
    for (let number = first; number <= now; number++) {
      const members = this.#slot(number);
      if (members.length === 0) continue;
      const lateMs = this.#clock() - number * this.#slotMs;
      for (const id of members) this.#onTurn(id, lateMs);
    }
    if (this.#timer !== null) this.#wait(this.#nextUsed());
  }

  /** The next slot with members; if there is none, the last of the interval to come. */
  #nextUsed(): number {
    let next = this.#taken + 1;
    const last = this.#taken + this.#slots.length;
    while (next < last && this.#slot(next).length === 0) next++;
    return next;
  }

  #wait(slot: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#awaited = slot;
    const delayMs = Math.max(1, Math.ceil(slot * this.#slotMs - this.#clock()));
    this.#timer = setTimeout(() => this.#take(), delayMs);
  }
}

/** The members of all slots that have none. */
const NOBODY: readonly string[] = [];
