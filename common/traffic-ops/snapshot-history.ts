import type { CrConfigStats } from './monitoring.ts';

/** One fetch of the CDN snapshot, as `/api/crconfig-history` shows it (reference 9.15). */
export interface SnapshotHistoryEntry {
  /** null: accepted. A text where the Go Traffic Monitor has `{}` (reference D15). */
  readonly error: string | null;
  /** `ip:port` of Traffic Ops, `127.0.0.1` when a copy of our own had to do, empty when unknown. */
  readonly request_address: string;
  /** RFC 3339, with milliseconds. */
  readonly request_time: string;
  readonly stats: CrConfigStats;
}

/** The last fetches, oldest first. */
export class SnapshotHistory {
  #size: number;
  #entries: SnapshotHistoryEntry[] = [];

  /** @param size entries to keep, at least 1 (reference D6) */
  constructor(size: number) {
    this.#size = atLeastOne(size);
  }

  /** Adds a fetch, unless address, date and CDN all equal those of the newest entry; rule: reference 2.6. */
  add(entry: SnapshotHistoryEntry): void {
    const newest = this.#entries.at(-1);
    if (
      newest?.request_address === entry.request_address &&
      newest.stats.date === entry.stats.date &&
      newest.stats.CDN_name === entry.stats.CDN_name
    ) {
      return;
    }
    this.#entries.push(entry);
    this.#forget();
  }

  resize(size: number): void {
    this.#size = atLeastOne(size);
    this.#forget();
  }

  entries(): readonly SnapshotHistoryEntry[] {
    return [...this.#entries];
  }

  #forget(): void {
    if (this.#entries.length > this.#size) this.#entries = this.#entries.slice(-this.#size);
  }
}

function atLeastOne(size: number): number {
  return Math.max(1, Math.trunc(size) || 1);
}
