import type { CachegroupName, CdnName, GroupName } from '../../common/ids.ts';
import { labelValue } from '../../common/kube/label-value.ts';
import { type Lease, microTime, type ObjectMeta } from '../../common/kube/objects.ts';

/** What a monitor says about itself in its Lease, for the operator. */
export interface MemberReport {
  readonly cdn: CdnName;
  readonly group: GroupName;
  /** Of the assignment in force. */
  readonly appliedRevision: number;
  /** The highest revision of which everything that is this monitor's to poll has been polled; 0: none yet. */
  readonly polledRevision: number;
  /** Those of its cachegroups that are not fully polled yet. */
  readonly unpolled: readonly CachegroupName[];
  /** As `/readyz` says. */
  readonly isReady: boolean;
}

/** After so long without a renewal the operator takes the monitor for dead. */
export const LEASE_SECONDS = 10;

const PREFIX = 'trafficcontrol.cdn';
/** An object has to stay small; the count says how many there are. */
const NAMED = 50;

/** Labels and annotations of the Lease, all of them. */
export function reportMeta(report: MemberReport): Required<Pick<ObjectMeta, 'labels' | 'annotations'>> {
  const { cdn, group, appliedRevision, polledRevision, unpolled, isReady } = report;
  const named = { count: unpolled.length, cachegroups: [...unpolled].sort().slice(0, NAMED) };
  return {
    labels: {
      'app.kubernetes.io/component': 'monitor',
      [`${PREFIX}/group`]: labelValue(group),
      [`${PREFIX}/cdn`]: labelValue(cdn),
    },
    annotations: {
      [`${PREFIX}/applied-revision`]: String(appliedRevision),
      [`${PREFIX}/polled-revision`]: String(polledRevision),
      [`${PREFIX}/unpolled`]: JSON.stringify(named),
      [`${PREFIX}/ready`]: String(isReady),
    },
  };
}

/** @param holder name and start time of the process; @param timeMs since 1970 */
export function leaseSpec(holder: string, timeMs: number): NonNullable<Lease['spec']> {
  return { holderIdentity: holder, leaseDurationSeconds: LEASE_SECONDS, renewTime: microTime(timeMs) };
}
