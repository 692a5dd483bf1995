/** Items shared out over takers; both are numbers, in an order that decides ties. */
export interface Sharing {
  /** By taker, then item: what it costs that the taker has it, the less the better. Infinity: it may not. */
  readonly costs: readonly Float64Array[];
  /** By taker: how much it carries besides. */
  readonly loads: readonly number[];
  /** By item: the taker that has had it; -1: none. */
  readonly previous: Int32Array;
}

/** Nobody has it. */
export const NOBODY = -1;

/**
 * Gives every item a taker, and moves as little as possible: what has had a taker stays, what has none goes in turn to
 * the taker that carries least, which takes the item that costs it least. Then, while some taker carries two or more
 * less than another, it takes over from the one that carries most. So where everybody may take everything, loads differ
 * by one at most, and of `n` items at most ceil(n / takers) move when a taker is added, and only its own when one is
 * removed. Items that nobody may take stay with `NOBODY`.
 */
export function shareOut(sharing: Sharing): Int32Array {
  const run = new ShareOut(sharing);
  run.giveOutFree();
  while (run.even());
  return run.owners;
}

class ShareOut {
  readonly owners: Int32Array;
  readonly #costs: readonly Float64Array[];
  readonly #loads: number[];

  constructor({ costs, loads, previous }: Sharing) {
    this.#costs = costs;
    this.#loads = [...loads];
    this.owners = previous.map((taker, item) => (this.#cost(taker, item) < Infinity ? taker : NOBODY));
    for (const taker of this.owners) this.#carry(taker, 1);
  }

  giveOutFree(): void {
    const free = Uint32Array.from([...this.owners.keys()].filter((item) => this.owners[item] === NOBODY));
    let count = free.length;
    const takers = new Set(this.#costs.keys());
    while (count > 0) {
      const taker = this.#leastLoaded(takers);
      if (taker === NOBODY) return;
      const place = this.#cheapest(taker, free.subarray(0, count));
      const item = free[place];
      if (item === undefined) {
        takers.delete(taker);
        continue;
      }
      this.#give(item, taker);
      // What is left keeps its order, for ties.
      free.copyWithin(place, place + 1, count);
      count--;
    }
  }

  /** Whether anything moved: if so, a taker that found nothing to take over may find something now. */
  even(): boolean {
    let moved = false;
    const takers = new Set(this.#costs.keys());
    for (let taker = this.#leastLoaded(takers); taker !== NOBODY; taker = this.#leastLoaded(takers)) {
      const item = this.#takeOver(taker);
      if (item === NOBODY) {
        takers.delete(taker);
      } else {
        this.#give(item, taker);
        moved = true;
      }
    }
    return moved;
  }

  /** The cheapest item of the most loaded taker that can be relieved; NOBODY: there is none. */
  #takeOver(taker: number): number {
    const costs = this.#costs[taker];
    let best = NOBODY;
    let most = this.#load(taker) + 2;
    let least = Infinity;
    for (const [item, owner] of this.owners.entries()) {
      const load = owner === NOBODY ? 0 : this.#load(owner);
      const cost = costs?.[item] ?? Infinity;
      if (load < most || cost === Infinity || (load === most && cost >= least)) continue;
      best = item;
      most = load;
      least = cost;
    }
    return best;
  }

  /** Place in `items` of the one that costs least; -1: the taker may take none. */
  #cheapest(taker: number, items: Uint32Array): number {
    const costs = this.#costs[taker];
    let best = -1;
    let least = Infinity;
    if (costs === undefined) return best;
    for (let place = 0; place < items.length; place++) {
      const cost = costs[items[place] ?? 0] ?? Infinity;
      if (cost < least) {
        least = cost;
        best = place;
      }
    }
    return best;
  }

  #leastLoaded(takers: ReadonlySet<number>): number {
    let best = NOBODY;
    let least = Infinity;
    for (const taker of takers) {
      if (this.#load(taker) >= least) continue;
      best = taker;
      least = this.#load(taker);
    }
    return best;
  }

  #give(item: number, taker: number): void {
    this.#carry(this.owners[item] ?? NOBODY, -1);
    this.owners[item] = taker;
    this.#carry(taker, 1);
  }

  #carry(taker: number, change: number): void {
    if (taker !== NOBODY) this.#loads[taker] = this.#load(taker) + change;
  }

  #cost(taker: number, item: number): number {
    return this.#costs[taker]?.[item] ?? Infinity;
  }

  #load(taker: number): number {
    return this.#loads[taker] ?? 0;
  }
}
