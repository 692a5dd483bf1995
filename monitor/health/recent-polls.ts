import type { CacheName } from '../../common/ids.ts';

/** One health poll of a cache, as its recent history shows it. */
export interface RecentPoll {
  /** When it ended: ms since the epoch. */
  readonly timeMs: number;
  /** The verdict after it. */
  readonly isAvailable: boolean;
  /** Whether there was an answer that could be read; else the figures below are those of the last one. */
  readonly isAnswered: boolean;
  readonly loadAverage: number;
  readonly kbpsOut: number;
  /** Whole ms, 16,383 at most. */
  readonly durationMs: number;
}

/** So many polls of a cache are kept. */
export const RECENT_POLLS = 60;

/** Time, kbps and load average take four bytes each, duration and both flags two. */
const POINT_BYTES = 14;
const AVAILABLE = 0x8000;
const ANSWERED = 0x4000;
const LONGEST_MS = 0x3fff;

/** Room at first; it doubles as polls come: with long intervals most of the room would stay empty for hours. */
const FIRST_POLLS = 4;

/** A row starts with the time of its newest point, how many points it has, and where the next one goes. */
const COUNT_AT = 8;
const NEXT_AT = 9;
const HEAD_BYTES = 10;

/**
 * The latest health polls of every cache, for the page. A poll writes 14 bytes in place; a cache takes less than 1 KiB,
 * whatever happens. All are in one table: a buffer for each cache would take more than its first ten polls.
 */
export class RecentPolls {
  readonly #rows = new Map<CacheName, number>();
  #table = new Table(0, FIRST_POLLS);

  record(cache: CacheName, poll: RecentPoll): void {
    let row = this.#rows.get(cache);
    if (row === undefined) {
      row = this.#rows.size;
      this.#rows.set(cache, row);
      if (row >= this.#table.rows) this.#rebuild(Math.ceil((row + 1) * 1.5), this.#table.room);
    }
    if (this.#table.isFull(row))
      this.#rebuild(this.#table.rows, Math.min(RECENT_POLLS, this.#table.room * 2));
    this.#table.write(row, poll);
  }

  /** Oldest first; none: not polled yet, or not by this monitor. */
  of(cache: CacheName): readonly RecentPoll[] {
    const row = this.#rows.get(cache);
    return row === undefined ? [] : this.#table.read(row);
  }

  /** Forgets all other caches, and makes room for these. */
  keepOnly(caches: ReadonlySet<CacheName>): void {
    for (const name of this.#rows.keys()) if (!caches.has(name)) this.#rows.delete(name);
    this.#rebuild(caches.size, this.#table.room);
  }

  #rebuild(rows: number, room: number): void {
    const table = new Table(rows, room);
    for (const [place, [cache, row]] of [...this.#rows].entries()) {
      if (row < this.#table.rows) table.take(place, this.#table, row);
      this.#rows.set(cache, place);
    }
    this.#table = table;
  }
}

/** So many rows with room for so many points each, which are overwritten one after the other. */
class Table {
  readonly rows: number;
  readonly room: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(rows: number, room: number) {
    this.rows = rows;
    this.room = room;
    this.#bytes = new Uint8Array(rows * this.#rowBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Whether the next point would take the place of the oldest although there may be more room. */
  isFull(row: number): boolean {
    return this.room < RECENT_POLLS && this.#view.getUint8(row * this.#rowBytes + COUNT_AT) === this.room;
  }

  write(row: number, poll: RecentPoll): void {
    const view = this.#view;
    const start = row * this.#rowBytes;
    const count = view.getUint8(start + COUNT_AT);
    const next = view.getUint8(start + NEXT_AT);
    const timeMs = Math.trunc(poll.timeMs);
    // Times are told apart by their lower 32 bits, so they must not go back when a clock is set.
    const newestMs = count === 0 ? timeMs : Math.max(view.getFloat64(start), timeMs);
    const at = start + HEAD_BYTES + next * POINT_BYTES;
    const flags = (poll.isAvailable ? AVAILABLE : 0) | (poll.isAnswered ? ANSWERED : 0);
    view.setFloat64(start, newestMs);
    view.setUint8(start + COUNT_AT, Math.min(this.room, count + 1));
    view.setUint8(start + NEXT_AT, (next + 1) % this.room);
    view.setUint32(at, newestMs % 2 ** 32);
    view.setFloat32(at + 4, poll.kbpsOut);
    view.setFloat32(at + 8, poll.loadAverage);
    view.setUint16(at + 12, flags | Math.min(LONGEST_MS, Math.max(0, Math.round(poll.durationMs))));
  }

  /** Oldest first. */
  read(row: number): readonly RecentPoll[] {
    const start = row * this.#rowBytes;
    const count = this.#view.getUint8(start + COUNT_AT);
    const first = this.#view.getUint8(start + NEXT_AT) - count + this.room;
    return Array.from({ length: count }, (_, index) => this.#read(start, (first + index) % this.room));
  }

  /** Takes over a row of a table with at most as much room; in one with less than the most, points lie in order. */
  take(row: number, from: Table, fromRow: number): void {
    const start = row * this.#rowBytes;
    const fromStart = fromRow * from.#rowBytes;
    this.#bytes.set(from.#bytes.subarray(fromStart, fromStart + from.#rowBytes), start);
    if (this.room > from.room) this.#view.setUint8(start + NEXT_AT, this.#view.getUint8(start + COUNT_AT));
  }

  get #rowBytes(): number {
    return HEAD_BYTES + this.room * POINT_BYTES;
  }

  #read(start: number, index: number): RecentPoll {
    const view = this.#view;
    const at = start + HEAD_BYTES + index * POINT_BYTES;
    const newestMs = view.getFloat64(start);
    const flags = view.getUint16(at + 12);
    // How much older than the newest, modulo 2^32 ms, which is 49 days.
    const age = ((newestMs % 2 ** 32) - view.getUint32(at)) >>> 0;
    return {
      timeMs: newestMs - age,
      isAvailable: (flags & AVAILABLE) !== 0,
      isAnswered: (flags & ANSWERED) !== 0,
      loadAverage: Math.round(view.getFloat32(at + 8) * 100) / 100,
      kbpsOut: Math.round(view.getFloat32(at + 4)),
      durationMs: flags & LONGEST_MS,
    };
  }
}
