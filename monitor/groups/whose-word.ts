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

/** Who is listened to, in that order: the first of these circles in which anybody knows a cache has its say. */
export type Circles = readonly (readonly PeerState<string>[])[];

interface Word {
  readonly from: string;
  readonly opinion: PeerOpinion;
}

/**
 * Whose word counts for caches of a cachegroup that this monitor has no verdict of its own on: that of those whose they
 * are; while these say nothing (they are out of reach, or do not know the cache yet), that of whoever polls it.
 */
export function circlesFor(
  cachegroup: CachegroupName,
  responsibility: Responsibility,
  { members, groups }: Speakers,
): Circles {
  const owners = responsibility
    .groupsOf(cachegroup)
    .map((name) => groups.get(name))
    .filter((group) => group?.isAvailable === true)
    .filter((group) => group !== undefined);
  const [first, second] = responsibility.isPolledHere(cachegroup)
    ? [members.available, owners]
    : [owners, members.available];
  return [first, second, groups.available];
}

/**
 * What the circles say of a cache. Several words become one by the health protocol.
 *
 * @returns null: nobody says anything; then what was known last stands
 */
export function wordOn(
  cache: CacheName,
  circles: Circles,
  protocol: HealthProtocol,
): Omit<ReceivedVerdict, 'receivedMs'> | null {
  for (const circle of circles) {
    let only: Word | null = null;
    let several: Word[] | null = null;
    for (const { name, answer } of circle) {
      const opinion = answer.caches.get(cache);
      if (opinion === undefined) continue;
      const word = { from: name, opinion };
      if (only === null) only = word;
      else if (several === null) several = [only, word];
      else several.push(word);
    }
    if (several !== null) return joined(several, protocol);
    if (only !== null) return { verdict: only.opinion, lastPollMs: only.opinion.lastPollMs, from: only.from };
  }
  return null;
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
