import { isSameQuantity } from './quantity.ts';

/** Objects whose values are quantities of resources. */
const quantities: ReadonlySet<string> = new Set(['limits', 'requests']);

/**
 * Whether `live` already says all that `desired` says, so that applying would change nothing. What the API server
 * fills in does not count; a list has to be as long, entry for entry.
 */
export function isApplied(desired: unknown, live: unknown): boolean {
  if (Array.isArray(desired)) {
    return (
      Array.isArray(live) &&
      desired.length === live.length &&
      desired.every((entry, index) => isApplied(entry, live[index]))
    );
  }
  if (typeof desired !== 'object' || desired === null) return Object.is(desired, live);
  if (typeof live !== 'object' || live === null) return Object.keys(desired).length === 0;
  return Object.entries(desired).every(([key, value]) => {
    const found = (live as Record<string, unknown>)[key];
    if (value === undefined) return true;
    return quantities.has(key) ? areSameQuantities(value, found) : isApplied(value, found);
  });
}

function areSameQuantities(desired: unknown, live: unknown): boolean {
  const entries = Object.entries(desired ?? {});
  return entries.every(([name, value]) =>
    isSameQuantity(value, (live as Record<string, unknown> | undefined)?.[name]),
  );
}
