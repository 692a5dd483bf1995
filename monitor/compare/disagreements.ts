import { DIFFERENCE_KINDS, type Difference, type DifferenceKind } from './differences.ts';

/** A difference that lasts, or has lasted. */
export interface Disagreement {
  /** As it was when it was seen first. */
  readonly difference: Difference;
  /** ms since the epoch, as all times here. */
  readonly startMs: number;
  /** When it was seen last. */
  readonly seenMs: number;
  /** When it was seen to be over, or the last sight of it if the monitors could not be compared then; null: it lasts. */
  readonly endMs: number | null;
}

/** How long it has lasted so far, in ms. */
export const durationMs = ({ startMs, seenMs, endMs }: Disagreement): number => (endMs ?? seenMs) - startMs;

/** What one sample has changed. */
export interface Change {
  /** Those that have now lasted longer than the tolerance. */
  readonly outlasting: readonly Disagreement[];
  /** Those that are over and had lasted longer. */
  readonly ended: readonly Disagreement[];
}

export interface KindCount {
  /** Over within the tolerance. */
  short: number;
  /** Lasted longer than the tolerance. */
  long: number;
  longestMs: number;
}

/** As many of the longest disagreements are remembered for the end. */
const LONGEST_KEPT = 10;

interface Open {
  disagreement: Disagreement;
  isTold: boolean;
}

/**
 * Follows differences from sample to sample. One that is over within the tolerance is counted and not told: two
 * monitors never poll at the same moment.
 */
export class Disagreements {
  readonly counts: Readonly<Record<DifferenceKind, KindCount>>;
  readonly #toleranceMs: number;
  readonly #open = new Map<string, Open>();
  #longest: readonly Disagreement[] = [];
  /** Whether the last sample could not be compared. */
  #interrupted = false;

  constructor(toleranceMs: number) {
    this.#toleranceMs = toleranceMs;
    const none = DIFFERENCE_KINDS.map((kind) => [kind, { short: 0, long: 0, longestMs: 0 }]);
    this.counts = Object.fromEntries(none) as Record<DifferenceKind, KindCount>;
  }

  /** Takes in the differences of one sample. */
  take(differences: readonly Difference[], timeMs: number): Change {
    const present = new Map(differences.map((difference) => [keyOf(difference), difference]));
    const ended: Disagreement[] = [];
    for (const [key, { disagreement, isTold }] of this.#open) {
      if (present.has(key)) continue;
      this.#open.delete(key);
      const over = { ...disagreement, endMs: this.#interrupted ? disagreement.seenMs : timeMs };
      this.#count(over);
      if (isTold || this.#isLong(over)) ended.push(over);
    }
    const outlasting: Disagreement[] = [];
    for (const [key, difference] of present) {
      const open = this.#open.get(key) ?? newlyOpen(difference, timeMs);
      open.disagreement = { ...open.disagreement, seenMs: timeMs };
      this.#open.set(key, open);
      if (open.isTold || !this.#isLong(open.disagreement)) continue;
      open.isTold = true;
      outlasting.push(open.disagreement);
    }
    this.#interrupted = false;
    return { outlasting, ended };
  }

  /** A sample could not be compared: what was seen may go on or be over, nobody knows. */
  interrupt(): void {
    this.#interrupted = true;
  }

  /** The end of the comparison: what still lasts is counted as far as it was seen. */
  finish(): void {
    for (const { disagreement } of this.#open.values()) this.#count(disagreement);
    this.#open.clear();
  }

  /** Those that last. */
  get open(): readonly Disagreement[] {
    return [...this.#open.values()].map(({ disagreement }) => disagreement);
  }

  /** The longest that are counted, longest first. */
  get longest(): readonly Disagreement[] {
    return this.#longest;
  }

  #isLong(disagreement: Disagreement): boolean {
    return durationMs(disagreement) > this.#toleranceMs;
  }

  #count(disagreement: Disagreement): void {
    const count = this.counts[disagreement.difference.kind];
    if (this.#isLong(disagreement)) count.long++;
    else count.short++;
    count.longestMs = Math.max(count.longestMs, durationMs(disagreement));
    this.#longest = [...this.#longest, disagreement]
      .sort((a, b) => durationMs(b) - durationMs(a))
      .slice(0, LONGEST_KEPT);
  }
}

const newlyOpen = (difference: Difference, timeMs: number): Open => ({
  disagreement: { difference, startMs: timeMs, seenMs: timeMs, endMs: null },
  isTold: false,
});

/** The opposite disagreement about the same thing is another one. */
const keyOf = ({ kind, name, ours, theirs }: Difference): string => `${kind} ${name} ${ours} ${theirs}`;
