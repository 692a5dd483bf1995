/** What one monitor says in `/publish/CrStates`, as far as two monitors can be compared. */
export interface ComparedStates {
  readonly caches: ReadonlyMap<string, ComparedCache>;
  /** Delivery service → available. */
  readonly deliveryServices: ReadonlyMap<string, boolean>;
}

export interface ComparedCache {
  readonly isAvailable: boolean;
  /** null: this monitor does not say (Traffic Monitors before 5.0). */
  readonly ipv4Available: boolean | null;
  readonly ipv6Available: boolean | null;
  readonly status: string;
}

/** The document is not what a Traffic Monitor answers. */
export class NotCrStatesError extends Error {
  override readonly name = 'NotCrStatesError';
}

/**
 * Reads `/publish/CrStates`.
 *
 * @throws {NotCrStatesError} naming what is wrong with it
 */
export function readCrStates(text: string): ComparedStates {
  const document = objectOf(parsed(text), 'the answer');
  const caches = Object.entries(objectOf(document['caches'], '"caches"'));
  const services = Object.entries(objectOf(document['deliveryServices'], '"deliveryServices"'));
  return {
    caches: new Map(caches.map(([name, cache]) => [name, readCache(cache, `cache "${name}"`)])),
    deliveryServices: new Map(
      services.map(([id, service]) => {
        const where = `delivery service "${id}"`;
        return [id, flagOf(objectOf(service, where)['isAvailable'], `"isAvailable" of ${where}`)];
      }),
    ),
  };
}

function readCache(value: unknown, where: string): ComparedCache {
  const cache = objectOf(value, where);
  const family = (name: string): boolean | null =>
    cache[name] === undefined ? null : flagOf(cache[name], `"${name}" of ${where}`);
  return {
    isAvailable: flagOf(cache['isAvailable'], `"isAvailable" of ${where}`),
    ipv4Available: family('ipv4Available'),
    ipv6Available: family('ipv6Available'),
    status: typeof cache['status'] === 'string' ? cache['status'] : '',
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new NotCrStatesError('the answer is not JSON');
  }
}

function objectOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>;
  throw new NotCrStatesError(`${what} is no JSON object`);
}

function flagOf(value: unknown, what: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new NotCrStatesError(`${what} is neither true nor false`);
}
