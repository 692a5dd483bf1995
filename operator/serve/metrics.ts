import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ReflectorObserver } from '../../common/kube/reflector.ts';
import type { TransportOptions } from '../../common/kube/transport.ts';
import type { ControllerObserver } from '../reconcile/controller.ts';
import type { WorkQueue, WorkQueueObserver } from '../reconcile/work-queue.ts';

/** What of a watched kind is looked at for each scrape. */
export interface WatchedKind {
  readonly kind: string;
  readonly objects: number;
  /** Milliseconds; null: never. */
  readonly silentMs: number | null;
  readonly listAgeMs: number | null;
}

const SECOND_MS = 1000;
/** As controller-runtime has them, so that its dashboards and quantiles fit. */
const QUEUE_BUCKETS = [0.00001, 0.0001, 0.001, 0.01, 0.1, 1, 10, 100, 1000];
const RECONCILE_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const EXCHANGE_BUCKETS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];

/**
 * The metrics of the machinery: queue, controllers, calls to the API server, leader election, under the names that
 * every controller gives them. What the operator knows about groups is declared with what knows it, in the same
 * registry.
 */
export class OperatorMetrics {
  readonly registry = new Registry();
  readonly #exchanges = this.#counter('rest_client_requests_total', 'Answers of the API server.', [
    'code',
    'host',
    'method',
  ]);
  readonly #exchangeSeconds = this.#histogram(
    'rest_client_request_duration_seconds',
    'Time from asking the API server to the head of its answer.',
    ['host', 'verb'],
    EXCHANGE_BUCKETS,
  );
  readonly #leader = this.#gauge(
    'leader_election_master_status',
    'Whether this process is the leader: 1 or 0.',
    ['name'],
  );
  readonly #adds = this.#counter('workqueue_adds_total', 'Keys added to the queue.', ['name', 'controller']);
  readonly #retries = this.#counter('workqueue_retries_total', 'Keys added again after a failure.', [
    'name',
    'controller',
  ]);
  readonly #queueSeconds = this.#histogram(
    'workqueue_queue_duration_seconds',
    'How long a key waits in the queue.',
    ['name', 'controller'],
    QUEUE_BUCKETS,
  );
  readonly #workSeconds = this.#histogram(
    'workqueue_work_duration_seconds',
    'How long a key is worked on.',
    ['name', 'controller'],
    QUEUE_BUCKETS,
  );
  readonly #depth = this.#gauge('workqueue_depth', 'Keys that wait for their turn.', ['name', 'controller']);
  readonly #unfinished = this.#gauge(
    'workqueue_unfinished_work_seconds',
    'Sum of the time that keys have been worked on which are not done. Rises when something hangs.',
    ['name', 'controller'],
  );
  readonly #longest = this.#gauge(
    'workqueue_longest_running_processor_seconds',
    'How long the key has been worked on that has been so for longest.',
    ['name', 'controller'],
  );
  readonly #reconciles = this.#counter('controller_runtime_reconcile_total', 'Reconciliations.', [
    'controller',
    'result',
  ]);
  readonly #errors = this.#counter(
    'controller_runtime_reconcile_errors_total',
    'Reconciliations that failed.',
    ['controller'],
  );
  readonly #terminal = this.#counter(
    'controller_runtime_terminal_reconcile_errors_total',
    'Reconciliations that failed and are not tried again before something changes.',
    ['controller'],
  );
  readonly #panics = this.#counter(
    'controller_runtime_reconcile_panics_total',
    'Reconciliations that met a fault of the program.',
    ['controller'],
  );
  readonly #timeouts = this.#counter(
    'controller_runtime_reconcile_timeouts_total',
    'Reconciliations that took too long.',
    ['controller'],
  );
  readonly #reconcileSeconds = this.#histogram(
    'controller_runtime_reconcile_time_seconds',
    'How long a reconciliation takes.',
    ['controller'],
    RECONCILE_BUCKETS,
  );
  readonly #active = this.#gauge('controller_runtime_active_workers', 'Workers that are busy.', [
    'controller',
  ]);
  readonly #workers = this.#gauge('controller_runtime_max_concurrent_reconciles', 'Workers.', ['controller']);
  readonly #lists = this.#counter('tm_operator_lists_total', 'Whole lists read from the API server.', [
    'kind',
  ]);
  readonly #watches = this.#counter('tm_operator_watches_total', 'Watches opened at the API server.', [
    'kind',
  ]);
  readonly #watchFailures = this.#counter(
    'tm_operator_watch_failures_total',
    'Lists and watches that failed; each is tried again.',
    ['kind', 'during'],
  );
  readonly #objects = this.#gauge('tm_operator_watched_objects', 'Objects of a kind that are known.', [
    'kind',
  ]);
  readonly #silent = this.#gauge(
    'tm_operator_watch_silent_seconds',
    'Time since the API server last said anything about a kind; more than three minutes means that it is away.',
    ['kind'],
  );
  readonly #listAge = this.#gauge(
    'tm_operator_list_age_seconds',
    'Time since a kind was last listed as a whole.',
    ['kind'],
  );

  readonly #scrapes: (() => void)[] = [];

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** Everything in Prometheus' text format. */
  async text(): Promise<string> {
    for (const refresh of this.#scrapes) refresh();
    return this.registry.metrics();
  }

  /** Called before each scrape, to set what is only then looked at. */
  onScrape(refresh: () => void): void {
    this.#scrapes.push(refresh);
  }

  readonly onExchange: NonNullable<TransportOptions['onExchange']> = ({ method, host, code, durationMs }) => {
    this.#exchanges.inc({ code, host, method });
    this.#exchangeSeconds.observe({ host, verb: method }, durationMs / SECOND_MS);
  };

  readonly reflectors: ReflectorObserver = {
    listed: (kind) => this.#lists.inc({ kind }),
    watched: (kind) => this.#watches.inc({ kind }),
    failed: (kind, during) => this.#watchFailures.inc({ kind, during }),
  };

  /** @param name of the Lease; `isLeader` is asked for each scrape */
  showLeader(name: string, isLeader: () => boolean): void {
    this.onScrape(() => this.#leader.set({ name }, isLeader() ? 1 : 0));
  }

  /** @param watched asked for each scrape */
  showWatched(watched: () => readonly WatchedKind[]): void {
    this.onScrape(() => {
      for (const { kind, objects, silentMs, listAgeMs } of watched()) {
        this.#objects.set({ kind }, objects);
        if (silentMs !== null) this.#silent.set({ kind }, silentMs / SECOND_MS);
        if (listAgeMs !== null) this.#listAge.set({ kind }, listAgeMs / SECOND_MS);
      }
    });
  }

  /** To be given to the queue of a controller. */
  queueObserver(controller: string): WorkQueueObserver {
    const labels = { name: controller, controller };
    for (const counter of [this.#adds, this.#retries]) counter.inc(labels, 0);
    return {
      added: () => this.#adds.inc(labels),
      retried: () => this.#retries.inc(labels),
      taken: (waitedMs) => this.#queueSeconds.observe(labels, waitedMs / SECOND_MS),
      done: (workedMs) => this.#workSeconds.observe(labels, workedMs / SECOND_MS),
    };
  }

  showQueue(controller: string, queue: WorkQueue): void {
    const labels = { name: controller, controller };
    this.onScrape(() => {
      const seconds = queue.workingMs.map((ms) => ms / SECOND_MS);
      this.#depth.set(labels, queue.depth);
      this.#unfinished.set(
        labels,
        seconds.reduce((sum, one) => sum + one, 0),
      );
      this.#longest.set(labels, Math.max(0, ...seconds));
    });
  }

  controllerObserver(controller: string, workers: number): ControllerObserver {
    const labels = { controller };
    this.#workers.set(labels, workers);
    this.#active.set(labels, 0);
    for (const counter of [this.#errors, this.#terminal, this.#panics, this.#timeouts])
      counter.inc(labels, 0);
    const failures = { terminal: this.#terminal, timeout: this.#timeouts, fault: this.#panics };
    return {
      started: () => this.#active.inc(labels),
      ended: (result, durationMs) => {
        this.#active.dec(labels);
        this.#reconciles.inc({ controller, result });
        if (result === 'error') this.#errors.inc(labels);
        this.#reconcileSeconds.observe(labels, durationMs / SECOND_MS);
      },
      failed: (failure) => {
        if (failure !== 'retried') failures[failure].inc(labels);
      },
    };
  }

  #counter(name: string, help: string, labelNames: string[]): Counter {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #gauge(name: string, help: string, labelNames: string[]): Gauge {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  #histogram(name: string, help: string, labelNames: string[], buckets: number[]): Histogram {
    return new Histogram({ name, help, labelNames, buckets, registers: [this.registry] });
  }
}
