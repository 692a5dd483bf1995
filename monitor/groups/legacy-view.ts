import { type CachegroupName, type CdnName, groupName, type MonitorName } from '../../common/ids.ts';
import type { MonitoringConfig } from '../../common/traffic-ops/monitoring.ts';
import type { PeerStates } from '../peers/peer-states.ts';
import type { GroupsView, MemberView } from './groups-view.ts';
import { COMPUTED_REVISION } from './snapshot-assignment.ts';

/** Who polls what in legacy mode: this monitor and its peers are one group that polls every cachegroup. */
export function legacyView(
  cdn: CdnName | null,
  config: MonitoringConfig | null,
  self: MonitorName,
  peers: PeerStates<MonitorName>,
  nowMs: number,
): GroupsView {
  const own = config?.monitors.get(self);
  const name = groupName(own?.cachegroup ?? '');
  const cachegroups = new Set<CachegroupName>();
  for (const { cachegroup } of config?.caches.values() ?? []) cachegroups.add(cachegroup);
  const members: MemberView[] = [
    {
      name: self,
      host: own?.fqdn ?? '',
      port: own?.port ?? 0,
      self: true,
      live: true,
      lastSeenMs: nowMs,
    },
  ];
  for (const { name: peer, isAvailable, lastMs } of peers.sorted) {
    const monitor = config?.monitors.get(peer);
    members.push({
      name: peer,
      host: monitor?.fqdn ?? '',
      port: monitor?.port ?? 0,
      self: false,
      live: isAvailable,
      lastSeenMs: isAvailable ? lastMs : null,
    });
  }
  return {
    cdn,
    mode: 'legacy',
    group: name,
    revision: COMPUTED_REVISION,
    source: 'snapshot',
    redundancy: 'All',
    refused: null,
    groups: [{ name, own: true, cachegroups: [...cachegroups].sort(), members, reachable: true, ageMs: 0 }],
    handovers: [],
    failovers: [],
  };
}
