import { assignClosest } from '../../common/assignment/closest.ts';
import type { AssignedGroup, AssignmentDocument, GroupMember } from '../../common/assignment/document.ts';
import { byByteOrder } from '../../common/byte-order.ts';
import {
  type CdnName,
  cachegroupName,
  type GroupName,
  groupName,
  type MonitorName,
} from '../../common/ids.ts';
import { cachegroupPlaces } from '../../common/traffic-ops/cachegroup-places.ts';
import type { Coordinates, MonitoringConfig } from '../../common/traffic-ops/monitoring.ts';

/** The snapshot does not say what this monitor has to poll. */
export class NotInSnapshotError extends Error {
  override readonly name = 'NotInSnapshotError';
}

/** Revision of an assignment that is computed: it follows the snapshot, which has an order of its own. */
export const COMPUTED_REVISION = 0;

/**
 * Who polls what by the Traffic Monitors of the monitoring config, as the Go monitor computes it: reference 7.1 and
 * 7.6. The monitors of a cachegroup, with this one's status, are a group of that name; the groups take the closest
 * cachegroup in turn.
 *
 * @throws NotInSnapshotError if the config does not have this monitor; the text is Go's
 */
export function assignmentOfSnapshot(
  cdn: CdnName,
  config: MonitoringConfig,
  self: MonitorName,
): AssignmentDocument {
  const own = config.monitors.get(self);
  if (own === undefined || own.status === '' || own.cachegroup === '') {
    throw new NotInSnapshotError(
      `getting cachegroups to poll: unable to find status for this Traffic Monitor (${self}) in monitoring config snapshot`,
    );
  }
  const members = new Map<GroupName, GroupMember[]>();
  for (const { name, fqdn, port, cachegroup, status } of config.monitors.values()) {
    if (status !== own.status || cachegroup === '') continue;
    const group = groupName(cachegroup);
    const member = { name, host: fqdn, port };
    const others = members.get(group);
    if (others === undefined) members.set(group, [member]);
    else others.push(member);
  }
  const placeOf = (cachegroup: string): Coordinates | null =>
    config.cachegroups.get(cachegroupName(cachegroup)) ?? null;
  const taken = assignClosest(
    [...members.keys()].map((name) => ({ name, coordinates: placeOf(name) })),
    cachegroupPlaces(config),
  );
  const groups = [...members.keys()].sort(byByteOrder).map(
    (name): AssignedGroup => ({
      name,
      cachegroups: taken.get(name) ?? [],
      members: members.get(name) ?? [],
    }),
  );
  return {
    version: 1,
    revision: COMPUTED_REVISION,
    cdn,
    group: groupName(own.cachegroup),
    redundancy: 'All',
    groups,
    handovers: [],
    failovers: [],
  };
}
