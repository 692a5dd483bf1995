import type { CachegroupName, DeliveryServiceId } from '../../common/ids.ts';
import type { CacheType } from '../../common/traffic-ops/monitoring.ts';
import type { Subject } from '../health/subject.ts';
import { PerSecondMemory } from './per-second.ts';
import type { ServicePart } from './service-part.ts';
import { RATES } from './sums.ts';
import { COUNTS_PER_SERVICE, type TrafficFigures } from './traffic-figures.ts';

const LIMB = 2 ** 32;
const NO_FIGURES: Pick<TrafficFigures, 'deliveryServices' | 'counts'> = {
  deliveryServices: [],
  counts: new Uint32Array(0),
};

/** What a cache adds to the sums of delivery services. */
export interface Contribution {
  readonly deliveryServices: readonly DeliveryServiceId[];
  readonly counts: Uint32Array;
  /** Five for each of `deliveryServices`. */
  readonly rates: Float64Array;
  /** Whether the rates count. */
  readonly isReporting: boolean;
}

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
  /** Whether the last stat poll was good. */
  isReporting = false;
  /** Delivery services that it serves by its last good sample, assigned or not. */
  deliveryServices: readonly DeliveryServiceId[] = NO_FIGURES.deliveryServices;
  /** As in TrafficFigures. */
  counts: Uint32Array = NO_FIGURES.counts;
  /** For each of `deliveryServices`; null: it is not configured. */
  targets: readonly (Target | null)[] = [];
  #memory = new PerSecondMemory(0);

  constructor(subject: Subject, isAvailable: boolean) {
    this.group = subject.server.cachegroup;
    this.type = subject.type;
    this.assigned = new Set(subject.deliveryServices);
    this.isAvailable = isAvailable;
  }

  /** Takes over what another one has seen: the same cache under an older config. */
  inherit(before: ReportingCache): void {
    this.isReporting = before.isReporting;
    this.deliveryServices = before.deliveryServices;
    this.counts = before.counts;
    this.#memory = before.#memory;
  }

  /** A good sample. What it does not name any more is forgotten. */
  take({ deliveryServices, counts }: TrafficFigures, timeMs: number): void {
    this.isReporting = true;
    if (deliveryServices !== this.deliveryServices) this.#remap(deliveryServices);
    this.counts = counts;
    for (let service = 0; service < deliveryServices.length; service++) {
      for (let counter = 0; counter < RATES; counter++) {
        const at = service * COUNTS_PER_SERVICE + counter * 2;
        const value = (counts[at] ?? 0) * LIMB + (counts[at + 1] ?? 0);
        this.#memory.update(service * RATES + counter, value, timeMs);
      }
    }
  }

  /** What it contributes now, to be taken back later. */
  get contribution(): Contribution {
    const { deliveryServices, counts, isReporting } = this;
    return { deliveryServices, counts, rates: this.rates.slice(), isReporting };
  }

  /** Five for each of `deliveryServices`. */
  get rates(): Float64Array {
    return this.#memory.rates;
  }

  #remap(deliveryServices: readonly DeliveryServiceId[]): void {
    const before = new Map(this.deliveryServices.map((id, index) => [id, index]));
    const memory = new PerSecondMemory(deliveryServices.length * RATES);
    deliveryServices.forEach((id, index) => {
      const from = before.get(id);
      if (from === undefined) return;
      for (let counter = 0; counter < RATES; counter++) {
        memory.copy(this.#memory, from * RATES + counter, index * RATES + counter);
      }
    });
    this.#memory = memory;
    this.deliveryServices = deliveryServices;
  }
}
