/** What a monitor says in its Lease: docs/operator.md. */
export interface LeaseReport {
  /** Changes with each renewal. */
  readonly renewTime: string;
  readonly appliedRevision: number;
  readonly polledRevision: number;
  readonly ready: boolean;
  /** Cachegroups of its group that it has not polled yet. */
  readonly unpolled: number;
}

/** What is known of one member. */
export interface MemberLife {
  readonly report: LeaseReport;
  /** By the steady clock here: when its Lease was last seen to change, in ms. */
  readonly seenMs: number;
  /** Since when it has been renewing without a pause longer than a Lease lasts, in ms. */
  readonly sinceMs: number;
}

/**
 * Who is alive, by Leases. Only the clock here counts: a Lease is fresh when it has been seen to change, so clocks of
 * nodes may be wrong by hours. Nobody is dead before having been watched for as long as a Lease lasts.
 */
export class Liveness {
  readonly #leaseMs: number;
  readonly #members = new Map<string, MemberLife>();

  /** @param leaseMs without renewal a member is dead */
  constructor(leaseMs: number) {
    this.#leaseMs = leaseMs;
  }

  /** Takes in a Lease as it is now; `report` null: it was never renewed, as one that was deleted and made anew. */
  observe(member: string, report: LeaseReport | null, nowMs: number): void {
    if (report === null) return;
    const known = this.#members.get(member);
    if (known?.report.renewTime === report.renewTime) {
      this.#members.set(member, { ...known, report });
      return;
    }
    const paused = known === undefined || nowMs - known.seenMs > this.#leaseMs;
    this.#members.set(member, { report, seenMs: nowMs, sinceMs: paused ? nowMs : known.sinceMs });
  }

  forget(member: string): void {
    this.#members.delete(member);
  }

  /** null: it has never renewed its Lease. */
  of(member: string): MemberLife | null {
    return this.#members.get(member) ?? null;
  }

  isLive(member: string, nowMs: number): boolean {
    const life = this.#members.get(member);
    return life !== undefined && nowMs - life.seenMs <= this.#leaseMs;
  }

  get members(): Iterable<string> {
    return this.#members.keys();
  }
}
