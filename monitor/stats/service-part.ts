import { TrafficSums } from './sums.ts';

/** What a set of caches does for one delivery service: all of them, those of a cachegroup, or those of a type. */
export class ServicePart {
  readonly sums = new TrafficSums();
  /** Assigned caches that are available. */
  availableCaches = 0;
  /** Caches, assigned or not, whose figures are in the sums. */
  countedCaches = 0;

  get isAvailable(): boolean {
    return this.availableCaches > 0;
  }

  /** Whether there is nothing to tell. */
  get isEmpty(): boolean {
    return this.availableCaches === 0 && this.countedCaches === 0;
  }
}

/** The parts by the names of their groups or types; those with nothing to tell are left out, as the Go monitor does. */
export class ServiceParts<Name extends string> {
  readonly #parts = new Map<Name, ServicePart>();

  /** Changes the part of `name`, which comes and goes with what is in it, and returns it. */
  change(name: Name, change: (part: ServicePart) => void): ServicePart {
    let part = this.#parts.get(name);
    if (part === undefined) {
      part = new ServicePart();
      this.#parts.set(name, part);
    }
    change(part);
    if (part.isEmpty) this.#parts.delete(name);
    return part;
  }

  /** By name. */
  get sorted(): readonly (readonly [name: Name, part: ServicePart])[] {
    return [...this.#parts].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}
