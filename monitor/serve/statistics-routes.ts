import type { Statistics } from '../stats/statistics.ts';
import type { Route, RouteRequest } from './app.ts';
import { type CacheDocument, cacheDocument, type ServedCache } from './cache-document.ts';
import { cacheStats } from './cache-stats.ts';
import { cacheStatsNew } from './cache-stats-new.ts';
import { dsStats } from './ds-stats.ts';
import { KeptAnswers } from './kept-answers.ts';
import type { Reply } from './reply.ts';
import { statSummary } from './stat-summary.ts';

export interface StatisticsServed {
  readonly statistics: Statistics;
  /** Of the combined states, by name. */
  readonly caches: () => readonly ServedCache[];
  /** How long an answer may be kept. */
  readonly lagMs: () => number;
  /** Names the life of this process in entity tags. */
  readonly boot: string;
}

/** CacheStats, CacheStatsNew, DsStats, StatSummary: reference 9.6 to 9.10. */
export function statisticsRoutes({ statistics, caches, lagMs, boot }: StatisticsServed): readonly Route[] {
  const { history } = statistics;
  const kept = new KeptAnswers(lagMs, boot);
  const route = (path: string, answer: (request: RouteRequest) => Reply): Route => ({
    path,
    answer: (request) => {
      const reply = answer(request);
      const { body } = reply;
      if (typeof body !== 'object' || !('pieces' in body)) return reply;
      const { pieces } = body;
      if (!(Symbol.iterator in pieces)) return reply;
      const question = JSON.stringify([path, request.argument, ...request.query]);
      return { ...reply, body: kept.answer(question, performance.now(), () => pieces) };
    },
  });
  const ofCaches = (document: CacheDocument): Route =>
    route(document.path, ({ query, argument }) =>
      cacheDocument(document, { query, argument, caches: caches(), history, nowMs: Date.now() }),
    );
  return [
    ofCaches(cacheStatsNew),
    ofCaches(cacheStats),
    ofCaches(statSummary),
    route('/publish/DsStats', ({ query, argument }) =>
      dsStats(query, argument, statistics.services, Date.now()),
    ),
  ];
}
