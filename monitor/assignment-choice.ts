import type { AssignmentDocument } from '../common/assignment/document.ts';
import type { MonitorName } from '../common/ids.ts';
import type { Snapshot } from '../common/traffic-ops/monitoring.ts';
import type { AssignmentSources } from './assignment-sources.ts';
import type { Assignment } from './groups/assignment-in-force.ts';
import type { Responsibility } from './groups/responsibility.ts';
import { assignmentOfSnapshot, NotInSnapshotError } from './groups/snapshot-assignment.ts';
import type { Subject } from './health/subject.ts';

/** What this monitor has to poll cannot be known. */
export class AssignmentMissing extends Error {
  override readonly name = 'AssignmentMissing';
}

/**
 * The assignment to act on with a snapshot: that of the documents where there are any, else the snapshot's own.
 *
 * @throws AssignmentMissing
 */
export function assignmentFor(
  { cdn, monitoring }: Snapshot,
  { areUsed, inForce, waitsFor }: Pick<AssignmentSources, 'areUsed' | 'inForce' | 'waitsFor'>,
  self: MonitorName,
): Assignment {
  if (!areUsed) {
    try {
      return { document: assignmentOfSnapshot(cdn, monitoring, self), source: 'snapshot' };
    } catch (error) {
      if (error instanceof NotInSnapshotError) throw new AssignmentMissing(error.message);
      throw error;
    }
  }
  if (inForce === null) throw new AssignmentMissing(waitsFor ?? 'no assignment document is in force');
  if (inForce.document.cdn !== cdn) {
    throw new AssignmentMissing(
      `the assignment is for CDN "${inForce.document.cdn}", the snapshot is of CDN "${cdn}"; correct one of them`,
    );
  }
  return inForce;
}

/** What is odd about an assignment that is acted on all the same, for people. */
export function assignmentWarnings(
  document: AssignmentDocument,
  self: MonitorName,
  subjects: readonly Subject[],
  responsibility: Responsibility,
): readonly string[] {
  const warnings: string[] = [];
  const members = document.groups.find(({ name }) => name === document.group)?.members ?? [];
  if (!members.some(({ name }) => name === self)) {
    warnings.push(
      `this monitor, "${self}", is not among the members of its group "${document.group}": it polls for it, but nobody asks it; name it there, or set short_hostname_override to the name it has there`,
    );
  }
  const cachegroups = new Set(subjects.map(({ server }) => server.cachegroup));
  for (const cachegroup of cachegroups) {
    if (responsibility.isClaimed(cachegroup)) continue;
    const [group = 'nobody'] = responsibility.groupsOf(cachegroup);
    warnings.push(
      `the assignment gives cachegroup "${cachegroup}" to no group; group "${group}" polls it until a revision does`,
    );
  }
  return warnings;
}
