import { type CacheName, type MonitorName, monitorName } from '../common/ids.ts';
import { steadyMs } from '../common/steady-clock.ts';
import { TrafficOpsFeed, type TrafficOpsFeedOptions } from '../common/traffic-ops/feed.ts';
import type { Snapshot } from '../common/traffic-ops/monitoring.ts';
import { CachePolling } from './cache-polling.ts';
import type { Settings } from './config/settings.ts';
import { shortHostname } from './config/short-hostname.ts';
import { AssignmentMissing, DistributedPolling } from './distributed-polling.ts';
import { legacyView } from './groups/legacy-view.ts';
import { CacheStates } from './health/cache-states.ts';
import { Contact } from './health/contact.ts';
import { DeliveryServiceStates } from './health/delivery-service-states.ts';
import { type AvailabilityEvent, EventRing } from './health/events.ts';
import { Gate, type GateScope } from './health/gate.ts';
import { healthConfigOf } from './health-config.ts';
import { accessLine, eventLine } from './log/lines.ts';
import type { MonitorLogs } from './log/logs.ts';
import { Peering } from './peering.ts';
import { CombinedStates } from './peers/combined-states.ts';
import { planPeers } from './poll/peer-targets.ts';
import { type PollingParameters, pollingParameters } from './poll/polling-parameters.ts';
import { createApp } from './serve/app.ts';
import { EventStream } from './serve/event-stream.ts';
import { watchGarbageCollection } from './serve/garbage-collection.ts';
import { type Identity, userAgentOf } from './serve/identity.ts';
import { Listeners } from './serve/listeners.ts';
import { monitorFigures } from './serve/metrics-figures.ts';
import { MetricsRegistry } from './serve/metrics-registry.ts';
import { routesOf, type Served, type ServedGroupsView } from './serve/routes.ts';
import { readStaticPages, type StaticPages } from './serve/static-pages.ts';
import { StatsdSender } from './serve/statsd.ts';
import { StatisticsExchange } from './statistics-exchange.ts';
import { Statistics } from './stats/statistics.ts';

/** For answers that are under way when the process ends. */
const CLOSE_GRACE_MS = 1000;
const NONE: ReadonlySet<CacheName> = new Set();

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
  /** null: legacy mode. */
  readonly #distributed: DistributedPolling | null;
  /** null: legacy mode, or no statistics. */
  readonly #exchange: StatisticsExchange | null;
  readonly #events: EventRing;
  readonly #eventStream: EventStream;
  readonly #gate: Gate;
  readonly #contact: Contact;
  readonly #statistics: Statistics;
  readonly #polling: CachePolling;
  readonly #feed: TrafficOpsFeed;
  readonly #metrics: MetricsRegistry;
  readonly #statsd: StatsdSender;
  readonly #listeners: Listeners;
  #settings: Settings;
  #pages: StaticPages = new Map();
  /** The last one that came; it may wait for an assignment. */
  #latest: Snapshot | null = null;
  /** The one in force. */
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
    this.#contact = new Contact();
    this.#peering = new Peering({
      userAgent: userAgentOf(identity),
      seed: `${shortHostname(settings)} peer`,
      onEvent: tell,
      onChange: (change, timeMs) => {
        // What is taken over from members has to be in place before it is combined with what they say.
        this.#distributed?.membersChanged(change.caches, timeMs);
        this.#combined.peersChanged(change, timeMs);
      },
      onResult: (polled) => this.#distributed?.memberPolled(polled),
      onFault: (error) => this.reportUnexpected(error),
    });
    this.#combined = new CombinedStates({
      peers: this.#peering.states,
      deliveryServices: statPolling ? this.#statistics.services : new DeliveryServiceStates(tell),
      onEvent: tell,
    });
    this.#distributed = settings.monitor.distributedPolling ? this.#newDistributed() : null;
    this.#exchange = this.#newExchange(settings);
    this.#gate = new Gate(
      this.#states,
      () => this.#peering.unasked() ?? this.#exchange?.unasked() ?? null,
      () => this.#contact.lostBecause(steadyMs()),
    );
    this.#polling = new CachePolling({
      userAgent: userAgentOf(identity),
      seed: shortHostname(settings),
      states: this.#states,
      contact: this.#contact,
      statistics: this.#statistics,
      onFault: (error) => this.reportUnexpected(error),
    });
    this.#feed = new TrafficOpsFeed(this.#feedOptions(settings));
    const served = this.#served();
    this.#metrics = new MetricsRegistry({
      figures: () => monitorFigures(served, this.#polling.tallies, this.#isReady),
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
    await this.#distributed?.follow();
    this.#feed.start();
  }

  /** SIGHUP: takes over new settings, states and all. Throws, with the old settings in force, if they cannot be used. */
  async reload(settings: Settings): Promise<void> {
    if (settings.monitor.statPolling !== this.#settings.monitor.statPolling) {
      throw new Error('stat_polling cannot be changed while the monitor runs; restart it');
    }
    if (settings.monitor.distributedPolling !== this.#settings.monitor.distributedPolling) {
      throw new Error('distributed_polling cannot be changed while the monitor runs; restart it');
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
    await this.#distributed?.follow();
    this.#feed.reconfigure(this.#feedOptions(settings));
    this.#applyLatest();
  }

  /** Not ready any more, but still serving for `drain_ms`, so that routers and Services have time to turn away. */
  async stop(drainMs: number): Promise<void> {
    this.#draining = true;
    this.#distributed?.sources.reportNow();
    await new Promise((resolve) => setTimeout(resolve, drainMs));
    this.#eventStream.close();
    await this.#listeners.close(CLOSE_GRACE_MS);
    this.#statsd.stop();
    this.#polling.stop();
    this.#peering.stop();
    await this.#distributed?.stop();
    await this.#exchange?.stop();
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
      groups: this.#distributed,
      otherMonitors: this.#exchange,
      groupsView: (nowMs) => this.#groupsView(nowMs),
      statistics: this.#statistics,
      events: this.#events,
      settings: () => this.#settings,
      snapshot: () => this.#snapshot,
      trafficOps: () => this.#feed.status,
      history: () => this.#feed.history(),
      healthIntervalMs: () => this.#healthIntervalMs,
      errors: () => this.#errors,
      garbageCollection: watchGarbageCollection(),
      recent: this.#polling.recent,
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
      closedBecause: (scope) => this.#closedBecause(scope),
      isReady: () => this.#isReady,
      onError: (message) => this.#error('serve', message),
      accessLog: () => (this.#logs.accessEnabled ? (record) => this.#logs.access(accessLine(record)) : null),
      writeTimeoutMs: () => this.#settings.monitor.serveWriteTimeoutMs,
    });
  }

  #feedOptions({ monitor, ops }: Settings): TrafficOpsFeedOptions {
    return {
      connection: { url: ops.url, username: ops.username, password: ops.password, insecure: ops.insecure },
      configuredCdn: ops.cdnName,
      monitorName: shortHostname({ monitor, ops }),
      userAgent: userAgentOf(this.#identity),
      backupFiles: { crConfig: monitor.crConfigBackupFile, monitoring: monitor.tmConfigBackupFile },
      startsFromBackups: monitor.snapshotSeedDir !== null,
      retry: {
        minMs: monitor.trafficOpsMinRetryIntervalMs,
        maxMs: monitor.trafficOpsMaxRetryIntervalMs,
        diskAfterFailures: monitor.trafficOpsDiskRetryMax,
      },
      fallbackIntervalMs: monitor.monitorConfigPollingIntervalMs,
      shrinkHoldMs: monitor.snapshotShrinkHoldMs,
      historyCount: monitor.crConfigHistoryCount,
      log: this.#logs.for('traffic-ops'),
      onSnapshot: (snapshot) => {
        this.#latest = snapshot;
        this.#applyLatest();
      },
    };
  }

  #newDistributed(): DistributedPolling {
    return new DistributedPolling({
      self: this.#self,
      settings: () => this.#settings,
      userAgent: userAgentOf(this.#identity),
      startedMs: this.#identity.startedMs,
      isReady: () => this.#isReady,
      log: this.#logs.for('groups'),
      onError: (message) => this.#error('groups', message),
      onFault: (error) => this.reportUnexpected(error),
      onEvent: (event) => this.#tell(event),
      states: this.#states,
      contact: this.#contact,
      members: this.#peering.states,
      onAssignment: () => this.#applyLatest(),
      onDuties: () => this.#applyDuties(),
    });
  }

  #newExchange({ monitor }: Settings): StatisticsExchange | null {
    const groups = this.#distributed;
    if (groups === null || !monitor.statPolling) return null;
    return new StatisticsExchange({
      self: this.#self,
      userAgent: userAgentOf(this.#identity),
      statistics: this.#statistics,
      log: this.#logs.for('statistics'),
      isGroupsWord: (cache) => groups.isGroupsWord(cache),
      onFault: (error) => this.reportUnexpected(error),
    });
  }

  #closedBecause(scope: GateScope): string | null {
    const closed = this.#gate.closedBecause(scope);
    return closed !== null && !this.#states.isConfigured
      ? (this.#distributed?.sources.waitsFor ?? closed)
      : closed;
  }

  #groupsView(nowMs: number): ServedGroupsView {
    const view = this.#distributed?.view(nowMs);
    if (view !== undefined && view !== null) return view;
    const { cdn = null, monitoring = null } = this.#snapshot ?? {};
    return {
      view: legacyView(cdn, monitoring, this.#self, this.#peering.states, nowMs),
      groupOf: () => null,
    };
  }

  /** A snapshot or an assignment is new. What cannot be applied is told, and all stays as it is. */
  #applyLatest(): void {
    if (this.#latest === null) return;
    try {
      this.#apply(this.#latest);
    } catch (error) {
      if (!(error instanceof AssignmentMissing)) throw error;
      this.#error('groups', `the snapshot is not applied, what was in force stays: ${error.message}`);
    }
  }

  #apply(snapshot: Snapshot): void {
    const { monitor } = this.#settings;
    const { monitoring } = snapshot;
    const config = healthConfigOf(snapshot, monitor);
    const parameters = pollingParameters(monitoring);
    const nowMs = Date.now();
    this.#distributed?.configure(snapshot, config.health.subjects, parameters, nowMs);
    const elsewhere = this.#elsewhere;
    const unusable = this.#polling.prepare(
      { config, monitoring, parameters, settings: monitor },
      elsewhere,
      nowMs,
    );
    this.#states.apply({ ...config.health, polledElsewhere: elsewhere }, nowMs);
    const peerWarnings = this.#applyPeers(snapshot, parameters, nowMs);
    const { deliveryServices } = config.health;
    this.#combined.apply(this.#states.sorted, deliveryServices, monitor.healthProtocol, nowMs);
    const polled = this.#polling.poll();
    this.#snapshot = snapshot;
    this.#healthIntervalMs = parameters.healthIntervalMs;
    this.#warnOnce([...config.warnings, ...parameters.warnings, ...unusable, ...peerWarnings]);
    const log = this.#logs.for('config');
    log.info(
      `applied a snapshot of CDN ${snapshot.cdn} from ${snapshot.source}: ${polled} caches to poll every ${Math.round(parameters.healthIntervalMs)} ms`,
    );
  }

  /** Other caches than before are polled here, under the same snapshot and assignment. */
  #applyDuties(): void {
    this.#states.share(this.#elsewhere);
    this.#polling.share(this.#elsewhere, Date.now());
  }

  /** Caches that other monitors poll; none in legacy mode. */
  get #elsewhere(): ReadonlySet<CacheName> {
    return this.#distributed?.elsewhere ?? NONE;
  }

  /** Whom to ask what they see: peers, and in distributed mode the other groups. @returns warnings for people */
  #applyPeers({ monitoring }: Snapshot, parameters: PollingParameters, nowMs: number): readonly string[] {
    const { peerIntervalMs, peerKeepAlive } = parameters;
    const { monitor } = this.#settings;
    const { peers, warnings } = this.#distributed?.memberPlan ?? planPeers(monitoring, this.#self);
    const manner = {
      accept: monitor.httpPollingFormat,
      maxBodyBytes: monitor.maxBodyBytes,
      intervalMs: peerIntervalMs,
      timeoutMs: monitor.httpTimeoutMs,
      keepAlive: peerKeepAlive,
    };
    this.#peering.apply({ targets: peers, manner, quorumMin: monitor.peerOptimisticQuorumMin }, nowMs);
    this.#distributed?.askGroups(manner);
    const assignment = this.#distributed?.assignment ?? null;
    if (assignment !== null) this.#exchange?.ask(assignment.document, manner, parameters);
    return warnings;
  }

  get #self(): MonitorName {
    return monitorName(shortHostname(this.#settings));
  }

  /** A warning is told when it arises, not with every snapshot that still has its cause. */
  #warnOnce(warnings: readonly string[]): void {
    const log = this.#logs.for('config');
    for (const warning of warnings) if (!this.#warned.has(warning)) log.warning(warning);
    this.#warned = new Set(warnings);
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
