import type { CacheName } from '../../common/ids.ts';

/**
 * Caches that this monitor polls although they are others' by now: each until its new owner has been heard with a
 * verdict of its own, so that no cache is without a poller in between.
 */
export class HandOver {
  /** Cache → since when it is others', ms since the epoch. */
  readonly #leaving = new Map<CacheName, number>();

  /** The cache is others' from now on, but still polled here. */
  begin(cache: CacheName, nowMs: number): void {
    if (!this.#leaving.has(cache)) this.#leaving.set(cache, nowMs);
  }

  /** It is polled by its new owner, is this monitor's again, or exists no more. @returns whether it was leaving */
  end(cache: CacheName): boolean {
    return this.#leaving.delete(cache);
  }

  /** For how long it has been leaving, in ms; null: it is not. */
  leavingForMs(cache: CacheName, nowMs: number): number | null {
    const sinceMs = this.#leaving.get(cache);
    return sinceMs === undefined ? null : nowMs - sinceMs;
  }

  /** Those that have been leaving for `timeoutMs` or longer. */
  overdue(nowMs: number, timeoutMs: number): readonly CacheName[] {
    return [...this.#leaving].filter(([, sinceMs]) => nowMs - sinceMs >= timeoutMs).map(([cache]) => cache);
  }

  get caches(): Iterable<CacheName> {
    return this.#leaving.keys();
  }

  get size(): number {
    return this.#leaving.size;
  }
}
