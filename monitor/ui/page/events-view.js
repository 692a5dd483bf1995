/**
 * Events, newest first: beside the caches, and as a view of their own.
 * @import { MonitorEvent } from '../types.ts'
 */
import { byId, element, setAttribute, setText } from './dom.js';
import { eventReason, timeOfDay } from './format.js';
import { VirtualList } from './virtual-list.js';

/** More than a monitor remembers by default; a page that stays open for days must not grow. */
const KEPT = 2000;

const typeWords = { DELIVERYSERVICE: 'delivery service', PEER: 'peer', DISTRIBUTED_PEER: 'group' };

export class EventsView {
  /** @type {MonitorEvent[]} newest first */
  #events = [];
  #text = '';
  #lists;
  #onOpen;

  /** @param {(event: MonitorEvent) => void} onOpen */
  constructor(onOpen) {
    this.#onOpen = onOpen;
    this.#lists = ['events-beside', 'events-all'].map(
      (id) => new VirtualList(byId(id), () => this.#makeRow()),
    );
    const filter = /** @type {HTMLInputElement} */ (byId('events-filter'));
    filter.addEventListener('input', () => {
      this.#text = filter.value.toLowerCase();
      this.#show();
    });
    this.#show();
  }

  /** @param {readonly MonitorEvent[]} events oldest first */
  add(events) {
    const newest = this.#events[0];
    // Numbers begin anew when the monitor does; what it says then replaces what the one before it said.
    const first = events[0];
    if (
      first !== undefined &&
      newest !== undefined &&
      first.index <= newest.index &&
      first.time >= newest.time
    )
      this.#events = [];
    this.#events = [...events.toReversed(), ...this.#events].slice(0, KEPT);
    this.#show();
  }

  /** @param {string} name newest first */
  of(name) {
    return this.#events.filter((event) => event.name === name);
  }

  #show() {
    const [beside, all] = this.#lists;
    beside?.set(this.#events);
    const shown =
      this.#text === ''
        ? this.#events
        : this.#events.filter(({ name, description, type }) =>
            `${name} ${description} ${type}`.toLowerCase().includes(this.#text),
          );
    all?.set(shown);
    setText(byId('events-count'), `${shown.length} of ${this.#events.length}`);
    for (const empty of document.querySelectorAll('.events-empty')) {
      if (empty instanceof HTMLElement) empty.hidden = this.#events.length > 0;
    }
  }

  #makeRow() {
    const time = element('time');
    const name = element('b');
    const type = element('span', { class: 'event-type' });
    const what = element('span', { class: 'event-what' });
    const sign = element('span', { class: 'event-sign', 'aria-hidden': 'true' });
    const node = element('div', { role: 'listitem', class: 'event' }, time, sign, name, type, what);
    /** @type {MonitorEvent | null} */
    let shown = null;
    node.addEventListener('click', () => {
      if (shown !== null) this.#onOpen(shown);
    });
    const show = (/** @type {MonitorEvent} */ event) => {
      shown = event;
      setAttribute(node, 'data-condition', event.isAvailable ? 'available' : 'down');
      setText(time, timeOfDay(event.time * 1000));
      setText(sign, event.isAvailable ? '▲' : '▼');
      setText(name, event.name);
      setText(type, /** @type {Record<string, string>} */ (typeWords)[event.type] ?? event.type);
      setText(what, eventReason(event.description));
      setAttribute(node, 'title', `${new Date(event.time * 1000).toISOString()}  ${event.description}`);
    };
    return { node, show };
  }
}
