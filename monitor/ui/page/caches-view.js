/**
 * The table of caches: its head, its rows, and the strip that names cachegroups in trouble.
 * @import { Cache, Condition, SortKey } from '../types.ts'
 */
import { byId, element, meter, setAttribute, setMeter, setText } from './dom.js';
import { bitRate, count, decimal, duration, shareOf, shortReason } from './format.js';
import { VirtualList } from './virtual-list.js';

/** A sign besides the colour, and a word. @type {Record<Condition, { sign: string, word: string }>} */
export const conditionWords = {
  down: { sign: '✕', word: 'Down' },
  waiting: { sign: '…', word: 'Waiting' },
  out: { sign: '–', word: 'Out' },
  available: { sign: '✓', word: 'Up' },
};

/** @type {readonly { key: SortKey | '', name: string, title: string, className: string }[]} */
const columns = [
  { key: 'condition', name: 'State', title: 'as routers are told', className: 'c-state' },
  { key: 'name', name: 'Cache', title: 'host name', className: 'c-name' },
  { key: 'cachegroup', name: 'Cachegroup', title: 'where it stands', className: 'c-group' },
  { key: 'polledBy', name: 'Polled by', title: 'group of monitors that polls it', className: 'c-poller' },
  { key: 'type', name: 'Type', title: 'edge or mid', className: 'c-type' },
  { key: 'reason', name: 'Status and reason', title: 'what the last poll found', className: 'c-reason' },
  { key: 'loadAverage', name: 'Load', title: 'load average of a minute', className: 'c-load num' },
  { key: 'kbps', name: 'Sending', title: 'by all monitored interfaces', className: 'c-kbps num' },
  { key: 'use', name: 'Use', title: 'of its fastest interface', className: 'c-use num' },
  { key: 'connections', name: 'Conns', title: 'clients connected', className: 'c-conns num' },
  { key: '', name: 'v4 v6', title: 'available over IPv4 and IPv6', className: 'c-families' },
  {
    key: 'healthMs',
    name: 'Poll',
    title: 'time that the last good health poll took',
    className: 'c-poll num',
  },
];

/** How long a row that has changed stands out. */
const FLASH_MS = 6000;

export class CachesView {
  #grid = byId('caches-grid');
  #list;
  #options;
  /** @type {Map<SortKey, HTMLElement>} */
  #heads = new Map();
  #rows = 0;

  /**
   * @param {object} options
   * @param {(key: SortKey) => void} options.onSort
   * @param {(cache: Cache, index: number) => void} options.onOpen
   * @param {(cachegroup: string) => string} options.pollerOf
   */
  constructor(options) {
    this.#options = options;
    this.#grid.append(this.#makeHead());
    this.#list = new VirtualList(this.#grid, () => this.#makeRow(), 1);
  }

  get list() {
    return this.#list;
  }

  /** @param {readonly Cache[]} caches @param {SortKey} sort @param {boolean} descending */
  show(caches, sort, descending) {
    for (const [key, head] of this.#heads) {
      setAttribute(head, 'aria-sort', key !== sort ? 'none' : descending ? 'descending' : 'ascending');
    }
    this.#list.set(caches);
    byId('caches-empty').hidden = caches.length > 0;
  }

  /** The selected row is told to those who hear the page. */
  announceSelection() {
    const id = this.#list.selectedId;
    if (id === '') this.#grid.removeAttribute('aria-activedescendant');
    else this.#grid.setAttribute('aria-activedescendant', id);
  }

  #makeHead() {
    const row = element('div', { role: 'row', class: 'row head', 'aria-rowindex': 1 });
    for (const { key, name, title, className } of columns) {
      const cell = element('div', { role: 'columnheader', class: className, title });
      if (key === '') cell.append(name);
      else {
        const button = element('button', { type: 'button', tabindex: -1 }, name);
        button.addEventListener('click', () => this.#options.onSort(key));
        cell.append(button);
        this.#heads.set(key, cell);
      }
      row.append(cell);
    }
    return element('div', { role: 'rowgroup', class: 'head-group' }, row);
  }

  #makeRow() {
    const node = element('div', { role: 'row', class: 'row', id: `cache-row-${this.#rows++}` });
    const cell = (/** @type {string} */ className, /** @type {Node[]} */ ...children) => {
      const made = element('div', { role: 'gridcell', class: className }, ...children);
      node.append(made);
      return made;
    };
    const sign = element('span', { class: 'sign', 'aria-hidden': 'true' });
    const word = element('span', { class: 'word' });
    cell('c-state', sign, word);
    const name = cell('c-name');
    const group = cell('c-group');
    const poller = cell('c-poller');
    const type = cell('c-type');
    const reason = cell('c-reason');
    const load = cell('c-load num');
    const kbps = cell('c-kbps num');
    const use = meter(null, 'use');
    cell('c-use num', use);
    const connections = cell('c-conns num');
    const [v4, v6] = [element('span'), element('span')];
    cell('c-families', v4, v6);
    const poll = cell('c-poll num');
    /** @type {Cache | null} */
    let shown = null;
    node.addEventListener('click', () => {
      if (shown !== null) this.#options.onOpen(shown, this.#list.items.indexOf(shown));
    });
    const show = (/** @type {Cache} */ cache) => {
      shown = cache;
      const words = conditionWords[cache.condition];
      setAttribute(node, 'data-condition', cache.condition);
      setAttribute(node, 'data-disputed', String(cache.isDisputed));
      setAttribute(node, 'data-fresh', String(Date.now() - cache.changedMs < FLASH_MS));
      setText(sign, words.sign);
      setText(word, words.word);
      setText(name, cache.name);
      setText(group, cache.cachegroup);
      setText(poller, this.#options.pollerOf(cache.cachegroup));
      setText(type, cache.type);
      setText(reason, reasonOf(cache));
      setAttribute(reason, 'title', cache.reason);
      setText(load, decimal(cache.loadAverage, 2));
      setText(kbps, bitRate(cache.kbps));
      setMeter(use, shareOf(cache.kbps, cache.capacityKbps));
      setText(connections, cache.kbps === null ? '–' : count(cache.connections));
      showFamily(v4, 'IPv4', cache.ipv4);
      showFamily(v6, 'IPv6', cache.ipv6);
      setText(poll, cache.healthMs === 0 ? '–' : duration(cache.healthMs));
    };
    return { node, show };
  }
}

/** @param {Cache} cache */
function reasonOf({ condition, status, reason, isDisputed }) {
  if (isDisputed) {
    const others = condition === 'available' ? 'peers see it available' : 'peers see it down';
    return `disputed: ${others}; here ${shortReason(reason) || 'unknown'}`;
  }
  if (reason === '') return condition === 'out' ? status : 'not polled yet';
  const short = shortReason(reason);
  return status === 'REPORTED' ? short : `${status} · ${short}`;
}

/** @param {HTMLElement} target @param {string} family @param {boolean | null} isUp null: it has no such address */
function showFamily(target, family, isUp) {
  setAttribute(target, 'class', isUp === null ? 'family none' : isUp ? 'family up' : 'family down');
  setText(target, isUp === null ? '–' : isUp ? '✓' : '✕');
  const says = isUp === null ? `no ${family} address` : `${family} ${isUp ? 'available' : 'not available'}`;
  setAttribute(target, 'title', says);
  setAttribute(target, 'aria-label', says);
  setAttribute(target, 'role', 'img');
}

/** Cachegroups with caches that are down, worst first; a click shows that cachegroup alone.
 * @param {Map<string, { all: number, available: number, down: number }>} cachegroups
 * @param {string} chosen @param {(cachegroup: string) => void} onChoose */
export function showTroubledGroups(cachegroups, chosen, onChoose) {
  const strip = byId('troubled-groups');
  const troubled = [...cachegroups]
    .filter(([, { down }]) => down > 0)
    .sort(([a, x], [b, y]) => y.down / y.all - x.down / x.all || (a < b ? -1 : 1));
  const key = JSON.stringify([troubled, chosen]);
  if (strip.dataset['shown'] === key) return;
  strip.dataset['shown'] = key;
  strip.hidden = troubled.length === 0;
  strip.replaceChildren(
    element('span', { class: 'strip-title' }, 'Cachegroups with caches down'),
    ...troubled.slice(0, 40).map(([name, { all, down }]) => {
      const chip = element(
        'button',
        { type: 'button', class: 'chip', 'aria-pressed': String(name === chosen) },
        element('b', {}, name),
        ` ${down} of ${all}`,
      );
      chip.dataset['level'] = down === all ? 'all' : 'some';
      chip.addEventListener('click', () => onChoose(name === chosen ? '' : name));
      return chip;
    }),
    ...(troubled.length > 40 ? [element('span', {}, `and ${troubled.length - 40} more`)] : []),
  );
}
