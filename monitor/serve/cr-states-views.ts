import type { CacheName } from '../../common/ids.ts';
import type { CacheStates } from '../health/cache-states.ts';
import type { CombinedStates } from '../peers/combined-states.ts';
import type { CrStatesView } from './cr-states.ts';

/** What other monitors may be told of a cache: reference 7.5, distributed mode. */
export interface GroupWords {
  /** What this monitor has polled itself, and enough. */
  isOwnWord(cache: CacheName): boolean;
  /** What this monitor's group knows of its own caches. */
  isGroupsWord(cache: CacheName): boolean;
}

/** The three views of `/publish/CrStates`. */
export interface CrStatesViews {
  /** Without a query. */
  readonly all: CrStatesView;
  /** `?raw`. */
  readonly raw: CrStatesView;
  /** `?local`. */
  readonly local: CrStatesView;
}

/** @param words null: legacy mode, in which a monitor answers for all caches */
export function crStatesViews(
  states: CacheStates,
  combined: CombinedStates,
  words: GroupWords | null,
): CrStatesViews {
  if (words === null) {
    const raw = viewOf(() => states.sorted, combined.localServices);
    return { all: combined, raw, local: combined };
  }
  return {
    all: combined,
    raw: viewOf(
      steady(
        () => states.sorted,
        ({ subject }) => words.isOwnWord(subject.name),
      ),
      combined.localServices,
    ),
    local: viewOf(
      steady(
        () => combined.sorted,
        ({ subject }) => words.isGroupsWord(subject.name),
      ),
      combined.deliveryServices,
    ),
  };
}

const viewOf = (
  sorted: () => CrStatesView['sorted'],
  deliveryServices: CrStatesView['deliveryServices'],
): CrStatesView => ({
  get sorted() {
    return sorted();
  },
  deliveryServices,
});

/** The caches that fit; the same array while they are the same, so that the document can be written over in place. */
function steady<T>(all: () => readonly T[], fits: (one: T) => boolean): () => readonly T[] {
  let last: readonly T[] = [];
  return () => {
    const now = all().filter(fits);
    if (now.length !== last.length || now.some((one, index) => one !== last[index])) last = now;
    return last;
  };
}
