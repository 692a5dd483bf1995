import type { Lease } from '../../common/kube/objects.ts';
import type { LeaseReport } from './liveness.ts';

const APPLIED = 'trafficcontrol.cdn/applied-revision';
const POLLED = 'trafficcontrol.cdn/polled-revision';
const UNPOLLED = 'trafficcontrol.cdn/unpolled';
const READY = 'trafficcontrol.cdn/ready';

/** What a monitor's Lease says; null: it was never renewed. What it says badly counts as not said. */
export function leaseReport({ metadata, spec }: Lease): LeaseReport | null {
  const renewTime = spec?.renewTime;
  if (renewTime === undefined || renewTime === '') return null;
  const {
    [APPLIED]: applied,
    [POLLED]: polled,
    [UNPOLLED]: unpolled,
    [READY]: ready,
  } = metadata?.annotations ?? {};
  return {
    renewTime,
    appliedRevision: revisionOf(applied),
    polledRevision: revisionOf(polled),
    ready: ready === 'true',
    unpolled: countOf(unpolled),
  };
}

function revisionOf(text: string | undefined): number {
  const revision = Number(text);
  return Number.isSafeInteger(revision) && revision > 0 ? revision : 0;
}

function countOf(text: string | undefined): number {
  try {
    const { count } = JSON.parse(text ?? '{}') as { count?: unknown };
    return typeof count === 'number' && Number.isSafeInteger(count) && count > 0 ? count : 0;
  } catch {
    return 0;
  }
}
