import { monitorName } from '../common/ids.ts';
import { TrafficOpsFeed, type TrafficOpsFeedOptions } from '../common/traffic-ops/feed.ts';
import type { Snapshot } from '../common/traffic-ops/monitoring.ts';
import { AssignmentMissing } from './assignment-choice.ts';
import { Availability } from './availability.ts';
import { CachePolling } from './cache-polling.ts';
import type { Settings } from './config/settings.ts';
import { shortHostname } from './config/short-hostname.ts';
import { feedOptionsOf } from './feed-options.ts';
import { type AvailabilityEvent, EventRing } from './health/events.ts';
import { healthConfigOf } from './health-config.ts';
import { eventLine } from './log/lines.ts';
import type { MonitorLogs } from './log/logs.ts';
import { pollingParameters } from './poll/polling-parameters.ts';
import { EventStream } from './serve/event-stream.ts';
import { watchGarbageCollection } from './serve/garbage-collection.ts';
import { type Identity, userAgentOf } from './serve/identity.ts';
import type { Served } from './serve/routes.ts';
import { readStaticPages } from './serve/static-pages.ts';
import { Serving } from './serving.ts';
import { Statistics } from './stats/statistics.ts';

/**
 * One Traffic Monitor: config → poll → parse → health → peers → groups → serve. Everything that decides is a pure
 * function or a class without I/O; this is where they are joined.
 */
export class TrafficMonitor {
  readonly #identity: Identity;
  readonly #logs: MonitorLogs;
  readonly #events: EventRing;
  readonly #eventStream: EventStream;
  /** config: what Traffic Ops tells. */
  readonly #feed: TrafficOpsFeed;
  /** poll → parse. */
  readonly #polling: CachePolling;
  readonly #statistics: Statistics;
  /** health → peers → groups. */
  readonly #availability: Availability;
  readonly #serving: Serving;
  #settings: Settings;
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
    const onEvent = (event: AvailabilityEvent): void => this.#tell(event);
    const onFault = (error: unknown): void => this.reportUnexpected(error);
    this.#statistics = new Statistics(monitorName(shortHostname(settings)), onEvent);
    this.#feed = new TrafficOpsFeed(this.#feedOptions(settings));
    this.#availability = new Availability({
      identity,
      settings: () => this.#settings,
      logs,
      statistics: this.#statistics,
      isReady: () => this.#isReady,
      onEvent,
      onError: (component, message) => this.#error(component, message),
      onFault,
      onAssignment: () => this.#applyLatest(),
      onDuties: () => this.#applyDuties(),
    });
    this.#polling = new CachePolling({
      userAgent: userAgentOf(identity),
      seed: shortHostname(settings),
      states: this.#availability.states,
      contact: this.#availability.contact,
      statistics: this.#statistics,
      onFault,
    });
    this.#serving = new Serving({
      served: this.#served(),
      events: this.#eventStream,
      tallies: this.#polling.tallies,
      logs,
      closedBecause: (scope) => this.#availability.closedBecause(scope),
      isReady: () => this.#isReady,
      onError: (message) => this.#error('serve', message),
    });
  }

  /** Serves at once, 503 until the caches are known. Throws if it cannot serve at all. */
  async start(): Promise<void> {
    await this.#serving.listen(this.#settings, await readStaticPages(this.#settings.monitor.staticFileDir));
    await this.#serving.sendMetrics(this.#settings);
    await this.#availability.distributed?.follow();
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
      await this.#serving.listen(settings, pages);
    } catch (error) {
      this.#logs.reopen(this.#settings.monitor.logs);
      throw error;
    }
    this.#settings = settings;
    this.#events.setLimit(settings.monitor.maxEvents);
    await this.#serving.sendMetrics(settings);
    await this.#availability.distributed?.follow();
    this.#feed.reconfigure(this.#feedOptions(settings));
    this.#applyLatest();
  }

  /** Not ready any more, but still serving for `drain_ms`, so that routers and Services have time to turn away. */
  async stop(drainMs: number): Promise<void> {
    this.#draining = true;
    this.#availability.distributed?.sources.reportNow();
    await new Promise((resolve) => setTimeout(resolve, drainMs));
    await this.#serving.stop();
    this.#polling.stop();
    await this.#availability.stop();
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
    return !this.#draining && this.#availability.closedBecause() === null;
  }

  /** How long to go on serving after SIGTERM. */
  get drainMs(): number {
    return this.#settings.monitor.drainMs;
  }

  #served(): Served {
    const availability = this.#availability;
    return {
      identity: this.#identity,
      states: availability.states,
      combined: availability.combined,
      peering: availability.peering,
      groups: availability.distributed,
      otherMonitors: availability.exchange,
      groupsView: (nowMs) => availability.groupsView(this.#snapshot, nowMs),
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
      closedBecause: () => availability.closedBecause(),
    };
  }

  #feedOptions(settings: Settings): TrafficOpsFeedOptions {
    return feedOptionsOf(settings, {
      userAgent: userAgentOf(this.#identity),
      log: this.#logs.for('traffic-ops'),
      onSnapshot: (snapshot) => {
        this.#latest = snapshot;
        this.#applyLatest();
      },
    });
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
    const applied = { snapshot, config, parameters };
    const nowMs = Date.now();
    this.#availability.assign(applied, nowMs);
    const { elsewhere } = this.#availability;
    const unusable = this.#polling.prepare(
      { config, monitoring, parameters, settings: monitor },
      elsewhere,
      nowMs,
    );
    const peerWarnings = this.#availability.apply(applied, nowMs);
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
    this.#availability.share();
    this.#polling.share(this.#availability.elsewhere, Date.now());
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
