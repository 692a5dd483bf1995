import type { ComparedCache, ComparedStates } from './compared-states.ts';

/** What two monitors can disagree about. */
export const DIFFERENCE_KINDS = [
  'cache',
  'cache_ipv4',
  'cache_ipv6',
  'cache_missing',
  'delivery_service',
  'delivery_service_missing',
] as const;

export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

/** What one monitor says of a cache or delivery service. */
export type Opinion = 'available' | 'unavailable' | 'missing';

/** One thing about which the two monitors differ at one moment. */
export interface Difference {
  readonly kind: DifferenceKind;
  /** Of the cache or delivery service. */
  readonly name: string;
  readonly ours: Opinion;
  readonly theirs: Opinion;
  /** The published reasons; empty: none. */
  readonly ourStatus: string;
  readonly theirStatus: string;
}

/** All differences between two documents, and how many things were compared. */
export interface Comparison {
  readonly differences: readonly Difference[];
  /** Caches and delivery services that either names. */
  readonly compared: number;
  /** Caches that both name; 0: hardly two monitors of one CDN. */
  readonly cachesInCommon: number;
}

/** Compares what two monitors say at one moment. */
export function compareStates(ours: ComparedStates, theirs: ComparedStates): Comparison {
  const caches = new Set([...ours.caches.keys(), ...theirs.caches.keys()]);
  const services = new Set([...ours.deliveryServices.keys(), ...theirs.deliveryServices.keys()]);
  const differences: Difference[] = [];
  let cachesInCommon = 0;
  for (const name of caches) {
    const [our, their] = [ours.caches.get(name), theirs.caches.get(name)];
    if (our !== undefined && their !== undefined) cachesInCommon++;
    differences.push(...cacheDifferences(name, our, their));
  }
  for (const name of services) {
    const [our, their] = [ours.deliveryServices.get(name), theirs.deliveryServices.get(name)];
    if (our === their) continue;
    const isMissing = our === undefined || their === undefined;
    differences.push({
      kind: isMissing ? 'delivery_service_missing' : 'delivery_service',
      name,
      ours: opinion(our),
      theirs: opinion(their),
      ourStatus: '',
      theirStatus: '',
    });
  }
  return { differences, compared: caches.size + services.size, cachesInCommon };
}

function cacheDifferences(
  name: string,
  ours: ComparedCache | undefined,
  theirs: ComparedCache | undefined,
): Difference[] {
  const differing = (
    kind: DifferenceKind,
    our: boolean | null | undefined,
    their: boolean | null | undefined,
  ): Difference[] => {
    // What one of them does not say is no disagreement.
    if (our === their || our === null || their === null) return [];
    const statuses = { ourStatus: ours?.status ?? '', theirStatus: theirs?.status ?? '' };
    return [{ kind, name, ours: opinion(our), theirs: opinion(their), ...statuses }];
  };
  if (ours === undefined || theirs === undefined)
    return differing('cache_missing', ours?.isAvailable, theirs?.isAvailable);
  return [
    ...differing('cache', ours.isAvailable, theirs.isAvailable),
    ...differing('cache_ipv4', ours.ipv4Available, theirs.ipv4Available),
    ...differing('cache_ipv6', ours.ipv6Available, theirs.ipv6Available),
  ];
}

function opinion(isAvailable: boolean | undefined): Opinion {
  if (isAvailable === undefined) return 'missing';
  return isAvailable ? 'available' : 'unavailable';
}
