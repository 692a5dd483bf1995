import type { DeliveryServiceId } from '../../common/ids.ts';
import type { Subject } from '../health/subject.ts';
import { DOWN, type Verdict } from '../health/verdict.ts';
import { htmlSafeString, rfc3339 } from './json-text.ts';

/** What is published of one cache. */
export interface PublishedCache {
  readonly subject: Pick<Subject, 'name'>;
  /** null: nothing is known yet. A changed verdict is another object. */
  readonly verdict: Verdict | null;
  /** ms since the epoch; null: never polled. */
  readonly lastPollMs: number | null;
}

/** One of the three views of `/publish/CrStates`: reference 7.5. */
export interface CrStatesView {
  /** Caches by name; another array once they are others. */
  readonly sorted: readonly PublishedCache[];
  readonly deliveryServices: {
    readonly sorted: readonly DeliveryServiceId[];
    isAvailable(id: DeliveryServiceId): boolean;
  };
}

interface Entry {
  readonly state: PublishedCache;
  /** What is written of it. */
  verdict: Verdict;
  timeMs: number | null;
  /** Up to the time. */
  head: string;
  /** In the document, in bytes. */
  offset: number;
  length: number;
}

/**
 * Writes `/publish/CrStates`: reference 9.5. Nearly always a poll changes a time and nothing else, so the document is
 * kept and what polls have touched is written over in place; it is laid out anew only when a length changes.
 */
export class CrStatesWriter {
  readonly #view: CrStatesView;
  #sorted: readonly PublishedCache[] = [];
  #entries: readonly Entry[] = [];
  #document = Buffer.alloc(0);
  #deliveryServices = '';

  constructor(view: CrStatesView) {
    this.#view = view;
  }

  /** The document as it is now; the buffer is the caller's. */
  write(): Buffer {
    const deliveryServices = this.#writeDeliveryServices();
    const isLaidOut = this.#view.sorted === this.#sorted && deliveryServices === this.#deliveryServices;
    if (!isLaidOut || !this.#writeOver()) this.#layOut(deliveryServices);
    return Buffer.from(this.#document);
  }

  /** Whether every touched entry fitted into its place. */
  #writeOver(): boolean {
    for (const entry of this.#entries) {
      const { state } = entry;
      if (entry.timeMs === state.lastPollMs && entry.verdict === (state.verdict ?? DOWN)) continue;
      const text = refreshed(entry);
      if (Buffer.byteLength(text) !== entry.length) return false;
      this.#document.write(text, entry.offset);
    }
    return true;
  }

  #layOut(deliveryServices: string): void {
    if (this.#view.sorted !== this.#sorted) {
      this.#sorted = this.#view.sorted;
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
    const { deliveryServices } = this.#view;
    return deliveryServices.sorted
      .map(
        (id) =>
          `${htmlSafeString(id)}:{"disabledLocations":[],"isAvailable":${deliveryServices.isAvailable(id)}}`,
      )
      .join(',');
  }
}

function newEntry(state: PublishedCache): Entry {
  const verdict = state.verdict ?? DOWN;
  return { state, verdict, timeMs: null, head: headOf(state, verdict), offset: 0, length: 0 };
}

function headOf({ subject }: PublishedCache, verdict: Verdict): string {
  const { isAvailable, ipv4Available, ipv6Available, status } = verdict;
  const flags = `"isAvailable":${isAvailable},"ipv4Available":${ipv4Available},"ipv6Available":${ipv6Available}`;
  return `${htmlSafeString(subject.name)}:{${flags},"status":${htmlSafeString(status)},"lastPoll":"`;
}

function refreshed(entry: Entry): string {
  const { state } = entry;
  const verdict = state.verdict ?? DOWN;
  if (entry.verdict !== verdict) {
    entry.verdict = verdict;
    entry.head = headOf(state, verdict);
  }
  entry.timeMs = state.lastPollMs;
  return `${entry.head}${rfc3339(state.lastPollMs)}"}`;
}
