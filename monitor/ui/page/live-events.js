/**
 * The stream of events. A browser opens six connections to a server at most, and every page that listens holds one: so
 * a page that nobody looks at lets go, and asks for what it missed when it is looked at again.
 * @import { MonitorEvent } from '../types.ts'
 */

/** A burst is shown once a frame, not event by event. */
const GATHER_MS = 50;

export class LiveEvents {
  /** @type {EventSource | null} */
  #source = null;
  /** @type {string} */
  #lastId = '';
  /** @type {MonitorEvent[]} */
  #gathered = [];
  #options;

  /** @param {{ onEvents: (events: MonitorEvent[]) => void, onState: (isLive: boolean) => void }} options
   *   events oldest first */
  constructor(options) {
    this.#options = options;
    document.addEventListener('visibilitychange', () => (document.hidden ? this.#close() : this.open()));
  }

  open() {
    if (this.#source !== null || document.hidden) return;
    const after = this.#lastId === '' ? '' : `?after=${encodeURIComponent(this.#lastId)}`;
    const source = new EventSource(`api/events${after}`);
    source.onopen = () => this.#options.onState(true);
    source.onmessage = ({ data, lastEventId }) => {
      this.#lastId = lastEventId;
      if (this.#gathered.length === 0) setTimeout(() => this.#flush(), GATHER_MS);
      this.#gathered.push(JSON.parse(data));
    };
    source.onerror = () => {
      this.#options.onState(false);
      // A refusal ends it for good, unlike a connection that breaks: try again later.
      if (source.readyState !== EventSource.CLOSED) return;
      this.#close();
      setTimeout(() => this.open(), 5000);
    };
    this.#source = source;
  }

  #close() {
    this.#source?.close();
    this.#source = null;
  }

  #flush() {
    const events = this.#gathered;
    this.#gathered = [];
    this.#options.onEvents(events);
  }
}
