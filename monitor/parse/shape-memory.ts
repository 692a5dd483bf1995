import type { CacheName } from '../../common/ids.ts';
import type { FlatReading, FlatShape } from './flat-shape.ts';
import type { JsonObject } from './json-value.ts';
import { type FlatMember, isLarge, learnShape } from './learn-shape.ts';

/** All shapes together: about a thousand caches whose payloads all differ. More caches may share shapes. */
const MOST_BYTES = 96 * 2 ** 20;
/** Caches whose payloads are alike find the shape among the last learned ones. */
const RECENT = 8;

interface Known {
  shape: FlatShape | null;
  /** Bodies in a row that had to be parsed. */
  misses: number;
}

/**
 * The shapes of the caches' payloads. A cache whose payload changes its shape is learned anew after 1, 2, 4, 8 …
 * bodies, so that one that changes all the time costs hardly more than without this.
 */
export class ShapeMemory {
  readonly #mostBytes: number;
  readonly #known = new Map<CacheName, Known>();
  readonly #users = new Map<FlatShape, number>();
  #recent: readonly FlatShape[] = [];
  #bytes = 0;

  constructor(mostBytes: number = MOST_BYTES) {
    this.#mostBytes = mostBytes;
  }

  /** null: the body has to be parsed. */
  read(cache: CacheName, body: Buffer): FlatReading | null {
    const known = this.#known.get(cache) ?? { shape: null, misses: 0 };
    for (const shape of [known.shape, ...this.#recent]) {
      const reading = shape?.read(body) ?? null;
      if (reading === null) continue;
      this.#known.set(cache, known);
      known.misses = 0;
      if (shape !== known.shape) this.#hold(known, shape);
      return reading;
    }
    return null;
  }

  /** A body that was parsed, all well: the next one may have the same shape. */
  learn(cache: CacheName, body: Buffer, member: FlatMember, object: JsonObject): void {
    // Health polls bring a small payload between two large ones, whose shape is to stay.
    if (!isLarge(object)) return;
    const known = this.#known.get(cache) ?? { shape: null, misses: 0 };
    this.#known.set(cache, known);
    known.misses++;
    if ((known.misses & (known.misses - 1)) !== 0) return;
    this.#hold(known, null);
    if (this.#bytes >= this.#mostBytes) return;
    const shape = learnShape(body, member, object);
    // What a shape cannot read of its own body, it never will.
    if (shape === null || shape.read(body) === null) return;
    this.#hold(known, shape);
    this.#recent = [shape, ...this.#recent].slice(0, RECENT);
  }

  /** Forgets all other caches. */
  keepOnly(caches: ReadonlySet<CacheName>): void {
    for (const [cache, known] of this.#known) {
      if (caches.has(cache)) continue;
      this.#hold(known, null);
      this.#known.delete(cache);
    }
  }

  /** Bytes that the shapes of all caches take. */
  get size(): number {
    return this.#bytes;
  }

  #hold(known: Known, shape: FlatShape | null): void {
    if (shape !== null) this.#count(shape, 1);
    if (known.shape !== null) this.#count(known.shape, -1);
    known.shape = shape;
  }

  #count(shape: FlatShape, by: 1 | -1): void {
    const before = this.#users.get(shape) ?? 0;
    if (before === 0) this.#bytes += shape.size;
    if (before + by > 0) {
      this.#users.set(shape, before + by);
      return;
    }
    this.#users.delete(shape);
    this.#bytes -= shape.size;
    this.#recent = this.#recent.filter((recent) => recent !== shape);
  }
}
