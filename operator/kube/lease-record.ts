import { type Lease, microTime, type Stored } from '../../common/kube/objects.ts';

/** Who holds a Lease; decides nothing by comparing clocks of two machines. Pure: time is an argument. */

/** A Lease as it was last seen. */
export interface Observed {
  readonly lease: Stored<Lease>;
  /** When it was first seen like this, by our own monotonic clock. */
  readonly sinceMs: number;
}

/** What was seen before stays, with its time, if the Lease is still the same. */
export function observe(before: Observed | null, lease: Stored<Lease>, nowMs: number): Observed {
  const isSame = before?.lease.metadata.resourceVersion === lease.metadata.resourceVersion;
  return before !== null && isSame ? before : { lease, sinceMs: nowMs };
}

/**
 * May `identity` take the Lease? Only if nobody holds it, or its holder has not renewed it for as long as it promised
 * to, counted from when we saw the last renewal.
 */
export function mayTake({ lease, sinceMs }: Observed, identity: string, nowMs: number): boolean {
  const { holderIdentity = '', leaseDurationSeconds = 0 } = lease.spec ?? {};
  if (holderIdentity === '' || holderIdentity === identity) return true;
  return nowMs - sinceMs >= leaseDurationSeconds * 1000;
}

export interface Claim {
  readonly identity: string;
  readonly durationSeconds: number;
  /** Milliseconds since 1970. */
  readonly timeMs: number;
}

/** The spec of a Lease that `identity` holds from now on, or still. @param before null: there is none yet */
export function claimed(before: Lease['spec'] | null, claim: Claim): NonNullable<Lease['spec']> {
  const now = microTime(claim.timeMs);
  const isOurs = before?.holderIdentity === claim.identity;
  const transitions = before?.leaseTransitions ?? 0;
  return {
    holderIdentity: claim.identity,
    leaseDurationSeconds: claim.durationSeconds,
    acquireTime: (isOurs ? before?.acquireTime : undefined) ?? now,
    renewTime: now,
    leaseTransitions: before === null || isOurs ? transitions : transitions + 1,
  };
}

/** The spec of a Lease that nobody holds any more: whoever wants it may take it at once. */
export function released(before: Lease['spec'], timeMs: number): NonNullable<Lease['spec']> {
  return {
    ...before,
    holderIdentity: '',
    leaseDurationSeconds: 1,
    renewTime: microTime(timeMs),
  };
}
