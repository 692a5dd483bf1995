import type { GroupName } from '../../common/ids.ts';

/** Passes come every second. After a longer pause nobody was listened to: this process was stopped, or its clock set. */
const LONGEST_PAUSE_MS = 5000;

/** Other groups of which no member has answered for too long. */
export class SilentGroups {
  /** When each answered last, or was first to be asked: ms since the epoch. */
  readonly #heardMs = new Map<GroupName, number>();
  #silent: ReadonlySet<GroupName> = new Set();
  #passedMs: number | null = null;

  /** These are asked from now on. */
  follow(names: readonly GroupName[], nowMs: number): void {
    const wanted = new Set(names);
    for (const name of this.#heardMs.keys()) if (!wanted.has(name)) this.#heardMs.delete(name);
    for (const name of wanted) if (!this.#heardMs.has(name)) this.#heardMs.set(name, nowMs);
    this.#silent = new Set([...this.#silent].filter((name) => wanted.has(name)));
  }

  answered(name: GroupName, timeMs: number): void {
    if (this.#heardMs.has(name)) this.#heardMs.set(name, timeMs);
  }

  /** @param afterMs silence that is too long; 0: none is. @returns whether other groups are silent now */
  pass(nowMs: number, afterMs: number): boolean {
    const pauseMs = nowMs - (this.#passedMs ?? nowMs);
    this.#passedMs = nowMs;
    if (pauseMs < 0 || pauseMs > LONGEST_PAUSE_MS) {
      for (const [name, heardMs] of this.#heardMs)
        this.#heardMs.set(name, Math.min(heardMs + pauseMs, nowMs));
    }
    const silent = [...this.#heardMs]
      .filter(([, heardMs]) => afterMs > 0 && nowMs - heardMs >= afterMs)
      .map(([name]) => name);
    if (silent.length === this.#silent.size && silent.every((name) => this.#silent.has(name))) return false;
    this.#silent = new Set(silent);
    return true;
  }

  get groups(): ReadonlySet<GroupName> {
    return this.#silent;
  }
}
