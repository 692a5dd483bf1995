/**
 * What everybody says of one cache, side by side.
 * @import { CacheDetail, PeerStates } from '../types.ts'
 */
import { element } from './dom.js';

/**
 * @typedef {object} Say
 * @property {string} who
 * @property {boolean | null} isAvailable null: says nothing of it
 * @property {boolean} ipv4
 * @property {boolean} ipv6
 */

/** Routers first, then this monitor, then peers and groups by name.
 * @param {CacheDetail} cache @param {readonly { kind: string, states: PeerStates }[]} asked
 * @returns {Say[]} */
export function opinionsOf({ name, isAvailable, own }, asked) {
  /** @type {Say[]} */
  const says = [
    {
      who: own?.from == null ? 'This monitor' : `This monitor, by word of ${own.from}`,
      isAvailable: own?.isAvailable ?? null,
      ipv4: own?.ipv4Available ?? false,
      ipv6: own?.ipv6Available ?? false,
    },
  ];
  for (const { kind, states } of asked) {
    for (const [peer, caches] of Object.entries(states.peers).sort(([a], [b]) => (a < b ? -1 : 1))) {
      const [said] = caches[name] ?? [];
      says.push({
        who: `${kind} ${peer}`,
        isAvailable: said?.value ?? null,
        ipv4: said?.ipv4Available ?? false,
        ipv6: said?.ipv6Available ?? false,
      });
    }
  }
  return [{ who: 'Routers are told', isAvailable, ipv4: false, ipv6: false }, ...says];
}

/** @param {readonly Say[]} says */
export function opinionTable(says) {
  const told = says[0]?.isAvailable ?? null;
  const rows = says.map(({ who, isAvailable, ipv4, ipv6 }, index) => {
    const differs = index > 0 && isAvailable !== null && told !== null && isAvailable !== told;
    const state = isAvailable === null ? 'none' : isAvailable ? 'up' : 'down';
    return element(
      'tr',
      differs ? { class: 'differs' } : {},
      element('th', { scope: 'row' }, who),
      element(
        'td',
        { class: `says ${state}` },
        isAvailable === null ? 'nothing' : isAvailable ? '✓ available' : '✕ down',
      ),
      element('td', {}, index === 0 || isAvailable === null ? '' : families(ipv4, ipv6)),
      element('td', {}, differs ? 'differs' : ''),
    );
  });
  return element(
    'table',
    { class: 'opinions' },
    element('caption', { class: 'unseen' }, 'Opinions on this cache'),
    element('tbody', {}, ...rows),
  );
}

/** @param {boolean} ipv4 @param {boolean} ipv6 */
const families = (ipv4, ipv6) => [ipv4 ? 'IPv4' : '', ipv6 ? 'IPv6' : ''].filter(Boolean).join(', ');
