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

/** A part of the document that is to be another: bytes `from` up to `to`. */
interface Change {
  /** Of the entry; -1: what follows them. */
  readonly index: number;
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly bytes: number;
}

const OPENING = '{"caches":{';
/** What closes an entry, and the comma behind it. */
const CLOSING = '"}';
const COMMA_BYTES = 1;
const BEHIND_ENTRIES = -1;
const NEVER = -1;
const TIME_BYTES = rfc3339(0).length;
const UNSET_BYTES = rfc3339(null).length;

/**
 * Writes `/publish/CrStates`: reference 9.5. Nearly always a poll changes a time and nothing else, so the next document
 * is a copy of the last one with what polls have touched. Of an entry nothing is kept but where it stands.
 */
export class CrStatesWriter {
  readonly #view: CrStatesView;
  #sorted: readonly PublishedCache[] | null = null;
  /** What is written of each. */
  #verdicts: Verdict[] = [];
  /** ms since the epoch; -1: never polled. */
  #times = new Float64Array();
  /** Where each entry starts, in bytes, and where one more would. */
  #starts = new Uint32Array();
  /** Where the time of each starts, within its quotes. */
  #timeStarts = new Uint32Array();
  #document = Buffer.alloc(0);
  #deliveryServices = '';

  constructor(view: CrStatesView) {
    this.#view = view;
  }

  /** The document as it is now. It is not written to again: it may be sent while the next one is made. */
  write(): Buffer {
    const deliveryServices = this.#writeDeliveryServices();
    if (this.#view.sorted !== this.#sorted) this.#layOut(this.#view.sorted, deliveryServices);
    else this.#revise(this.#changes(this.#sorted, deliveryServices));
    this.#deliveryServices = deliveryServices;
    return this.#document;
  }

  #layOut(sorted: readonly PublishedCache[], deliveryServices: string): void {
    this.#sorted = sorted;
    this.#verdicts = [];
    this.#times = new Float64Array(sorted.length);
    this.#starts = new Uint32Array(sorted.length + 1);
    this.#timeStarts = new Uint32Array(sorted.length);
    let start = OPENING.length;
    const texts = sorted.map((state, index) => {
      const head = headOf(state);
      const time = rfc3339(state.lastPollMs);
      this.#note(index, state);
      this.#starts[index] = start;
      this.#timeStarts[index] = start + Buffer.byteLength(head);
      start += Buffer.byteLength(head) + time.length + CLOSING.length + COMMA_BYTES;
      return `${head}${time}${CLOSING}`;
    });
    this.#starts[sorted.length] = start;
    this.#document = Buffer.from(`${OPENING}${texts.join(',')}${ending(deliveryServices)}`);
  }

  /** What has changed since the last document, in its order. */
  #changes(sorted: readonly PublishedCache[], deliveryServices: string): Change[] {
    const changes: Change[] = [];
    const change = (index: number, from: number, to: number, text: string): void => {
      changes.push({ index, from, to, text, bytes: Buffer.byteLength(text) });
    };
    for (const [index, state] of sorted.entries()) {
      const isSameVerdict = this.#verdicts[index] === (state.verdict ?? DOWN);
      if (isSameVerdict && this.#times[index] === (state.lastPollMs ?? NEVER)) continue;
      const from = (isSameVerdict ? this.#timeStarts : this.#starts)[index] ?? 0;
      const to = (this.#starts[index + 1] ?? 0) - COMMA_BYTES - CLOSING.length;
      change(index, from, to, `${isSameVerdict ? '' : headOf(state)}${rfc3339(state.lastPollMs)}`);
      this.#note(index, state);
    }
    if (deliveryServices !== this.#deliveryServices) {
      const from = this.#document.length - Buffer.byteLength(ending(this.#deliveryServices));
      change(BEHIND_ENTRIES, from, this.#document.length, ending(deliveryServices));
    }
    return changes;
  }

  /** Makes the next document: what has not changed is copied in runs as long as may be. */
  #revise(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    const grown = changes.reduce((sum, { from, to, bytes }) => sum + bytes - (to - from), 0);
    const next = Buffer.allocUnsafe(this.#document.length + grown);
    let taken = 0;
    let end = 0;
    for (const { from, to, text } of changes) {
      end += this.#document.copy(next, end, taken, from);
      end += next.write(text, end);
      taken = to;
    }
    this.#document.copy(next, end, taken);
    this.#document = next;
    if (changes.some(({ from, to, bytes }) => bytes !== to - from)) this.#shift(changes);
  }

  /** Corrects where entries stand after one has become longer or shorter. */
  #shift(changes: readonly Change[]): void {
    let by = 0;
    let next = 0;
    for (let index = 0; index < this.#timeStarts.length; index++) {
      const start = (this.#starts[index] ?? 0) + by;
      const change = changes[next]?.index === index ? changes[next++] : undefined;
      if (change !== undefined) by += change.bytes - (change.to - change.from);
      this.#starts[index] = start;
      // The time is the last of an entry, and as long as any other but where there is none yet.
      const timeBytes = this.#times[index] === NEVER ? UNSET_BYTES : TIME_BYTES;
      const after = (this.#starts[index + 1] ?? 0) + by;
      this.#timeStarts[index] = after - COMMA_BYTES - CLOSING.length - timeBytes;
    }
    const last = this.#starts.length - 1;
    this.#starts[last] = (this.#starts[last] ?? 0) + by;
  }

  /** What is written of a cache from now on. */
  #note(index: number, { verdict, lastPollMs }: PublishedCache): void {
    this.#verdicts[index] = verdict ?? DOWN;
    this.#times[index] = lastPollMs ?? NEVER;
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

const ending = (deliveryServices: string): string => `},"deliveryServices":{${deliveryServices}}}`;

/** An entry up to its time. */
function headOf({ subject, verdict }: PublishedCache): string {
  const { isAvailable, ipv4Available, ipv6Available, status } = verdict ?? DOWN;
  const flags = `"isAvailable":${isAvailable},"ipv4Available":${ipv4Available},"ipv6Available":${ipv6Available}`;
  return `${htmlSafeString(subject.name)}:{${flags},"status":${htmlSafeString(status)},"lastPoll":"`;
}
