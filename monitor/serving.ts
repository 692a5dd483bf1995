import type { Settings } from './config/settings.ts';
import { shortHostname } from './config/short-hostname.ts';
import type { GateScope } from './health/gate.ts';
import { accessLine } from './log/lines.ts';
import type { MonitorLogs } from './log/logs.ts';
import { createApp } from './serve/app.ts';
import type { EventStream } from './serve/event-stream.ts';
import { Listeners } from './serve/listeners.ts';
import { monitorFigures } from './serve/metrics-figures.ts';
import { MetricsRegistry } from './serve/metrics-registry.ts';
import { routesOf, type Served } from './serve/routes.ts';
import type { StaticPages } from './serve/static-pages.ts';
import { StatsdSender } from './serve/statsd.ts';

/** For answers that are under way when the process ends. */
const CLOSE_GRACE_MS = 1000;

export interface ServingOptions {
  readonly served: Served;
  readonly events: EventStream;
  readonly tallies: Parameters<typeof monitorFigures>[1];
  readonly logs: MonitorLogs;
  readonly closedBecause: (scope: GateScope) => string | null;
  /** Whether routers should be sent here. */
  readonly isReady: () => boolean;
  readonly onError: (message: string) => void;
}

/** serve: how routers, other monitors and people get what there is to tell, and where metrics go. */
export class Serving {
  readonly #options: ServingOptions;
  readonly #statsd: StatsdSender;
  readonly #listeners: Listeners;
  #pages: StaticPages = new Map();

  constructor(options: ServingOptions) {
    this.#options = options;
    const { served, tallies, isReady, logs } = options;
    const metrics = new MetricsRegistry({
      figures: () => monitorFigures(served, tallies, isReady()),
      perCache: () => served.settings().monitor.metricsPerCache,
    });
    this.#statsd = new StatsdSender({
      collect: () => metrics.collect(),
      monitor: () => shortHostname(served.settings()),
      log: logs.for('statsd'),
    });
    this.#listeners = new Listeners(this.#createApp(metrics));
  }

  /** Listens as the settings say. Throws, with everything as before, if that cannot be. */
  async listen(settings: Settings, pages: StaticPages): Promise<void> {
    await this.#listeners.apply(settings);
    this.#pages = pages;
  }

  /** Sends metrics as the settings say. */
  sendMetrics({ monitor }: Settings): Promise<void> {
    return this.#statsd.apply(monitor);
  }

  /** Answers that are under way have a second to end. */
  async stop(): Promise<void> {
    this.#options.events.close();
    await this.#listeners.close(CLOSE_GRACE_MS);
    this.#statsd.stop();
  }

  #createApp(metrics: MetricsRegistry) {
    const { served, events, logs, closedBecause, isReady, onError } = this.#options;
    return createApp({
      routes: routesOf(served),
      metrics: () => metrics.reply(),
      streams: new Map([['/api/events', (request, response) => events.answer(request, response)]]),
      pages: () => this.#pages,
      closedBecause,
      isReady,
      onError,
      accessLog: () => (logs.accessEnabled ? (record) => logs.access(accessLine(record)) : null),
      writeTimeoutMs: () => served.settings().monitor.serveWriteTimeoutMs,
    });
  }
}
