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

/** With no news of anybody for so long it is likelier that we do not see than that all have died: ms. */
export const BLIND_MS = 4000;

/** Three renewals in a row are missing: reason enough to ask a monitor itself, and not to trust it blindly: ms. */
const SUSPECT_MS = 6000;

/**
 * Who is alive, by Leases. Only the clock here counts: a Lease is fresh when it has been seen to change, so clocks of
 * nodes may be wrong by hours. Nobody is dead before having been watched for as long as a Lease lasts, and time in
 * which nothing could be seen does not count.
 */
export class Liveness {
  readonly #leaseMs: number;
  readonly #members = new Map<string, MemberLife>();
  /** When Leases were last known to be as they are seen; null: never. */
  #sightedMs: number | null = null;

  /** @param leaseMs without renewal a member is dead */
  constructor(leaseMs: number) {
    this.#leaseMs = leaseMs;
  }

  /** Takes in a Lease as it is now; `report` null: it was never renewed, as one that was deleted and made anew. */
  observe(member: string, report: LeaseReport | null, nowMs: number): void {
    this.sighted(nowMs);
    if (report === null) return;
    const known = this.#members.get(member);
    if (known?.report.renewTime === report.renewTime) {
      this.#members.set(member, { ...known, report });
      return;
    }
    const paused = known === undefined || nowMs - known.seenMs > this.#leaseMs;
    this.#members.set(member, { report, seenMs: nowMs, sinceMs: paused ? nowMs : known.sinceMs });
  }

  /** All Leases are known as they are now. After a time of blindness everybody is as old as before it. */
  sighted(nowMs: number): void {
    const blindMs = nowMs - (this.#sightedMs ?? nowMs);
    this.#sightedMs = nowMs;
    if (blindMs <= BLIND_MS) return;
    for (const [member, life] of this.#members) {
      this.#members.set(member, { ...life, seenMs: life.seenMs + blindMs });
    }
  }

  /** Since when nothing has been seen of anybody: ms. */
  blindMs(nowMs: number): number {
    return nowMs - (this.#sightedMs ?? nowMs);
  }

  forget(member: string): void {
    this.#members.delete(member);
  }

  /** null: it has never renewed its Lease. */
  of(member: string): MemberLife | null {
    return this.#members.get(member) ?? null;
  }

  isLive(member: string, nowMs: number): boolean {
    const silentMs = this.silentMs(member, nowMs);
    return silentMs !== null && silentMs <= this.#leaseMs;
  }

  /** For how long it has not renewed its Lease, in ms; null: it has never renewed it. */
  silentMs(member: string, nowMs: number): number | null {
    const life = this.#members.get(member);
    if (life === undefined) return null;
    return Math.min(nowMs, (this.#sightedMs ?? nowMs) + BLIND_MS) - life.seenMs;
  }

  /** Whether it has missed renewals, and may be dead or not. */
  isSuspect(member: string, nowMs: number): boolean {
    return (this.silentMs(member, nowMs) ?? 0) > SUSPECT_MS;
  }

  get members(): Iterable<string> {
    return this.#members.keys();
  }
}
