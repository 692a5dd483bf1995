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
  /** V8 keeps up to 64 bytes in the object itself; a view of a buffer would take four times that for the first polls. */
  points: Uint8Array;
  newestMs: number;
  count: number;
  /** Where the next point goes. */
  next: number;
}

/** One point at a time is written and read here. */
const point = new DataView(new ArrayBuffer(POINT_BYTES));
const pointBytes = new Uint8Array(point.buffer);

/**
 * The latest health polls of every cache, for the page. A poll writes 14 bytes in place; a cache takes less than 1 KiB,
 * whatever happens.
 */
export class RecentPolls {
  readonly #rings = new Map<CacheName, Ring>();

  record(cache: CacheName, poll: RecentPoll): void {
    let ring = this.#rings.get(cache);
    if (ring === undefined) {
      ring = { points: roomFor(FIRST_POLLS), newestMs: poll.timeMs, count: 0, next: 0 };
      this.#rings.set(cache, ring);
    }
    if (ring.count === roomOf(ring) && ring.count < RECENT_POLLS) grow(ring);
    // Times are told apart by their lower 32 bits, so they must not go back when a clock is set.
    ring.newestMs = Math.max(ring.newestMs, Math.trunc(poll.timeMs));
    const flags = (poll.isAvailable ? AVAILABLE : 0) | (poll.isAnswered ? ANSWERED : 0);
    point.setUint32(0, ring.newestMs % 2 ** 32);
    point.setFloat32(4, poll.kbpsOut);
    point.setFloat32(8, poll.loadAverage);
    point.setUint16(12, flags | Math.min(LONGEST_MS, Math.max(0, Math.round(poll.durationMs))));
    ring.points.set(pointBytes, ring.next * POINT_BYTES);
    const room = roomOf(ring);
    ring.next = (ring.next + 1) % room;
    ring.count = Math.min(room, ring.count + 1);
  }

  /** Oldest first; none: not polled yet, or not by this monitor. */
  of(cache: CacheName): readonly RecentPoll[] {
    const ring = this.#rings.get(cache);
    if (ring === undefined) return [];
    const room = roomOf(ring);
    const first = ring.next - ring.count + room;
    return Array.from({ length: ring.count }, (_, index) => pointOf(ring, (first + index) % room));
  }

  /** Forgets all other caches. */
  keepOnly(caches: ReadonlySet<CacheName>): void {
    for (const name of this.#rings.keys()) if (!caches.has(name)) this.#rings.delete(name);
  }
}

const roomFor = (polls: number): Uint8Array => new Uint8Array(polls * POINT_BYTES);

/** Points that there is room for. */
const roomOf = ({ points }: Ring): number => points.length / POINT_BYTES;

/** A full ring that has not gone round yet, so its points lie in order. */
function grow(ring: Ring): void {
  const points = roomFor(Math.min(RECENT_POLLS, roomOf(ring) * 2));
  points.set(ring.points);
  ring.next = roomOf(ring);
  ring.points = points;
}

function pointOf({ points, newestMs }: Ring, index: number): RecentPoll {
  const at = index * POINT_BYTES;
  for (let byte = 0; byte < POINT_BYTES; byte++) pointBytes[byte] = points[at + byte] ?? 0;
  const flags = point.getUint16(12);
  // How much older than the newest, modulo 2^32 ms, which is 49 days.
  const age = ((newestMs % 2 ** 32) - point.getUint32(0)) >>> 0;
  return {
    timeMs: newestMs - age,
    isAvailable: (flags & AVAILABLE) !== 0,
    isAnswered: (flags & ANSWERED) !== 0,
    loadAverage: Math.round(point.getFloat32(8) * 100) / 100,
    kbpsOut: Math.round(point.getFloat32(4)),
    durationMs: flags & LONGEST_MS,
  };
}
