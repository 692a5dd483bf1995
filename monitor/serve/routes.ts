import os from 'node:os';
import { type CacheName, cdnName, type GroupName, type MonitorName, monitorName } from '../../common/ids.ts';
import type { SnapshotHistoryEntry, TrafficOpsStatus } from '../../common/traffic-ops/feed.ts';
import type { Snapshot } from '../../common/traffic-ops/monitoring.ts';
import type { Settings } from '../config/settings.ts';
import type { GroupsView } from '../groups/groups-view.ts';
import type { CacheState } from '../health/cache-state.ts';
import type { CacheStates } from '../health/cache-states.ts';
import type { EventRing } from '../health/events.ts';
import type { RecentPolls } from '../health/recent-polls.ts';
import type { CombinedStates } from '../peers/combined-states.ts';
import type { PeerState, PeerStates } from '../peers/peer-states.ts';
import type { Statistics } from '../stats/statistics.ts';
import type { Route } from './app.ts';
import { type ServedCache, servedCache } from './cache-document.ts';
import { cacheStatuses } from './cache-statuses.ts';
import { configDoc } from './config-doc.ts';
import { availableCount, bandwidthKbps, cacheCount, capacityKbps, downCount } from './counts.ts';
import { type CrStatesView, CrStatesWriter } from './cr-states.ts';
import { crStatesViews, type GroupWords } from './cr-states-views.ts';
import { eventLog } from './event-log.ts';
import type { GarbageCollection } from './garbage-collection.ts';
import { type Identity, versionText } from './identity.ts';
import { monitorConfig } from './monitor-config.ts';
import { monitorGroups } from './monitor-groups.ts';
import { pageRoutes } from './page-routes.ts';
import { peerStates } from './peer-states.ts';
import { type Prepared, PreparedBody, prepared, preparedDocument } from './prepared-body.ts';
import { processStats } from './process-stats.ts';
import type { Query } from './query.ts';
import { json, type Reply, unavailable } from './reply.ts';
import { type OtherMonitors, statisticsRoutes } from './statistics-routes.ts';

/** What the routes need of the peers. */
export interface ServedPeers {
  readonly states: PeerStates<MonitorName>;
  /** Why the combined states must not be told; null: they may. */
  quorumProblem(nowMs: number): string | null;
}

/** What the routes need of the other groups, in distributed mode. */
export interface ServedGroups extends GroupWords {
  readonly states: PeerStates<GroupName>;
  /** Assignment documents refused so far. */
  readonly refusals: number;
  /** Caches of others that are still polled here. */
  readonly leaving: number;
  /** Groups whose caches are polled here because nobody of them answers. */
  readonly silentGroups: ReadonlySet<GroupName>;
}

/** Who polls what, and the group whose caches a cache is among. */
export interface ServedGroupsView {
  readonly view: GroupsView;
  readonly groupOf: (cache: CacheState) => GroupName | null;
}

const GROUPS_SETTLE_MS = 1000;

/** All that the routes tell of. Read anew with each request: a SIGHUP may have replaced it. */
export interface Served {
  readonly identity: Identity;
  /** What this monitor itself sees. */
  readonly states: CacheStates;
  /** What it and its peers see. */
  readonly combined: CombinedStates;
  readonly peering: ServedPeers;
  /** null: legacy mode. */
  readonly groups: ServedGroups | null;
  /** For statistics of caches that others poll; null: legacy mode, or no statistics. */
  readonly otherMonitors: OtherMonitors | null;
  readonly groupsView: (nowMs: number) => ServedGroupsView;
  readonly statistics: Statistics;
  readonly events: EventRing;
  readonly settings: () => Settings;
  readonly snapshot: () => Snapshot | null;
  readonly trafficOps: () => TrafficOpsStatus;
  readonly history: () => readonly SnapshotHistoryEntry[];
  readonly healthIntervalMs: () => number;
  readonly errors: () => number;
  readonly garbageCollection: () => GarbageCollection;
  readonly recent: RecentPolls;
  readonly monitorName: () => string;
  /** Why data routes answer 503, or null. */
  readonly closedBecause: () => string | null;
}

/** The data routes of reference 9, the busiest first. */
export function routesOf(served: Served): readonly Route[] {
  const { identity, states, combined, peering } = served;
  const boot = identity.startedMs.toString(36);
  const settleMs = (): number => served.settings().monitor.healthFlushIntervalMs;
  const statLagMs = (): number => {
    const { statBufferIntervalMs, statFlushIntervalMs } = served.settings().monitor;
    return statBufferIntervalMs + statFlushIntervalMs;
  };
  /** A body that follows the states of the caches. */
  const ofStates = (build: () => string | Buffer): (() => Prepared) => {
    // Delivery services change without a verdict, by their thresholds, but never without an event.
    const urgent = (): number => states.verdictRevision + combined.revision + served.events.revision;
    const body = new PreparedBody({ urgent, revision: () => states.revision, build, settleMs, boot });
    return () => body.current(performance.now());
  };
  const { statistics } = served;
  const isAvailable = ({ subject }: CacheState): boolean => combined.get(subject.name)?.isAvailable ?? false;
  const caches = (): ServedCache[] =>
    combined.sorted.map((cache) => servedCache(cache.state, cache.isAvailable));
  const countsStatistics = (): boolean => served.settings().monitor.statPolling;
  // In health-only mode the health polls tell the capacity, which stat polls do better.
  const capacityOf = ({ subject, capacityKbps: byHealth }: CacheState): number =>
    countsStatistics() ? statistics.traffic.capacityKbps(subject.name) : byHealth;
  const bandwidth = (): string =>
    countsStatistics() ? statistics.traffic.totalKbps.toFixed(6) : bandwidthKbps(states.sorted);
  const capacity = (): string =>
    countsStatistics() ? String(statistics.traffic.totalCapacityKbps) : capacityKbps(states.sorted);
  const crStatesBody = (view: CrStatesView): (() => Prepared) => {
    const writer = new CrStatesWriter(view);
    return ofStates(() => writer.write());
  };
  const views = crStatesViews(states, combined, served.groups);
  const [all, raw, local] = [crStatesBody(views.all), crStatesBody(views.raw), crStatesBody(views.local)];
  const crStates = (query: Query): Prepared =>
    query.has('raw') ? raw() : query.has('local') && served.groups !== null ? local() : all();
  const statusesBody = ofStates(() => cacheStatuses(states.configured, capacityOf));
  const events = new PreparedBody({
    urgent: () => served.events.revision,
    revision: () => served.events.revision,
    build: () => eventLog(served.events.newestFirst),
    settleMs,
    boot,
  });
  const groupsBody = new PreparedBody({
    // Ages grow all the time; however many ask, they are told anew once a second.
    urgent: () => 0,
    revision: () => Date.now(),
    build: () => {
      const nowMs = Date.now();
      const { view, groupOf } = served.groupsView(nowMs);
      return monitorGroups(view, states.sorted, groupOf, served.monitorName(), nowMs);
    },
    settleMs: () => GROUPS_SETTLE_MS,
    boot,
  });
  const documents = snapshotBodies(boot);

  const text = (path: string, contentType: string, body: () => string): Route => ({
    path,
    answer: () => ({ status: 200, contentType, body: body() }),
  });
  const number = (path: string, body: () => string): Route => text(path, 'application/json', body);

  const tellsOf =
    (peers: () => readonly PeerState<string>[]): Route['answer'] =>
    ({ query, argument }) => {
      const typeOf = (name: CacheName) => states.get(name)?.subject.type;
      return peerStates(query, argument, { peers: peers(), typeOf, nowMs: Date.now() });
    };

  return [
    {
      path: '/publish/CrStates',
      answer: ({ query }) => {
        // What this monitor saw itself is worth telling in any case: reference 7.4.
        const problem = query.has('raw') ? null : peering.quorumProblem(Date.now());
        return problem === null ? json(crStates(query)) : unavailable(problem);
      },
    },
    { path: '/publish/CrConfig', answer: () => crConfig(served, documents) },
    ...statisticsRoutes({
      statistics,
      caches,
      lagMs: statLagMs,
      boot,
      self: () => monitorName(served.monitorName()),
      cdn: () => cdnName(served.trafficOps().cdn ?? served.settings().ops.cdnName),
      others: served.otherMonitors,
    }),
    { path: '/publish/PeerStates', answer: tellsOf(() => peering.states.sorted) },
    { path: '/publish/DistributedPeerStates', answer: tellsOf(() => served.groups?.states.sorted ?? []) },
    { path: '/publish/EventLog', answer: () => json(events.current(performance.now())) },
    number('/publish/Stats', () =>
      processStats(identity, figuresOf(served), states.sorted, peering.states.sorted),
    ),
    number('/publish/ConfigDoc', () => {
      const { cdn, usingDummyTo } = served.trafficOps();
      const { ops } = served.settings();
      return configDoc(ops, cdn ?? ops.cdnName, usingDummyTo);
    }),
    { path: '/api/cache-statuses', answer: () => json(statusesBody()) },
    number('/api/cache-count', () => cacheCount(states.sorted)),
    number('/api/cache-available-count', () => availableCount(states.sorted)),
    number('/api/cache-down-count', () => downCount(states.sorted)),
    number('/api/bandwidth-kbps', bandwidth),
    number('/api/bandwidth-capacity-kbps', capacity),
    text('/api/version', 'text/plain', () => versionText(identity)),
    text('/api/traffic-ops-uri', 'text/uri-list', () => served.settings().ops.url),
    { path: '/api/monitor-config', answer: () => json(documents.monitoring(needed(served))) },
    number('/api/crconfig-history', () => JSON.stringify(served.history())),
    {
      path: '/api/monitor-groups',
      isUngated: true,
      answer: () => json(groupsBody.current(performance.now())),
    },
    ...pageRoutes(served, { isAvailable, capacityOf, bandwidthKbps: bandwidth, capacityKbps: capacity }),
  ];
}

/** Bodies of the documents from Traffic Ops, kept while the document is the same. */
function snapshotBodies(boot: string) {
  const kept = <D extends object>(prepare: (document: D, etag: string) => Prepared) => {
    const bodies = new WeakMap<D, Prepared>();
    let version = 0;
    return (document: D): Prepared => {
      const body = bodies.get(document) ?? prepare(document, `W/"${boot}-${++version}"`);
      bodies.set(document, body);
      return body;
    };
  };
  const crConfigBody = kept<Snapshot['crConfig']>(({ document }, etag) => preparedDocument(document, etag));
  const monitoringBody = kept<Snapshot['monitoring']>((config, etag) =>
    prepared(Buffer.from(monitorConfig(config)), etag),
  );
  return {
    crConfig: (snapshot: Snapshot) => crConfigBody(snapshot.crConfig),
    monitoring: (snapshot: Snapshot) => monitoringBody(snapshot.monitoring),
  };
}

/** Traffic Ops' own bytes (D14), with the age of their last acceptance; no header if there is none (D16). */
function crConfig(served: Served, documents: ReturnType<typeof snapshotBodies>): Reply {
  const snapshot = needed(served);
  const { acceptedAt } = served.trafficOps();
  const age =
    acceptedAt === null ? {} : { Age: String(Math.max(0, Math.round((Date.now() - acceptedAt) / 1000))) };
  return json(documents.crConfig(snapshot), age);
}

function needed({ snapshot }: Served): Snapshot {
  const current = snapshot();
  if (current === null) throw new Error('no snapshot from Traffic Ops has been accepted yet');
  return current;
}

function figuresOf(served: Served): Parameters<typeof processStats>[1] {
  const { heapUsed, heapTotal, rss } = process.memoryUsage();
  const uptimeMs = Date.now() - served.identity.startedMs;
  const { lastMs, totalMs } = served.garbageCollection();
  return {
    collectedMs: lastMs,
    collectingShare: uptimeMs > 0 ? Math.min(1, totalMs / uptimeMs) : 0,
    nowMs: Date.now(),
    uptimeSeconds: uptimeMs / 1000,
    heapUsedBytes: heapUsed,
    heapTotalBytes: heapTotal,
    residentBytes: rss,
    freeMemoryBytes: os.freemem(),
    errors: served.errors(),
    polls: served.states.polls,
    targetIntervalMs: served.healthIntervalMs(),
    activeResources: process.getActiveResourcesInfo().length,
  };
}
