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

/** Room at first; it doubles as polls come: with long intervals and many caches most of the room would stay empty. */
const FIRST_POLLS = 4;

interface Ring {
  points: DataView;
  /** Points that there is room for. */
  room: number;
  newestMs: number;
  count: number;
  /** Where the next point goes. */
  next: number;
}

/**
 * The latest health polls of every cache, for the page. A poll writes 14 bytes in place; a cache takes less than 1 KiB,
 * whatever happens.
 */
export class RecentPolls {
  readonly #rings = new Map<CacheName, Ring>();

  record(cache: CacheName, poll: RecentPoll): void {
    let ring = this.#rings.get(cache);
    if (ring === undefined) {
      ring = { points: roomFor(FIRST_POLLS), room: FIRST_POLLS, newestMs: poll.timeMs, count: 0, next: 0 };
      this.#rings.set(cache, ring);
    }
    if (ring.count === ring.room && ring.room < RECENT_POLLS) grow(ring);
    // Times are told apart by their lower 32 bits, so they must not go back when a clock is set.
    ring.newestMs = Math.max(ring.newestMs, Math.trunc(poll.timeMs));
    const at = ring.next * POINT_BYTES;
    const flags = (poll.isAvailable ? AVAILABLE : 0) | (poll.isAnswered ? ANSWERED : 0);
    ring.points.setUint32(at, ring.newestMs % 2 ** 32);
    ring.points.setFloat32(at + 4, poll.kbpsOut);
    ring.points.setFloat32(at + 8, poll.loadAverage);
    ring.points.setUint16(at + 12, flags | Math.min(LONGEST_MS, Math.max(0, Math.round(poll.durationMs))));
    ring.next = (ring.next + 1) % ring.room;
    ring.count = Math.min(ring.room, ring.count + 1);
  }

  /** Oldest first; none: not polled yet, or not by this monitor. */
  of(cache: CacheName): readonly RecentPoll[] {
    const ring = this.#rings.get(cache);
    if (ring === undefined) return [];
    const first = ring.next - ring.count + ring.room;
    return Array.from({ length: ring.count }, (_, index) => pointOf(ring, (first + index) % ring.room));
  }

  /** Forgets all other caches. */
  keepOnly(caches: ReadonlySet<CacheName>): void {
    for (const name of this.#rings.keys()) if (!caches.has(name)) this.#rings.delete(name);
  }
}

const roomFor = (polls: number): DataView => new DataView(new ArrayBuffer(polls * POINT_BYTES));

/** A full ring that has not gone round yet, so its points lie in order. */
function grow(ring: Ring): void {
  const room = Math.min(RECENT_POLLS, ring.room * 2);
  const points = roomFor(room);
  new Uint8Array(points.buffer).set(new Uint8Array(ring.points.buffer));
  ring.points = points;
  ring.next = ring.room;
  ring.room = room;
}

function pointOf({ points, newestMs }: Ring, index: number): RecentPoll {
  const at = index * POINT_BYTES;
  const flags = points.getUint16(at + 12);
  // How much older than the newest, modulo 2^32 ms, which is 49 days.
  const age = ((newestMs % 2 ** 32) - points.getUint32(at)) >>> 0;
  return {
    timeMs: newestMs - age,
    isAvailable: (flags & AVAILABLE) !== 0,
    isAnswered: (flags & ANSWERED) !== 0,
    loadAverage: Math.round(points.getFloat32(at + 8) * 100) / 100,
    kbpsOut: Math.round(points.getFloat32(at + 4)),
    durationMs: flags & LONGEST_MS,
  };
}
