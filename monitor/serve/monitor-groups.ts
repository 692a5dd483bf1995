import type { GroupName } from '../../common/ids.ts';
import type { GroupsView } from '../groups/groups-view.ts';
import type { CacheState } from '../health/cache-state.ts';
import { rfc3339 } from './json-text.ts';

/** `/api/monitor-groups`: who polls what, and where each cache's verdict comes from. docs/distributed.md. */
export function monitorGroups(
  view: GroupsView,
  caches: readonly CacheState[],
  groupOf: (cache: CacheState) => GroupName | null,
  self: string,
  nowMs: number,
): string {
  const { refused, ...rest } = view;
  return JSON.stringify({
    ...rest,
    refused:
      refused === null
        ? null
        : { source: refused.source, reason: refused.reason, time: rfc3339(refused.timeMs) },
    caches: Object.fromEntries(
      caches.map((cache) => [cache.subject.name, cacheEntry(cache, groupOf(cache), self, nowMs)]),
    ),
  });
}

function cacheEntry(state: CacheState, group: GroupName | null, self: string, nowMs: number) {
  const { subject, source, isDirect, lastPollMs } = state;
  const cachegroup = subject.server.cachegroup;
  // Of what others say the age counts from when it was heard: their clocks need not agree with ours.
  const sinceMs = source?.kind === 'received' ? source.receivedMs : lastPollMs;
  return {
    cachegroup,
    group,
    from: source?.kind === 'received' ? source.from : source?.kind === 'poll' ? self : null,
    direct: isDirect,
    ageMs: sinceMs === null ? null : Math.max(0, Math.round(nowMs - sinceMs)),
  };
}
