/** What is known of a group's monitors. */
export interface GroupLiveness {
  /** Whether it was on duty when last asked; a group that was never asked about is. */
  readonly wasOnDuty: boolean;
  /** Whether any of its monitors is live. */
  readonly live: boolean;
  /** Since when it is so: ms of a steady clock. */
  readonly sinceMs: number;
}

export interface DutyTimes {
  /** A group that is down so long gives its cachegroups to others. */
  readonly failoverAfterMs: number;
  /** A group that is back so long gets them again. */
  readonly failbackAfterMs: number;
}

/** A group that is down or back for a short while only changes nothing: its cachegroups stay where they are. */
export function isOnDuty(group: GroupLiveness, times: DutyTimes, nowMs: number): boolean {
  const changes = dutyChangesAtMs(group, times);
  return changes !== null && nowMs >= changes ? !group.wasOnDuty : group.wasOnDuty;
}

/** When `isOnDuty` will say otherwise if nothing happens; null: never. */
export function dutyChangesAtMs(
  { wasOnDuty, live, sinceMs }: GroupLiveness,
  times: DutyTimes,
): number | null {
  if (wasOnDuty === live) return null;
  return sinceMs + (live ? times.failbackAfterMs : times.failoverAfterMs);
}
