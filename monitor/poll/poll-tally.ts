import type { CachegroupName } from '../../common/ids.ts';
import { FAILURE_CLASSES, type FailureClass } from './fetch-failure.ts';
import { HistogramTally } from './histogram-tally.ts';

/** Why a poll failed; `parse`: there was an answer, but it could not be read. */
export type PollFailure = FailureClass | 'parse';

export const POLL_FAILURES: readonly PollFailure[] = [...FAILURE_CLASSES, 'parse'];

/** Seconds; polls take milliseconds while all is well, and end at their timeout, 2 s by default. */
const DURATION_BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Seconds; a turn is taken in the slot of 10 ms that it falls in. */
const LATENESS_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** The polls of one cachegroup's caches. */
export interface CachegroupTally {
  /** Of all polls that ended, also those that failed; seconds. */
  readonly durations: HistogramTally;
  readonly failures: Map<PollFailure, number>;
}

/** What a poller tells of the turns of its caches. */
export interface TurnObserver {
  /** A turn was taken, so much later than it was due. */
  taken(lateMs: number): void;
  /** Turns passed by: the cache was busy with its last poll, or the process stood still for more than an interval. */
  missed(count: number): void;
}

/** Counts the polls of one poller since the process began. A poll costs the same however many caches there are. */
export class PollTally implements TurnObserver {
  due = 0;
  missedTurns = 0;
  /** Seconds. */
  readonly lateness = new HistogramTally(LATENESS_BOUNDS);
  readonly #byCachegroup = new Map<CachegroupName, CachegroupTally>();

  taken(lateMs: number): void {
    this.due++;
    this.lateness.observe(Math.max(0, lateMs) / 1000);
  }

  missed(count: number): void {
    this.due += count;
    this.missedTurns += count;
  }

  /** A poll ended. @param failure null: with an answer that could be read */
  ended(cachegroup: CachegroupName, durationMs: number, failure: PollFailure | null): void {
    const tally = this.#of(cachegroup);
    tally.durations.observe(durationMs / 1000);
    if (failure !== null) tally.failures.set(failure, (tally.failures.get(failure) ?? 0) + 1);
  }

  /** Forgets cachegroups that are not polled any more, so that names from old snapshots do not pile up. */
  retain(cachegroups: ReadonlySet<CachegroupName>): void {
    for (const name of this.#byCachegroup.keys()) if (!cachegroups.has(name)) this.#byCachegroup.delete(name);
    // Present from the start, at 0: the first failure of a cachegroup has to show as an increase.
    for (const name of cachegroups) this.#of(name);
  }

  get cachegroups(): ReadonlyMap<CachegroupName, CachegroupTally> {
    return this.#byCachegroup;
  }

  #of(cachegroup: CachegroupName): CachegroupTally {
    let tally = this.#byCachegroup.get(cachegroup);
    if (tally === undefined) {
      tally = { durations: new HistogramTally(DURATION_BOUNDS), failures: new Map() };
      this.#byCachegroup.set(cachegroup, tally);
    }
    return tally;
  }
}
