/**
 * The groups of monitors: who is alive, who polls what, and what is being handed over.
 * @import { GroupMember, MonitorGroup, MonitorGroups } from '../types.ts'
 */
import { byId, element, replaceChanged } from './dom.js';
import { ago, duration } from './format.js';
import { healthOf, homesOf, pageOf, signOf } from './groups.js';

/** What a group says is old after so long. */
const OLD_MS = 5000;

/** @param {MonitorGroups | null} document null: this monitor does not say
 * @param {Map<string, { all: number, available: number, down: number }>} cachegroups */
export function showGroups(document, cachegroups) {
  const legacy = document === null || document.mode === 'legacy';
  byId('groups-legacy').hidden = !legacy;
  byId('groups-head').hidden = legacy;
  if (document === null || legacy) {
    // In legacy mode all monitors are alike; the name of a group would say nothing.
    const peers = (document?.groups ?? []).map((group) => ({
      ...group,
      name: 'This monitor and its peers',
      own: false,
    }));
    replaceChanged(
      byId('groups-list'),
      peers.map((group) => cardOf(group, cachegroups, new Map())),
    );
    byId('handovers').replaceChildren();
    return;
  }
  const { group, revision, source, groups, handovers } = document;
  const told = revision === null ? '' : ` · revision ${revision}`;
  byId('groups-head').textContent =
    `This monitor is of group ${group}${told} · assigned by ${sourceWords(source)}`;
  replaceChanged(
    byId('groups-list'),
    groups.map((each) => cardOf(each, cachegroups, homesOf(document, each.name))),
  );
  byId('handovers').replaceChildren(
    ...(handovers.length === 0
      ? []
      : [
          element('h3', {}, 'Being handed over'),
          element(
            'ul',
            {},
            ...handovers.map(({ cachegroup, from, to }) =>
              element('li', {}, element('b', {}, cachegroup), ` ${from} → ${to}`),
            ),
          ),
        ]),
  );
}

/** @param {string} source */
function sourceWords(source) {
  if (source === 'snapshot') return 'the snapshot of Traffic Ops';
  return source === 'file' ? 'the assignment file' : 'the operator';
}

/** @param {MonitorGroup} group @param {Map<string, { all: number, available: number, down: number }>} counts
 * @param {ReadonlyMap<string, string>} homes groups for which it stands in, by cachegroup */
function cardOf(group, counts, homes) {
  const health = healthOf(group);
  const words = { live: 'all members live', partly: 'some members live', dead: 'no member live' };
  let [all, available] = [0, 0];
  for (const cachegroup of group.cachegroups) {
    all += counts.get(cachegroup)?.all ?? 0;
    available += counts.get(cachegroup)?.available ?? 0;
  }
  // While all is well the age changes with every look and tells nothing.
  const age =
    group.own || !group.ageMs || group.ageMs < OLD_MS ? '' : `heard of ${duration(group.ageMs)} ago`;
  return element(
    'article',
    { class: 'card', 'data-health': health },
    element(
      'header',
      {},
      element('h3', {}, group.name, ...(group.own ? [element('span', { class: 'own' }, 'this group')] : [])),
      element('span', { class: 'badge' }, words[health]),
    ),
    element(
      'p',
      { class: 'quiet' },
      [all === 0 ? 'polls nothing now' : `${available} of ${all} caches available`, age]
        .filter(Boolean)
        .join(' · '),
    ),
    element('ul', { class: 'members' }, ...group.members.map(memberOf)),
    element(
      'p',
      { class: 'chips' },
      ...group.cachegroups.map((name) => {
        const down = counts.get(name)?.down ?? 0;
        const chip = element(
          'a',
          { class: 'chip', href: `#caches?cachegroup=${encodeURIComponent(name)}` },
          name,
        );
        const home = homes.get(name);
        if (home !== undefined) chip.append(` for ${home}`);
        if (down > 0) chip.append(element('b', {}, ` ${down} down`));
        chip.dataset['level'] = down > 0 ? 'some' : 'none';
        return chip;
      }),
    ),
  );
}

/** @param {GroupMember} member */
function memberOf(member) {
  const { name, host, port, self, lastSeenMs } = member;
  const sign = signOf(member);
  const words = {
    live: self ? 'this monitor' : 'live',
    unknown: 'not asked yet',
    silent: `silent, last heard ${ago(lastSeenMs, Date.now())}`,
  };
  return element(
    'li',
    { 'data-sign': sign },
    element('span', { class: 'dot', 'aria-hidden': 'true' }, sign === 'live' ? '●' : '○'),
    element('a', { href: pageOf({ host, port }, location.protocol) }, name),
    element('span', { class: 'quiet' }, words[sign]),
  );
}
