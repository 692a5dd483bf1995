/**
 * All that is known of one cache, beside the table.
 * @import { Cache, CacheDetail, GroupMember, HistoryPoll, MonitorEvent, PeerStates } from '../types.ts'
 */
import { conditionWords } from './caches-view.js';
import { byId, element, replaceChanged, setText } from './dom.js';
import { ago, bitRate, decimal, duration, percent, shareOf, shortReason } from './format.js';
import { pageOf } from './groups.js';
import { historyOf } from './history.js';
import { opinionsOf, opinionTable } from './opinions.js';
import { initialState, writeState } from './page-state.js';
import { Reader, read } from './reader.js';

export class CacheDrawer {
  #drawer = byId('drawer');
  #name = '';
  #reader;
  #options;

  /**
   * @param {object} options
   * @param {(name: string) => Cache | undefined} options.cacheOf
   * @param {(cachegroup: string) => string} options.pollerOf
   * @param {(cachegroup: string) => readonly GroupMember[]} options.membersOf live ones that poll a cachegroup
   * @param {() => readonly string[]} options.peerRoutes where to ask for opinions of others, for `name`
   * @param {(name: string) => readonly MonitorEvent[]} options.eventsOf newest first
   * @param {() => void} options.onClose
   */
  constructor(options) {
    this.#options = options;
    this.#reader = new Reader({
      route: () => `api/cache?name=${encodeURIComponent(this.#name)}`,
      everyMs: 3000,
      show: (detail) => void this.#fill(detail),
      onFailure: () => this.#fail(),
    });
    byId('drawer-close').addEventListener('click', () => options.onClose());
  }

  /** Name of the cache that is shown; empty: none. */
  get name() {
    return this.#name;
  }

  /** @param {string} name empty: closes it */
  show(name) {
    if (name === this.#name) return;
    this.#name = name;
    this.#drawer.hidden = name === '';
    document.body.classList.toggle('with-drawer', name !== '');
    if (name === '') {
      this.#reader.stop();
      return;
    }
    setText(byId('drawer-title'), name);
    byId('drawer-body').replaceChildren(element('p', { class: 'quiet' }, 'Asking the monitor…'));
    this.#drawer.scrollTop = 0;
    this.#reader.stop();
    this.#reader.forget();
    this.#reader.start();
  }

  refresh() {
    if (this.#name !== '') this.#reader.refresh();
  }

  #fail() {
    if (this.#name === '' || byId('drawer-body').childElementCount > 1) return;
    byId('drawer-body').replaceChildren(
      element(
        'p',
        { class: 'quiet' },
        `The monitor tells nothing of "${this.#name}": there may be no such cache.`,
      ),
    );
  }

  /** @param {CacheDetail} detail */
  async #fill(detail) {
    const { name } = detail;
    const [history, ...opinions] = await Promise.all([
      read(`api/cache-history?cache=${encodeURIComponent(name)}`).then(
        ({ document }) => /** @type {HistoryPoll[]} */ (document.polls),
        () => [],
      ),
      ...this.#options.peerRoutes().map((route) =>
        read(`${route}?stats=${encodeURIComponent(name)}`).then(
          ({ document }) => /** @type {PeerStates} */ (document),
          () => ({ peers: {} }),
        ),
      ),
    ]);
    // Meanwhile somebody may have opened another one.
    if (name !== this.#name) return;
    const poller = this.#options.pollerOf(detail.cachegroup);
    const kinds = ['peer', 'group'];
    const asked = opinions.map((states, index) => ({ kind: kinds[index] ?? '', states }));
    replaceChanged(byId('drawer-body'), [
      ...summaryOf(detail, this.#options.cacheOf(name)),
      section('Recent polls', ...this.#historyOf(detail, history)),
      section('Who says what', opinionTable(opinionsOf(detail, asked))),
      section('Interfaces', ...detail.interfaces.map(interfaceOf)),
      section('Facts', factsOf(detail, poller)),
      section('Polls', pollsOf(detail)),
      section('Events', ...eventsOf(this.#options.eventsOf(name))),
    ]);
  }

  /** Of a cache that others poll only they have the history: it leads there.
   * @param {CacheDetail} detail @param {readonly HistoryPoll[]} polls */
  #historyOf({ name, status, cachegroup, isPolledHere }, polls) {
    if (isPolledHere) return historyOf(polls);
    if (status !== 'REPORTED' && status !== 'ADMIN_DOWN') {
      return [element('p', { class: 'quiet' }, `${status}: it is not polled.`)];
    }
    const links = this.#options
      .membersOf(cachegroup)
      .map((member) =>
        element(
          'a',
          { href: `${pageOf(member, location.protocol)}${writeState({ ...initialState, cache: name })}` },
          member.name,
        ),
      );
    return [
      element(
        'p',
        { class: 'quiet' },
        `Group ${this.#options.pollerOf(cachegroup)} polls it. See its history at:`,
      ),
      element('p', { class: 'members' }, ...links.flatMap((link) => [link, ' '])),
    ];
  }
}

/** @param {string} title @param {Node[]} content */
const section = (title, ...content) => element('section', {}, element('h3', {}, title), ...content);

/** @param {CacheDetail} detail @param {Cache | undefined} row */
function summaryOf(detail, row) {
  const condition = row?.condition ?? 'waiting';
  const { sign, word } = conditionWords[condition];
  const reason = detail.own === null ? 'not polled by this monitor' : shortReason(detail.own.reason);
  const share = shareOf(detail.kbps, detail.capacityKbps);
  return [
    element(
      'p',
      { class: 'verdict', 'data-condition': condition },
      element('span', { class: 'badge' }, `${sign} ${word}`),
      ` ${detail.status}`,
    ),
    element('p', { class: 'reason' }, row?.reason ? shortReason(row.reason) : reason),
    element(
      'dl',
      { class: 'now' },
      ...pair('Load', decimal(detail.loadAverage, 2)),
      ...pair('Sending', bitRate(detail.kbps)),
      ...pair('Use', percent(share)),
      ...pair('Clients', String(detail.connections)),
    ),
  ];
}

/** @param {string} name @param {string | Node} value */
const pair = (name, value) => [element('div', {}, element('dt', {}, name), element('dd', {}, value))];

/** @param {CacheDetail['interfaces'][number]} each */
function interfaceOf({
  name,
  isMonitored,
  status,
  isAvailable,
  kbps,
  speedKbps,
  maxBandwidthKbps,
  addresses,
}) {
  const limit = maxBandwidthKbps === null ? '' : ` · limit ${bitRate(maxBandwidthKbps)}`;
  const speed = speedKbps === null ? '' : ` of ${bitRate(speedKbps)}`;
  return element(
    'div',
    { class: 'interface', 'data-condition': !isMonitored ? 'out' : isAvailable ? 'available' : 'down' },
    element('b', {}, name),
    element('span', { class: 'says' }, status),
    element('span', {}, isMonitored ? `${bitRate(kbps)}${speed}${limit}` : ''),
    element('span', { class: 'quiet' }, addresses.map(({ address }) => address).join(' · ')),
  );
}

/** @param {CacheDetail} detail @param {string} poller */
function factsOf(detail, poller) {
  const thresholds = detail.thresholds.map(({ stat, comparator, value }) => `${stat} ${comparator} ${value}`);
  return element(
    'dl',
    { class: 'facts' },
    ...pair('Address', `${detail.fqdn}${detail.port === 0 ? '' : `:${detail.port}`}`),
    ...pair('Cachegroup', detail.cachegroup),
    ...(poller === '' ? [] : pair('Polled by', `group ${poller}`)),
    ...pair('Type, profile', `${detail.type}, ${detail.profile}`),
    ...pair('Has to keep', thresholds.join(', ') || 'no thresholds'),
    ...pair('Serves', detail.deliveryServices.join(', ') || 'no delivery service'),
  );
}

/** @param {CacheDetail} detail */
function pollsOf({ health, stat }) {
  const now = Date.now();
  return element(
    'dl',
    { class: 'facts' },
    ...pair('Health', pollText(health, now)),
    ...pair('Statistics', pollText(stat, now)),
  );
}

/** @param {CacheDetail['health']} poller @param {number} nowMs */
function pollText({ lastMs, error, spanMs, goodDurationMs }, nowMs) {
  if (lastMs === null) return 'none by this monitor';
  const every = spanMs === 0 ? '' : `, every ${duration(spanMs)}`;
  return `${ago(lastMs, nowMs)}${every}: ${error ?? `answered in ${duration(goodDurationMs)}`}`;
}

/** @param {readonly MonitorEvent[]} events */
function eventsOf(events) {
  if (events.length === 0) return [element('p', { class: 'quiet' }, 'None that the monitor remembers.')];
  return [
    element(
      'ul',
      { class: 'events-short' },
      ...events
        .slice(0, 12)
        .map(({ time, description, isAvailable }) =>
          element(
            'li',
            { 'data-condition': isAvailable ? 'available' : 'down' },
            element('time', {}, new Date(time * 1000).toISOString().slice(11, 19)),
            element(
              'span',
              {},
              `${isAvailable ? '▲' : '▼'} ${shortReason(description.replace(/^Protocol \(IPv[46]\) /, ''))}`,
            ),
          ),
        ),
    ),
  ];
}
