import type { CachegroupName, CacheName, GroupName, MonitorName } from '../../common/ids.ts';
import type { HealthProtocol } from '../config/settings.ts';
import type { ReceivedVerdict } from '../health/cache-states.ts';
import type { PeerOpinion } from '../parse/peer-answer.ts';
import { combine } from '../peers/combine.ts';
import type { PeerState, PeerStates } from '../peers/peer-states.ts';
import type { Responsibility } from './responsibility.ts';

/** Members of the own group, and the other groups, each with what it says now. */
export interface Speakers {
  readonly members: PeerStates<MonitorName>;
  readonly groups: PeerStates<GroupName>;
}

interface Word {
  readonly from: string;
  readonly opinion: PeerOpinion;
}

/**
 * Whose word counts for a cache that this monitor has no verdict of its own on: that of those whose cache it is; while
 * they say nothing (they are out of reach, or do not know the cache yet), that of whoever polls it. Several words
 * become one by the health protocol.
 *
 * @returns null: nobody says anything; then what was known last stands
 */
export function wordOn(
  cache: CacheName,
  cachegroup: CachegroupName,
  responsibility: Responsibility,
  { members, groups }: Speakers,
  protocol: HealthProtocol,
): Omit<ReceivedVerdict, 'receivedMs'> | null {
  const own = (): Word[] => wordsOf(members.available, cache);
  const others = (): Word[] =>
    wordsOf(
      responsibility
        .groupsOf(cachegroup)
        .map((name) => groups.get(name))
        .filter((group) => group?.isAvailable === true),
      cache,
    );
  const [first, second] = responsibility.isPolledHere(cachegroup) ? [own, others] : [others, own];
  let words = first();
  if (words.length === 0) words = second();
  if (words.length === 0) words = wordsOf(groups.available, cache);
  return words.length === 0 ? null : joined(words, protocol);
}

function wordsOf(speakers: readonly (PeerState<string> | undefined)[], cache: CacheName): Word[] {
  const words: Word[] = [];
  for (const speaker of speakers) {
    const opinion = speaker?.answer.caches.get(cache);
    if (speaker !== undefined && opinion !== undefined) words.push({ from: speaker.name, opinion });
  }
  return words;
}

/** The text and the time are of the one that decides, or polled last. */
function joined(
  words: readonly Word[],
  protocol: HealthProtocol,
): Omit<ReceivedVerdict, 'receivedMs'> | null {
  const isOptimistic = protocol === 'optimistic';
  let best: Word | null = null;
  for (const word of words) {
    if (best === null) best = word;
    else if (word.opinion.isAvailable !== best.opinion.isAvailable) {
      if (word.opinion.isAvailable === isOptimistic) best = word;
    } else if ((word.opinion.lastPollMs ?? 0) > (best.opinion.lastPollMs ?? 0)) best = word;
  }
  if (best === null) return null;
  const { from, opinion } = best;
  const verdict = combine(
    opinion,
    words.map((word) => word.opinion),
    protocol,
  );
  return { verdict: verdict ?? opinion, lastPollMs: opinion.lastPollMs, from };
}
