/** How long to wait: for the next login and for the next poll. Pure: chance is an argument. */

/** Waiting time of the contract when the configured limits make no sense. */
const NONSENSE_LIMITS_MS = 30_000;
/** The contract shortens every interval of Traffic Ops by 3 %. */
const INTERVAL_FACTOR = 0.97;
/** Node fires a longer timer at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** Keeps a mistyped interval from turning the loop into a flood on Traffic Ops. */
const SHORTEST_POLL_MS = 10;

/**
 * Milliseconds to wait after a failed login; rule: reference 2.3.
 *
 * @param attempt failed logins before this one: 0 for the first failure
 * @param chance uniform in [0, 1)
 */
export function loginDelayMs(attempt: number, minMs: number, maxMs: number, chance: number): number {
  if (!(minMs > 0) || !(maxMs > minMs)) return NONSENSE_LIMITS_MS;
  const base = minMs * 2 ** attempt;
  const delay = base >= maxMs ? maxMs : Math.min(maxMs, base + chance * (base - minMs));
  return Math.min(delay, LONGEST_TIMER_MS);
}

/**
 * Milliseconds from the start of one poll of Traffic Ops to the start of the next: `tm.polling.interval`, or the
 * fallback when that is missing, not a number or not positive; times 0.97; rule: reference 2.5.
 */
export function pollIntervalMs(
  parameters: ReadonlyMap<string, number | string | boolean> | undefined,
  fallbackMs: number,
): number {
  const given = parameters?.get('tm.polling.interval');
  const wanted = typeof given === 'number' ? Math.trunc(given) : 0;
  const interval = (wanted > 0 ? wanted : fallbackMs) * INTERVAL_FACTOR;
  return Math.min(LONGEST_TIMER_MS, Math.max(SHORTEST_POLL_MS, interval));
}

/** Has the login failed often enough to go on from the backup files? Rule: reference 2.3. */
export function mayUseDisk(failedLogins: number, diskAfterFailures: number): boolean {
  return failedLogins > diskAfterFailures;
}
