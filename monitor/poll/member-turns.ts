/** A failing member is asked again after this many turns; the pause doubles with each failure, up to the longest. */
const FIRST_PAUSE_TURNS = 1;
const LONGEST_PAUSE_TURNS = 16;

interface Standing {
  /** Polls in a row that have failed. */
  failures: number;
  /** Turns until it is asked again, while it is failing. */
  pause: number;
  isRunning: boolean;
}

/**
 * Which members of a group are asked in a turn: one of those that answered last time, in turn; whoever fails is left
 * out of it, and tried beside it now and then until it answers again. While nobody answers, all are tried in turn.
 */
export class MemberTurns {
  readonly #standings: ReadonlyMap<string, Standing>;
  readonly #names: readonly string[];
  #next: number;

  /** @param start whose turn is first: a number that differs from monitor to monitor, so that they spread */
  constructor(names: readonly string[], start: number) {
    this.#names = names;
    this.#next = names.length === 0 ? 0 : start % names.length;
    this.#standings = new Map(names.map((name) => [name, { failures: 0, pause: 0, isRunning: false }]));
  }

  /** Whom to ask in this turn. They count as being asked until `answered` or `failed`. */
  take(): readonly string[] {
    const chosen: string[] = [];
    const regular = this.#nextThat(({ failures, isRunning }) => failures === 0 && !isRunning);
    if (regular !== null) chosen.push(regular);
    else {
      const anyone = this.#nextThat(({ isRunning }) => !isRunning);
      if (anyone !== null) chosen.push(anyone);
    }
    for (const [name, standing] of this.#standings) {
      if (standing.failures === 0 || standing.isRunning || chosen.includes(name)) continue;
      if (--standing.pause <= 0) chosen.push(name);
    }
    for (const name of chosen) this.#of(name).isRunning = true;
    return chosen;
  }

  answered(name: string): void {
    const standing = this.#of(name);
    standing.isRunning = false;
    standing.failures = 0;
  }

  /** @returns whom to ask in its place at once; null: nobody else is known to answer */
  failed(name: string): string | null {
    const standing = this.#of(name);
    const wasRegular = standing.failures === 0;
    standing.isRunning = false;
    standing.failures++;
    standing.pause = Math.min(FIRST_PAUSE_TURNS * 2 ** (standing.failures - 1), LONGEST_PAUSE_TURNS);
    if (!wasRegular) return null;
    const other = this.#nextThat(({ failures, isRunning }) => failures === 0 && !isRunning);
    if (other !== null) this.#of(other).isRunning = true;
    return other;
  }

  /** Whether anybody can be expected to answer the next question. */
  get isHopeful(): boolean {
    return [...this.#standings.values()].some(({ failures }) => failures === 0);
  }

  /** Whether this one answered when it was asked last, or was not asked yet. */
  isAnswering(name: string): boolean {
    return this.#standings.get(name)?.failures === 0;
  }

  #nextThat(fits: (standing: Standing) => boolean): string | null {
    for (let step = 0; step < this.#names.length; step++) {
      const index = (this.#next + step) % this.#names.length;
      const name = this.#names[index];
      if (name === undefined || !fits(this.#of(name))) continue;
      this.#next = index + 1;
      return name;
    }
    return null;
  }

  #of(name: string): Standing {
    const standing = this.#standings.get(name);
    if (standing === undefined) throw new RangeError(`no member ${name}`);
    return standing;
  }
}
