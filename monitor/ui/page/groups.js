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

/** `live`: all members are; `partly`; `dead`: none is, or nobody was heard of it.
 * @param {MonitorGroup} group @returns {'live' | 'partly' | 'dead'} */
export function healthOf({ members, reachable }) {
  const live = members.filter((member) => member.live || member.self).length;
  if (!reachable || live === 0) return 'dead';
  return live === members.length ? 'live' : 'partly';
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
