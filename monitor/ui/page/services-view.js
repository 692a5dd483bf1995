/**
 * Delivery services: those that are down first, then those that have lost caches.
 * @import { DeliveryService } from '../types.ts'
 */
import { byId, element, meter } from './dom.js';
import { bitRate, count } from './format.js';

/** The worst come first, so what is left out is well. */
const MOST_ROWS = 500;

export class ServicesView {
  /** @type {readonly DeliveryService[]} */
  #services = [];
  #text = '';

  constructor() {
    const filter = /** @type {HTMLInputElement} */ (byId('services-filter'));
    filter.addEventListener('input', () => {
      this.#text = filter.value.toLowerCase();
      this.draw();
    });
  }

  /** @param {{ deliveryServices: DeliveryService[] }} document */
  show({ deliveryServices }) {
    this.#services = [...deliveryServices].sort(
      (a, b) =>
        Number(a.isAvailable) - Number(b.isAvailable) || lost(b) - lost(a) || (a.xmlId < b.xmlId ? -1 : 1),
    );
    this.draw();
  }

  get count() {
    return this.#services.length;
  }

  get available() {
    return this.#services.filter(({ isAvailable }) => isAvailable).length;
  }

  /** For nobody if the view is not open. */
  draw() {
    if (byId('view-services').hidden) return;
    const shown = this.#services.filter(({ xmlId }) => xmlId.toLowerCase().includes(this.#text));
    byId('services-rows').replaceChildren(...shown.slice(0, MOST_ROWS).map(rowOf));
    const all = this.#services.length;
    byId('services-count').textContent =
      shown.length > MOST_ROWS
        ? `the first ${MOST_ROWS} of ${shown.length}: search for the others`
        : `${shown.length} of ${all}`;
  }
}

/** Share of its caches that it has lost. @param {DeliveryService} service */
const lost = ({ caches, cachesAvailable }) => (caches === 0 ? 0 : 1 - cachesAvailable / caches);

/** @param {DeliveryService} service */
function rowOf(service) {
  const { xmlId, type, isAvailable, reason, caches, cachesAvailable, kbps, tps, cachegroupsDown } = service;
  const share = caches === 0 ? null : cachesAvailable / caches;
  const without = cachegroupsDown.length === 0 ? '' : `no cache left in ${cachegroupsDown.join(', ')}`;
  const why =
    reason || (isAvailable ? '' : caches === 0 ? 'no caches are assigned' : 'no cache is available');
  const condition = isAvailable ? 'available' : caches === 0 ? 'out' : 'down';
  return element(
    'tr',
    { 'data-condition': condition },
    element(
      'td',
      { class: 'c-state' },
      element('span', { class: 'sign', 'aria-hidden': 'true' }, isAvailable ? '✓' : '✕'),
      element('span', { class: 'word' }, isAvailable ? 'Up' : 'Down'),
    ),
    element('th', { scope: 'row' }, xmlId),
    element('td', { class: 'wide' }, type ?? ''),
    element('td', { class: 'num' }, `${cachesAvailable} of ${caches}`, meter(share, 'health')),
    element('td', { class: 'num' }, bitRate(kbps)),
    element('td', { class: 'num wide' }, count(tps === null ? null : Math.round(tps))),
    element('td', { class: 'why' }, [why, without].filter(Boolean).join('; ')),
  );
}
