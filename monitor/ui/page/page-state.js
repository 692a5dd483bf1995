/**
 * What is looked at, as the fragment of the URL: `#caches?state=down&q=london`.
 * @import { Condition, PageState, SortKey, ViewName } from '../types.ts'
 */

/** @type {readonly ViewName[]} */
export const views = ['caches', 'services', 'groups', 'events', 'routes'];

/** @type {readonly Condition[]} */
export const conditions = ['down', 'waiting', 'out', 'available'];

/** @type {readonly SortKey[]} */
export const sortKeys = [
  'condition',
  'name',
  'cachegroup',
  'type',
  'reason',
  'loadAverage',
  'kbps',
  'use',
  'connections',
  'healthMs',
  'polledBy',
];

/** @type {Readonly<PageState>} */
export const initialState = {
  view: 'caches',
  text: '',
  cachegroup: '',
  type: '',
  condition: '',
  sort: 'condition',
  descending: false,
  cache: '',
};

/** Reads a fragment; what it does not say, or says wrongly, is as at the start.
 * @param {string} fragment with or without `#` @returns {PageState} */
export function readState(fragment) {
  const [name = '', query = ''] = fragment.replace(/^#/, '').split('?', 2);
  const given = new URLSearchParams(query);
  const text = (/** @type {string} */ key) => given.get(key) ?? '';
  return {
    view: views.find((view) => view === name) ?? initialState.view,
    text: text('q'),
    cachegroup: text('cachegroup'),
    type: text('type'),
    condition: conditions.find((each) => each === text('state')) ?? '',
    sort: sortKeys.find((key) => key === text('sort')) ?? initialState.sort,
    descending: text('order') === 'down',
    cache: text('cache'),
  };
}

/** The shortest fragment that says the same.
 * @param {PageState} state */
export function writeState(state) {
  const query = new URLSearchParams();
  const put = (/** @type {string} */ key, /** @type {string} */ value) => {
    if (value !== '') query.set(key, value);
  };
  put('q', state.text);
  put('cachegroup', state.cachegroup);
  put('type', state.type);
  put('state', state.condition);
  put('sort', state.sort === initialState.sort ? '' : state.sort);
  put('order', state.descending ? 'down' : '');
  put('cache', state.cache);
  const text = query.toString();
  return `#${state.view}${text === '' ? '' : `?${text}`}`;
}
