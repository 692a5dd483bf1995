/**
 * Who polls what, from `/api/monitor-groups`. Pure.
 * @import { GroupMember, MonitorGroup, MonitorGroups } from '../types.ts'
 */

/** Cachegroup → the groups that poll it; two while it is handed over.
 * @param {MonitorGroups | null} document @returns {ReadonlyMap<string, string>} */
export function pollersOf(document) {
  const pollers = new Map();
  for (const { name, cachegroups } of document?.groups ?? []) {
    for (const cachegroup of cachegroups) {
      const other = pollers.get(cachegroup);
      pollers.set(cachegroup, other === undefined ? name : `${other} + ${name}`);
    }
  }
  return pollers;
}

/** Of another group one member is asked at a time, so of the others nothing may be known.
 * @param {GroupMember} member @returns {'live' | 'silent' | 'unknown'} */
export function signOf({ self, live, lastSeenMs }) {
  if (self || live) return 'live';
  return lastSeenMs === null ? 'unknown' : 'silent';
}

/** `live`: no member is silent; `partly`; `dead`: none is live, or nothing is heard of it.
 * @param {MonitorGroup} group @returns {'live' | 'partly' | 'dead'} */
export function healthOf({ members, reachable }) {
  const signs = members.map(signOf);
  if (!reachable || !signs.includes('live')) return 'dead';
  return signs.includes('silent') ? 'partly' : 'live';
}

/** Where a member's own page is. Monitors of one CDN mostly speak the same scheme.
 * @param {Pick<GroupMember, 'host' | 'port'>} member @param {string} protocol of this page, `http:` or `https:` */
export function pageOf({ host, port }, protocol) {
  const name = host.includes(':') ? `[${host}]` : host;
  return `${protocol}//${name}:${port}/`;
}

/** Live members of the groups that poll a cachegroup.
 * @param {MonitorGroups | null} document @param {string} cachegroup */
export const membersOf = (document, cachegroup) =>
  (document?.groups ?? [])
    .filter(({ cachegroups }) => cachegroups.includes(cachegroup))
    .flatMap(({ members }) => members.filter(({ live }) => live));

/** Cachegroup → the group that is down, where `group` stands in for it.
 * @param {MonitorGroups} document @param {string} group @returns {ReadonlyMap<string, string>} */
export const homesOf = ({ failovers }, group) =>
  new Map(
    failovers.filter(({ standIn }) => standIn === group).map(({ cachegroup, home }) => [cachegroup, home]),
  );
