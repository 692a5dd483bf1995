/**
 * The page: reads this monitor's routes, and joins the parts that show them. No framework, no build, nothing from
 * elsewhere; see docs/page.md.
 * @import { Condition, MonitorGroups, PageState, ViewName } from './types.ts'
 */
import { CacheDrawer } from './page/cache-drawer.js';
import { CacheTable, pick, tally } from './page/cache-table.js';
import { CachesView, showTroubledGroups } from './page/caches-view.js';
import { byId, element, setAttribute, setText } from './page/dom.js';
import { EventsView } from './page/events-view.js';
import { membersOf, pollersOf } from './page/groups.js';
import { showGroups } from './page/groups-view.js';
import { listenToKeys } from './page/keyboard.js';
import { LiveEvents } from './page/live-events.js';
import { initialState, readState, views, writeState } from './page/page-state.js';
import { Failures, Reader } from './page/reader.js';
import { ServicesView } from './page/services-view.js';
import { Summary } from './page/summary.js';
import { nextTheme, startTheme } from './page/theme.js';

/** After an event the table is read at once, but a burst of them does not read it again and again. */
const HURRY_MS = 400;

let state = readState(location.hash);
const table = new CacheTable();
const summary = new Summary();
/** @type {MonitorGroups | null} */
let groups = null;
let pollers = pollersOf(null);
let counts = tally([]);
const pollerOf = (/** @type {string} */ cachegroup) => pollers.get(cachegroup) ?? '';

const search = /** @type {HTMLInputElement} */ (byId('search'));
const groupSelect = /** @type {HTMLSelectElement} */ (byId('filter-group'));
const typeSelect = /** @type {HTMLSelectElement} */ (byId('filter-type'));

/** @param {Partial<PageState>} change */
function change(change) {
  state = { ...state, ...change };
  // Typing into the search field is no step to go back to.
  history.replaceState(null, '', writeState(state));
  show();
}

const cachesView = new CachesView({
  pollerOf,
  onSort: (sort) => {
    // Figures are mostly looked at from the largest on.
    const isFigure = ['loadAverage', 'kbps', 'use', 'connections', 'healthMs'].includes(sort);
    change({ sort, descending: state.sort === sort ? !state.descending : isFigure });
  },
  onOpen: (cache, index) => {
    cachesView.list.select(index, { scroll: false });
    change({ cache: cache.name === state.cache ? '' : cache.name });
  },
});
const services = new ServicesView();
const events = new EventsView((event) => {
  if (table.get(event.name) !== undefined) change({ view: 'caches', cache: event.name });
  else if (event.type === 'DELIVERYSERVICE') change({ view: 'services' });
});
const drawer = new CacheDrawer({
  cacheOf: (name) => table.get(name),
  pollerOf,
  membersOf: (cachegroup) => membersOf(groups, cachegroup),
  peerRoutes: () =>
    groups?.mode === 'distributed'
      ? ['publish/PeerStates', 'publish/DistributedPeerStates']
      : ['publish/PeerStates'],
  eventsOf: (name) => events.of(name),
  onClose: () => change({ cache: '' }),
});

/** Shows the state: which view, which caches, which details. */
function show() {
  for (const view of views) {
    byId(`view-${view}`).hidden = view !== state.view;
    const tab = byId(`tab-${view}`);
    if (view === state.view) tab.setAttribute('aria-current', 'page');
    else tab.removeAttribute('aria-current');
  }
  document.body.dataset['view'] = state.view;
  if (search.value !== state.text) search.value = state.text;
  groupSelect.value = state.cachegroup;
  typeSelect.value = state.type;
  for (const button of document.querySelectorAll('[data-show]')) {
    setAttribute(button, 'aria-pressed', String(button.getAttribute('data-show') === state.condition));
  }
  showCaches();
  services.draw();
  drawer.show(state.cache);
}

function showCaches() {
  const selected = cachesView.list.items[cachesView.list.selected]?.name;
  const picked = pick(table.all, state, pollerOf);
  cachesView.show(picked, state.sort, state.descending);
  // The selection stays with its cache when rows move.
  const name = state.cache || selected;
  cachesView.list.select(name === undefined ? -1 : picked.findIndex((cache) => cache.name === name), {
    scroll: false,
  });
  const isFiltered = picked.length !== counts.all;
  setText(byId('caches-count'), isFiltered ? `${picked.length} of ${counts.all}` : `${counts.all} caches`);
  byId('clear-filters').hidden = !isFiltered;
  showTroubledGroups(counts.cachegroups, state.cachegroup, (cachegroup) => change({ cachegroup }));
}

/** @param {HTMLSelectElement} select @param {readonly string[]} names @param {string} all */
function fillSelect(select, names, all) {
  const key = names.join('\n');
  if (select.dataset['names'] === key) return;
  select.dataset['names'] = key;
  select.replaceChildren(
    element('option', { value: '' }, all),
    ...names.map((name) => element('option', { value: name }, name)),
  );
}

const failures = new Failures((routes, sinceMs) => summary.showFailures(routes, sinceMs));

const cachesReader = new Reader({
  route: 'api/caches',
  everyMs: 3000,
  failures,
  show: (document) => {
    table.update(document, Date.now());
    counts = tally(table.all);
    fillSelect(groupSelect, [...counts.cachegroups.keys()].sort(), 'All cachegroups');
    fillSelect(typeSelect, counts.types, 'All types');
    groupSelect.value = state.cachegroup;
    typeSelect.value = state.type;
    for (const [condition, number] of Object.entries(counts.conditions)) {
      setText(byId(`count-${condition}`), String(number));
    }
    showCaches();
    if (state.view === 'groups') showGroups(groups, counts.cachegroups);
  },
});
const overviewReader = new Reader({
  route: 'api/overview',
  everyMs: 2500,
  failures,
  show: (overview) => summary.show(overview),
});
const servicesReader = new Reader({
  route: 'api/delivery-services',
  everyMs: 5000,
  failures,
  show: (document) => {
    services.show(document);
    summary.showServices(services.available, services.count);
  },
});
const groupsReader = new Reader({
  route: 'api/monitor-groups',
  everyMs: 3000,
  show: (document) => {
    groups = document;
    pollers = pollersOf(groups);
    summary.showGroups(groups);
    showGroups(groups, counts.cachegroups);
    cachesView.list.refresh();
  },
  onFailure: () => {
    if (groups === null) showGroups(null, counts.cachegroups);
  },
});

let hurried = false;
const live = new LiveEvents({
  onState: (isLive) => {
    setAttribute(byId('live'), 'data-live', String(isLive));
    setText(byId('live'), isLive ? 'live' : 'not live');
  },
  onEvents: (news) => {
    events.add(news);
    if (hurried) return;
    hurried = true;
    setTimeout(() => {
      hurried = false;
      for (const reader of [cachesReader, overviewReader, servicesReader]) reader.refresh();
      drawer.refresh();
    }, HURRY_MS);
  },
});

/** @param {number} index */
function select(index) {
  const { list } = cachesView;
  if (state.view !== 'caches' || list.items.length === 0) return;
  const at = Math.min(list.items.length - 1, Math.max(0, index));
  list.select(at, { scroll: true });
  requestAnimationFrame(() => cachesView.announceSelection());
  const cache = list.items[at];
  // With details open, the arrows lead from cache to cache.
  if (state.cache !== '' && cache !== undefined) change({ cache: cache.name });
}

listenToKeys({
  goTo: (view) => change({ view }),
  move: (rows) => {
    const { selected } = cachesView.list;
    select(selected < 0 ? (rows > 0 ? 0 : cachesView.list.items.length - 1) : selected + rows);
  },
  jump: (end) => select(end === 'first' ? 0 : cachesView.list.items.length - 1),
  open: () => {
    const cache = cachesView.list.items[cachesView.list.selected];
    if (state.view === 'caches' && cache !== undefined) change({ cache: cache.name });
  },
  back: () => {
    if (state.cache !== '') change({ cache: '' });
    else clearFilters();
  },
  find: () => {
    change({ view: 'caches' });
    search.focus();
    search.select();
  },
  troubled: () => change({ view: 'caches', condition: state.condition === 'down' ? '' : 'down' }),
  theme: nextTheme,
  page: () => cachesView.list.page,
});

function clearFilters() {
  const { text, cachegroup, type, condition } = initialState;
  change({ text, cachegroup, type, condition });
}

search.addEventListener('input', () => change({ text: search.value }));
groupSelect.addEventListener('change', () => change({ cachegroup: groupSelect.value }));
typeSelect.addEventListener('change', () => change({ type: typeSelect.value }));
byId('clear-filters').addEventListener('click', clearFilters);
for (const button of document.querySelectorAll('[data-show]')) {
  const condition = /** @type {Condition | ''} */ (button.getAttribute('data-show') ?? '');
  button.addEventListener('click', () => change({ condition }));
}
for (const view of views) {
  byId(`tab-${view}`).addEventListener('click', (event) => {
    event.preventDefault();
    change({ view: /** @type {ViewName} */ (view) });
  });
}
addEventListener('hashchange', () => {
  state = readState(location.hash);
  show();
});

startTheme();
show();
showGroups(null, counts.cachegroups);
for (const reader of [overviewReader, cachesReader, servicesReader, groupsReader]) reader.start();
live.open();
setInterval(() => setText(byId('clock'), `${new Date().toISOString().slice(11, 19)} UTC`), 1000);
