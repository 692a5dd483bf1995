import type { CachegroupName, DeliveryServiceId } from '../../common/ids.ts';
import type { CacheType } from '../../common/traffic-ops/monitoring.ts';
import type { Subject } from '../health/subject.ts';
import { PerSecondMemory } from './per-second.ts';
import type { ServicePart } from './service-part.ts';
import { RATES } from './sums.ts';
import { COUNTS_PER_SERVICE, type TrafficFigures } from './traffic-figures.ts';

const LIMB = 2 ** 32;

/** What a cache adds to the sums of delivery services. */
export interface Contribution {
  readonly deliveryServices: readonly DeliveryServiceId[];
  readonly counts: Uint32Array;
  /** Five for each of `deliveryServices`. */
  readonly rates: Float64Array;
  /** Whether the rates count: the last stat poll was good. */
  readonly isReporting: boolean;
}

const NOTHING: Contribution = {
  deliveryServices: [],
  counts: new Uint32Array(0),
  rates: new Float64Array(0),
  isReporting: false,
};

/** The same, in arrays that no poll changes. */
export const frozen = (contribution: Contribution): Contribution => ({
  ...contribution,
  rates: contribution.rates.slice(),
});

/** Where the figures of a cache for one delivery service are summed. */
export interface Target {
  /** They stay the same objects while the cache counts in them. */
  readonly parts: readonly ServicePart[];
  /** Rates count only where the cache is assigned. */
  readonly hasRates: boolean;
}

/** One cache as the delivery services see it. */
export class ReportingCache {
  readonly group: CachegroupName;
  readonly type: CacheType;
  readonly assigned: ReadonlySet<DeliveryServiceId>;
  isAvailable: boolean;
  /** What another monitor has found, and counts in place of the own; null: the own counts. */
  received: Contribution | null = null;
  /** For each delivery service of the contribution; null: it is not configured. */
  targets: readonly (Target | null)[] = [];
  /** By own polls, assigned or not. */
  #own: Contribution = NOTHING;
  #memory = new PerSecondMemory(0);

  constructor(subject: Subject, isAvailable: boolean) {
    this.group = subject.server.cachegroup;
    this.type = subject.type;
    this.assigned = new Set(subject.deliveryServices);
    this.isAvailable = isAvailable;
  }

  /** Takes over what another one has seen: the same cache under an older config. */
  inherit(before: ReportingCache): void {
    this.received = before.received;
    this.#own = before.#own;
    this.#memory = before.#memory;
  }

  /** A good sample. What it does not name any more is forgotten. */
  take({ deliveryServices, counts }: TrafficFigures, timeMs: number): void {
    if (deliveryServices !== this.#own.deliveryServices) this.#remap(deliveryServices);
    for (let service = 0; service < deliveryServices.length; service++) {
      for (let counter = 0; counter < RATES; counter++) {
        const at = service * COUNTS_PER_SERVICE + counter * 2;
        const value = (counts[at] ?? 0) * LIMB + (counts[at + 1] ?? 0);
        this.#memory.update(service * RATES + counter, value, timeMs);
      }
    }
    this.#own = { deliveryServices, counts, rates: this.#memory.rates, isReporting: true };
  }

  /** A stat poll that failed: counters stay, rates do not count. */
  fail(): void {
    this.#own = { ...this.#own, isReporting: false };
  }

  /** Forgets what own polls have found. */
  forgetOwn(): void {
    this.#own = NOTHING;
    this.#memory = new PerSecondMemory(0);
  }

  /** What counts now. A later poll changes the rates in it. */
  get contribution(): Contribution {
    return this.received ?? this.#own;
  }

  #remap(deliveryServices: readonly DeliveryServiceId[]): void {
    const before = new Map(this.#own.deliveryServices.map((id, index) => [id, index]));
    const memory = new PerSecondMemory(deliveryServices.length * RATES);
    deliveryServices.forEach((id, index) => {
      const from = before.get(id);
      if (from === undefined) return;
      for (let counter = 0; counter < RATES; counter++) {
        memory.copy(this.#memory, from * RATES + counter, index * RATES + counter);
      }
    });
    this.#memory = memory;
  }
}
