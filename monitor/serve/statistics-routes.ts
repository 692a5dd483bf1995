import type { CacheName, CdnName, MonitorName } from '../../common/ids.ts';
import type { CacheReport } from '../stats/cache-report.ts';
import { reportDocument } from '../stats/report-document.ts';
import type { Statistics } from '../stats/statistics.ts';
import type { Route, RouteRequest } from './app.ts';
import {
  type CacheDocument,
  type CacheQuestion,
  cacheDocument,
  cacheLines,
  type ServedCache,
} from './cache-document.ts';
import { cacheStats } from './cache-stats.ts';
import { cacheStatsNew } from './cache-stats-new.ts';
import { dsStats } from './ds-stats.ts';
import { KeptAnswers } from './kept-answers.ts';
import type { AskedMonitor } from './merged-pieces.ts';
import { PreparedBody } from './prepared-body.ts';
import { badRequest, json, type Reply } from './reply.ts';
import { type CacheFilter, filterQuery } from './stat-filters.ts';
import { statSummary } from './stat-summary.ts';

/** The other monitors of a CDN, to be asked for statistics of the caches that they poll. */
export interface OtherMonitors {
  /** Whether what is known of a cache is the word of this monitor's group, for other groups to take. */
  isGroupsWord(cache: CacheName): boolean;
  /** Where a monitor answers, without a slash at the end; null: it is none of the CDN's (any more). */
  urlOf(monitor: MonitorName): string | null;
  lines(url: string, signal: AbortSignal): AsyncIterable<string>;
  onFailure(message: string): void;
}

export interface StatisticsServed {
  readonly statistics: Statistics;
  /** Of the combined states, by name. */
  readonly caches: () => readonly ServedCache[];
  /** How long an answer may be kept. */
  readonly lagMs: () => number;
  /** Names the life of this process in entity tags. */
  readonly boot: string;
  readonly self: () => MonitorName;
  readonly cdn: () => CdnName;
  /** null: legacy mode. */
  readonly others: OtherMonitors | null;
}

export const GROUP_STATISTICS = '/api/group-statistics';

const documents: readonly CacheDocument[] = [cacheStatsNew, cacheStats, statSummary];

/** However many monitors ask, what is told to them is made once a second at most. */
const REPORTS_SETTLE_MS = 1000;

/** CacheStats, CacheStatsNew, DsStats, StatSummary: reference 9.6 to 9.10; and what monitors tell each other. */
export function statisticsRoutes(served: StatisticsServed): readonly Route[] {
  const { statistics, lagMs, boot } = served;
  const kept = new KeptAnswers(lagMs, boot);
  const keeping = (path: string, request: RouteRequest, reply: Reply): Reply => {
    const { body } = reply;
    if (typeof body !== 'object' || !('pieces' in body)) return reply;
    const { pieces } = body;
    if (!(Symbol.iterator in pieces)) return reply;
    const question = JSON.stringify([path, request.argument, ...request.query]);
    return { ...reply, body: kept.answer(question, performance.now(), () => pieces) };
  };
  const ofCaches = (document: CacheDocument): Route => ({
    path: document.path,
    answer: (request) =>
      keeping(document.path, request, cacheDocument(document, questionOf(served, request))),
  });
  const [own, local] = [reportsBody(served, isOwn(served)), reportsBody(served, isGroups(served))];
  return [
    ...documents.map(ofCaches),
    {
      path: '/publish/DsStats',
      answer: (request) => {
        const { query, argument } = request;
        return keeping(
          '/publish/DsStats',
          request,
          dsStats(query, argument, statistics.services, Date.now()),
        );
      },
    },
    {
      path: GROUP_STATISTICS,
      isUngated: true,
      answer: (request) => {
        const { argument, query } = request;
        if (argument === '') return json((query.has('local') ? local : own).current(performance.now()));
        const document = documents.find(({ path }) => path === `/publish/${argument}`);
        if (document === undefined) return badRequest(`no statistics of caches are called '${argument}'`);
        const question = questionOf(served, { query, argument: '' });
        return keeping(GROUP_STATISTICS, request, cacheLines(document, question));
      },
    },
  ];
}

function questionOf(served: StatisticsServed, { query, argument }: RouteRequest): CacheQuestion {
  const { statistics, caches } = served;
  return {
    query,
    argument,
    caches: caches(),
    history: statistics.history,
    nowMs: Date.now(),
    others: (document, asked, filter) => askedMonitors(served, document, asked, filter),
  };
}

/** Who polls the caches that this monitor knows by reports only. */
function askedMonitors(
  { statistics, self, others }: StatisticsServed,
  document: CacheDocument,
  caches: readonly ServedCache[],
  filter: CacheFilter,
): readonly AskedMonitor[] {
  if (others === null) return [];
  const byMonitor = new Map<MonitorName, Set<CacheName>>();
  for (const { name } of caches) {
    const from = statistics.history.knows(name) ? undefined : statistics.report(name)?.from;
    if (from === undefined || from === self()) continue;
    const known = byMonitor.get(from);
    if (known === undefined) byMonitor.set(from, new Set([name]));
    else known.add(name);
  }
  return [...byMonitor].flatMap(([monitor, names]) => {
    const base = others.urlOf(monitor);
    if (base === null) return [];
    const url = `${base}${document.path.replace('/publish', GROUP_STATISTICS)}?${filterQuery(filter, names)}`;
    return {
      monitor,
      caches: names,
      lines: (signal: AbortSignal) => others.lines(url, signal),
      onFailure: (reason: string) =>
        others.onFailure(
          `${document.path} is incomplete: monitor ${monitor} does not tell of its ${names.size} caches: ${reason}`,
        ),
    };
  });
}

const isOwn =
  ({ self }: StatisticsServed) =>
  ({ from }: CacheReport): boolean =>
    from === self();

const isGroups =
  (served: StatisticsServed) =>
  (report: CacheReport): boolean =>
    served.others?.isGroupsWord(report.cache) ?? isOwn(served)(report);

function reportsBody(served: StatisticsServed, isTold: (report: CacheReport) => boolean): PreparedBody {
  const { statistics, caches, self, cdn, boot } = served;
  return new PreparedBody({
    urgent: () => 0,
    // Its time has to be that of its making, so it is made anew even if nothing has changed.
    revision: () => Math.trunc(performance.now() / REPORTS_SETTLE_MS),
    settleMs: () => REPORTS_SETTLE_MS,
    build: () => {
      const reports = caches()
        .map(({ name }) => statistics.report(name))
        .filter((report): report is CacheReport => report !== null && isTold(report));
      return reportDocument({ cdn: cdn(), monitor: self(), nowMs: Date.now() }, reports);
    },
    boot: `${boot}-r`,
  });
}
