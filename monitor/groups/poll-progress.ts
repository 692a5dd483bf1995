import type { AssignmentDocument } from '../../common/assignment/document.ts';
import type { CachegroupName } from '../../common/ids.ts';
import type { CacheState } from '../health/cache-state.ts';

/** How far a monitor has come with an assignment. */
export interface Progress {
  /** The highest revision of which everything that is this monitor's to poll has been polled; 0: none yet. */
  readonly polledRevision: number;
  /** The group's cachegroups with a cache that is this monitor's to poll and has not been polled enough. */
  readonly unpolled: readonly CachegroupName[];
}

/** Remembers up to which revision this monitor has polled what is its share of its group's cachegroups. */
export class PollProgress {
  #polledRevision = 0;

  /** @param states of all caches, under this very assignment; null: it is not acted on yet */
  look(document: AssignmentDocument, states: readonly CacheState[] | null): Progress {
    const own = new Set(document.groups.find(({ name }) => name === document.group)?.cachegroups);
    if (states === null) return { polledRevision: this.#polledRevision, unpolled: [...own] };
    const unpolled = new Set<CachegroupName>();
    for (const { isDirect, polled, subject } of states) {
      const { cachegroup } = subject.server;
      // What is polled in place of a silent group is no part of the assignment.
      if (isDirect && !polled && own.has(cachegroup)) unpolled.add(cachegroup);
    }
    if (unpolled.size === 0) this.#polledRevision = Math.max(this.#polledRevision, document.revision);
    return { polledRevision: this.#polledRevision, unpolled: [...unpolled] };
  }
}
