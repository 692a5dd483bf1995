import os from 'node:os';
import { monitorName } from '../common/ids.ts';
import { TrafficOpsFeed, type TrafficOpsFeedOptions } from '../common/traffic-ops/feed.ts';
import type { Snapshot } from '../common/traffic-ops/monitoring.ts';
import type { Settings } from './config/settings.ts';
import type { PolledCache, PollerName } from './health/cache-state.ts';
import { CacheStates } from './health/cache-states.ts';
import { DeliveryServiceStates } from './health/delivery-service-states.ts';
import { type AvailabilityEvent, EventRing } from './health/events.ts';
import { Gate } from './health/gate.ts';
import { RecentPolls } from './health/recent-polls.ts';
import { healthConfigOf } from './health-config.ts';
import { accessLine, eventLine } from './log/lines.ts';
import type { MonitorLogs } from './log/logs.ts';
import { ShapeMemory } from './parse/shape-memory.ts';
import { Peering } from './peering.ts';
import { CombinedStates } from './peers/combined-states.ts';
import { CachePoller, type PollResult } from './poll/cache-poller.ts';
import type { PeerManner } from './poll/peer-poller.ts';
import { type PeerPlan, planPeers } from './poll/peer-targets.ts';
import { PollTally } from './poll/poll-tally.ts';
import { statTarget } from './poll/poll-targets.ts';
import { pollingParameters } from './poll/polling-parameters.ts';
import { failureOf, polledCache } from './polled-cache.ts';
import { createApp } from './serve/app.ts';
import { EventStream } from './serve/event-stream.ts';
import { watchGarbageCollection } from './serve/garbage-collection.ts';
import { type Identity, userAgentOf } from './serve/identity.ts';
import { Listeners } from './serve/listeners.ts';
import { monitorFigures } from './serve/metrics-figures.ts';
import { MetricsRegistry } from './serve/metrics-registry.ts';
import { routesOf, type Served } from './serve/routes.ts';
import { readStaticPages, type StaticPages } from './serve/static-pages.ts';
import { StatsdSender } from './serve/statsd.ts';
import { Statistics } from './stats/statistics.ts';

/** For answers that are under way when the process ends. */
const CLOSE_GRACE_MS = 1000;

/**
 * One Traffic Monitor: config → poll → parse → health → serve. Everything that decides is a pure function or a class
 * without I/O; this is where they are joined.
 */
export class TrafficMonitor {
  readonly #identity: Identity;
  readonly #logs: MonitorLogs;
  readonly #states: CacheStates;
  readonly #peering: Peering;
  readonly #combined: CombinedStates;
  readonly #events: EventRing;
  readonly #eventStream: EventStream;
  readonly #recent = new RecentPolls();
  readonly #gate: Gate;
  readonly #statistics: Statistics;
  readonly #shapes = new ShapeMemory();
  readonly #tallies: Readonly<Record<PollerName, PollTally>> = {
    health: new PollTally(),
    stat: new PollTally(),
  };
  readonly #healthPoller: CachePoller;
  readonly #statPoller: CachePoller;
  readonly #feed: TrafficOpsFeed;
  readonly #metrics: MetricsRegistry;
  readonly #statsd: StatsdSender;
  readonly #listeners: Listeners;
  #settings: Settings;
  #pages: StaticPages = new Map();
  #snapshot: Snapshot | null = null;
  #warned: ReadonlySet<string> = new Set();
  #healthIntervalMs = 0;
  #errors = 0;
  #draining = false;

  constructor(settings: Settings, identity: Identity, logs: MonitorLogs) {
    this.#settings = settings;
    this.#identity = identity;
    this.#logs = logs;
    this.#events = new EventRing(settings.monitor.maxEvents);
    this.#eventStream = new EventStream(this.#events, identity.startedMs.toString(36));
    const tell = (event: AvailabilityEvent): void => this.#tell(event);
    this.#statistics = new Statistics(monitorName(shortHostname(settings)), tell);
    const { statPolling } = settings.monitor;
    this.#states = new CacheStates(tell, (state, timeMs) => this.#combined.localChanged(state, timeMs));
    this.#peering = new Peering({
      userAgent: userAgentOf(identity),
      seed: `${shortHostname(settings)} peer`,
      onEvent: tell,
      onChange: (change, timeMs) => this.#combined.peersChanged(change, timeMs),
      onFault: (error) => this.reportUnexpected(error),
    });
    this.#combined = new CombinedStates({
      peers: this.#peering.states,
      deliveryServices: statPolling ? this.#statistics.services : new DeliveryServiceStates(tell),
      onEvent: tell,
    });
    this.#gate = new Gate(this.#states, () => this.#peering.unasked());
    this.#healthPoller = this.#newPoller('health');
    this.#statPoller = this.#newPoller('stat');
    this.#feed = new TrafficOpsFeed(this.#feedOptions(settings));
    const served = this.#served();
    this.#metrics = new MetricsRegistry({
      figures: () => monitorFigures(served, this.#tallies, this.#isReady),
      perCache: () => this.#settings.monitor.metricsPerCache,
    });
    this.#statsd = new StatsdSender({
      collect: () => this.#metrics.collect(),
      monitor: () => shortHostname(this.#settings),
      log: logs.for('statsd'),
    });
    this.#listeners = new Listeners(this.#createApp(served));
  }

  /** Serves at once, 503 until the caches are known. Throws if it cannot serve at all. */
  async start(): Promise<void> {
    this.#pages = await readStaticPages(this.#settings.monitor.staticFileDir);
    await this.#listeners.apply(this.#settings);
    await this.#statsd.apply(this.#settings.monitor);
    this.#feed.start();
  }

  /** SIGHUP: takes over new settings, states and all. Throws, with the old settings in force, if they cannot be used. */
  async reload(settings: Settings): Promise<void> {
    if (settings.monitor.statPolling !== this.#settings.monitor.statPolling) {
      throw new Error('stat_polling cannot be changed while the monitor runs; restart it');
    }
    const pages = await readStaticPages(settings.monitor.staticFileDir);
    this.#logs.reopen(settings.monitor.logs);
    try {
      await this.#listeners.apply(settings);
    } catch (error) {
      this.#logs.reopen(this.#settings.monitor.logs);
      throw error;
    }
    this.#pages = pages;
    this.#settings = settings;
    this.#events.setLimit(settings.monitor.maxEvents);
    await this.#statsd.apply(settings.monitor);
    this.#feed.reconfigure(this.#feedOptions(settings));
    if (this.#snapshot !== null) this.#apply(this.#snapshot);
  }

  /** Not ready any more, but still serving for `drain_ms`, so that routers and Services have time to turn away. */
  async stop(drainMs: number): Promise<void> {
    this.#draining = true;
    await new Promise((resolve) => setTimeout(resolve, drainMs));
    this.#eventStream.close();
    await this.#listeners.close(CLOSE_GRACE_MS);
    this.#statsd.stop();
    this.#healthPoller.stop();
    this.#statPoller.stop();
    this.#peering.stop();
    await this.#feed.stop();
  }

  /** An error in what this process was asked to do. */
  reportError(message: string): void {
    this.#error('main', message);
  }

  /** An error that belongs to no request or poll. */
  reportUnexpected(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#error('main', `unexpected error, a fault of this program; it goes on with what it has: ${text}`);
  }

  /** Whether routers should be sent here. */
  get #isReady(): boolean {
    return !this.#draining && this.#gate.closedBecause() === null;
  }

  /** How long to go on serving after SIGTERM. */
  get drainMs(): number {
    return this.#settings.monitor.drainMs;
  }

  #served(): Served {
    return {
      identity: this.#identity,
      states: this.#states,
      combined: this.#combined,
      peering: this.#peering,
      statistics: this.#statistics,
      events: this.#events,
      settings: () => this.#settings,
      snapshot: () => this.#snapshot,
      trafficOps: () => this.#feed.status,
      history: () => this.#feed.history(),
      healthIntervalMs: () => this.#healthIntervalMs,
      errors: () => this.#errors,
      garbageCollection: watchGarbageCollection(),
      recent: this.#recent,
      monitorName: () => shortHostname(this.#settings),
      closedBecause: () => this.#gate.closedBecause(),
    };
  }

  #createApp(served: Served) {
    return createApp({
      routes: routesOf(served),
      metrics: () => this.#metrics.reply(),
      streams: new Map([['/api/events', (request, response) => this.#eventStream.answer(request, response)]]),
      pages: () => this.#pages,
      closedBecause: () => this.#gate.closedBecause(),
      isReady: () => this.#isReady,
      onError: (message) => this.#error('serve', message),
      accessLog: () => (this.#logs.accessEnabled ? (record) => this.#logs.access(accessLine(record)) : null),
      writeTimeoutMs: () => this.#settings.monitor.serveWriteTimeoutMs,
    });
  }

  #feedOptions({ monitor, ops }: Settings): TrafficOpsFeedOptions {
    const { url, username, password, insecure } = ops;
    return {
      connection: { url, username, password, insecure },
      configuredCdn: ops.cdnName,
      monitorName: shortHostname({ monitor, ops }),
      userAgent: userAgentOf(this.#identity),
      backupFiles: { crConfig: monitor.crConfigBackupFile, monitoring: monitor.tmConfigBackupFile },
      retry: {
        minMs: monitor.trafficOpsMinRetryIntervalMs,
        maxMs: monitor.trafficOpsMaxRetryIntervalMs,
        diskAfterFailures: monitor.trafficOpsDiskRetryMax,
      },
      fallbackIntervalMs: monitor.monitorConfigPollingIntervalMs,
      historyCount: monitor.crConfigHistoryCount,
      log: this.#logs.for('traffic-ops'),
      onSnapshot: (snapshot) => this.#apply(snapshot),
    };
  }

  #apply(snapshot: Snapshot): void {
    const { monitor } = this.#settings;
    const { health, document, targets, warnings } = healthConfigOf(snapshot, monitor);
    const parameters = pollingParameters(snapshot.monitoring);
    const manner = { accept: monitor.httpPollingFormat, maxBodyBytes: monitor.maxBodyBytes };
    const polled = new Set(targets.map(({ cache }) => cache));
    const nowMs = Date.now();
    const unusable = monitor.statPolling
      ? this.#statistics.configure(
          {
            config: snapshot.monitoring,
            subjects: health.subjects,
            polled,
            polledElsewhere: health.polledElsewhere,
            document,
          },
          nowMs,
        )
      : [];
    this.#states.apply(health, nowMs);
    const peers = this.#applyPeers(snapshot, manner, nowMs);
    this.#combined.apply(this.#states.sorted, health.deliveryServices, monitor.healthProtocol, nowMs);
    this.#healthPoller.apply(targets, {
      ...manner,
      intervalMs: parameters.healthIntervalMs,
      keepAlive: parameters.healthKeepAlive,
    });
    if (monitor.statPolling) {
      this.#statPoller.apply(targets.map(statTarget), {
        ...manner,
        intervalMs: parameters.statIntervalMs,
        keepAlive: parameters.statKeepAlive,
      });
    }
    this.#shapes.keepOnly(polled);
    this.#recent.keepOnly(polled);
    const cachegroups = new Set(health.subjects.map(({ server }) => server.cachegroup));
    for (const tally of Object.values(this.#tallies)) tally.retain(cachegroups);
    this.#snapshot = snapshot;
    this.#healthIntervalMs = parameters.healthIntervalMs;
    this.#warnOnce([...warnings, ...parameters.warnings, ...unusable, ...peers.warnings]);
    const log = this.#logs.for('config');
    log.info(
      `applied a snapshot of CDN ${snapshot.cdn} from ${snapshot.source}: ${targets.length} caches to poll every ${Math.round(parameters.healthIntervalMs)} ms`,
    );
  }

  #applyPeers(
    { monitoring }: Snapshot,
    manner: Pick<PeerManner, 'accept' | 'maxBodyBytes'>,
    nowMs: number,
  ): PeerPlan {
    const { monitor } = this.#settings;
    const { peerIntervalMs, peerKeepAlive } = pollingParameters(monitoring);
    const plan = planPeers(monitoring, monitorName(shortHostname(this.#settings)));
    const targets = plan.peers;
    this.#peering.apply(
      {
        targets,
        manner: {
          ...manner,
          intervalMs: peerIntervalMs,
          timeoutMs: monitor.httpTimeoutMs,
          keepAlive: peerKeepAlive,
        },
        quorumMin: monitor.peerOptimisticQuorumMin,
      },
      nowMs,
    );
    return plan;
  }

  /** A warning is told when it arises, not with every snapshot that still has its cause. */
  #warnOnce(warnings: readonly string[]): void {
    const log = this.#logs.for('config');
    for (const warning of warnings) if (!this.#warned.has(warning)) log.warning(warning);
    this.#warned = new Set(warnings);
  }

  #newPoller(poller: PollerName): CachePoller {
    return new CachePoller({
      userAgent: userAgentOf(this.#identity),
      // The two polls of a cache, and those of two monitors, come at different moments.
      seed: `${shortHostname(this.#settings)} ${poller}`,
      onResult: (result) => this.#take(result, poller),
      turns: this.#tallies[poller],
    });
  }

  #take(result: PollResult, poller: PollerName): void {
    try {
      const polled = polledCache(result, poller, this.#shapes);
      const cachegroup = this.#states.get(polled.cache)?.subject.server.cachegroup;
      if (cachegroup !== undefined)
        this.#tallies[poller].ended(cachegroup, result.durationMs, failureOf(result, polled));
      this.#states.record(polled);
      if (poller === 'health') this.#remember(polled);
      if (poller === 'stat') this.#takeStatistics(polled, result.target.format);
    } catch (error) {
      // One cache's answer must not end the polls of all the others.
      this.reportUnexpected(error);
    }
  }

  /** For the page: what this poll found, and the verdict after it. */
  #remember({ cache, outcome, endMs, durationMs }: PolledCache): void {
    const state = this.#states.get(cache);
    if (state === undefined) return;
    const { verdict, health } = state;
    this.#recent.record(cache, {
      timeMs: endMs,
      isAvailable: verdict?.isAvailable ?? false,
      isAnswered: outcome.kind === 'sample',
      loadAverage: health.vitals?.loadAverage ?? 0,
      kbpsOut: health.vitals?.kbpsOut ?? 0,
      durationMs,
    });
  }

  #takeStatistics(polled: PolledCache, format: string): void {
    const { cache, outcome, endMs, durationMs } = polled;
    const vitals = outcome.kind === 'sample' ? (this.#states.get(cache)?.stat.vitals ?? null) : null;
    const isEnough = this.#statistics.record({ cache, format, outcome, vitals, endMs, durationMs });
    if (isEnough) this.#states.markPolled(cache);
  }

  #tell(event: AvailabilityEvent): void {
    this.#eventStream.publish(this.#events.add(event));
    if (this.#logs.eventEnabled) this.#logs.event(eventLine(event));
  }

  #error(component: string, message: string): void {
    this.#errors++;
    this.#logs.for(component).error(message);
  }
}

/** How Traffic Ops knows this monitor: reference 1.1. */
function shortHostname({ monitor }: Settings): string {
  if (monitor.shortHostnameOverride !== '') return monitor.shortHostnameOverride;
  return os.hostname().split('.', 1)[0] ?? '';
}
