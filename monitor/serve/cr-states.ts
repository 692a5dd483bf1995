import type { CacheState } from '../health/cache-state.ts';
import type { CacheStates } from '../health/cache-states.ts';
import type { Verdict } from '../health/verdict.ts';
import { htmlSafeString, rfc3339 } from './json-text.ts';

interface Entry {
  readonly state: CacheState;
  /** What is written of it. */
  verdict: Verdict;
  timeMs: number | null;
  /** Up to the time. */
  head: string;
  /** In the document, in bytes. */
  offset: number;
  length: number;
}

/** Seeded until the first poll: reference 5.1. */
const unknown: Verdict = { isAvailable: false, ipv4Available: false, ipv6Available: false, status: '' };

/**
 * Writes `/publish/CrStates`: reference 9.5. Nearly always a poll changes a time and nothing else, so the document is
 * kept and what polls have touched is written over in place; it is laid out anew only when a length changes.
 */
export class CrStatesWriter {
  readonly #states: CacheStates;
  #sorted: readonly CacheState[] = [];
  #entries: readonly Entry[] = [];
  #document = Buffer.alloc(0);
  #deliveryServices = '';

  constructor(states: CacheStates) {
    this.#states = states;
  }

  /** The document as it is now; the buffer is the caller's. */
  write(): Buffer {
    const deliveryServices = this.#writeDeliveryServices();
    const isLaidOut = this.#states.sorted === this.#sorted && deliveryServices === this.#deliveryServices;
    if (!isLaidOut || !this.#writeOver()) this.#layOut(deliveryServices);
    return Buffer.from(this.#document);
  }

  /** Whether every touched entry fitted into its place. */
  #writeOver(): boolean {
    for (const entry of this.#entries) {
      const { state } = entry;
      if (entry.timeMs === state.lastPollMs && entry.verdict === (state.verdict ?? unknown)) continue;
      const text = refreshed(entry);
      if (Buffer.byteLength(text) !== entry.length) return false;
      this.#document.write(text, entry.offset);
    }
    return true;
  }

  #layOut(deliveryServices: string): void {
    if (this.#states.sorted !== this.#sorted) {
      this.#sorted = this.#states.sorted;
      this.#entries = this.#sorted.map(newEntry);
    }
    let offset = '{"caches":{'.length;
    const texts = this.#entries.map((entry) => {
      const text = refreshed(entry);
      entry.offset = offset;
      entry.length = Buffer.byteLength(text);
      offset += entry.length + 1;
      return text;
    });
    this.#document = Buffer.from(`{"caches":{${texts.join(',')}},"deliveryServices":{${deliveryServices}}}`);
    this.#deliveryServices = deliveryServices;
  }

  #writeDeliveryServices(): string {
    const { deliveryServices } = this.#states;
    return deliveryServices.sorted
      .map(
        (id) =>
          `${htmlSafeString(id)}:{"disabledLocations":[],"isAvailable":${deliveryServices.isAvailable(id)}}`,
      )
      .join(',');
  }
}

function newEntry(state: CacheState): Entry {
  const verdict = state.verdict ?? unknown;
  return { state, verdict, timeMs: null, head: headOf(state, verdict), offset: 0, length: 0 };
}

function headOf({ subject }: CacheState, verdict: Verdict): string {
  const { isAvailable, ipv4Available, ipv6Available, status } = verdict;
  const flags = `"isAvailable":${isAvailable},"ipv4Available":${ipv4Available},"ipv6Available":${ipv6Available}`;
  return `${htmlSafeString(subject.name)}:{${flags},"status":${htmlSafeString(status)},"lastPoll":"`;
}

function refreshed(entry: Entry): string {
  const { state } = entry;
  const verdict = state.verdict ?? unknown;
  if (entry.verdict !== verdict) {
    entry.verdict = verdict;
    entry.head = headOf(state, verdict);
  }
  entry.timeMs = state.lastPollMs;
  return `${entry.head}${rfc3339(state.lastPollMs)}"}`;
}
