import { type Clock, systemClock } from '../../common/clock.ts';
import type { KubeApi } from '../../common/kube/api.ts';
import { isNotFound } from '../../common/kube/api-error.ts';
import { microTime } from '../../common/kube/objects.ts';
import type { ResourceKind } from '../../common/kube/resource.ts';
import type { Log } from '../../common/log.ts';
import { messageOf } from '../../common/message-of.ts';
import { Notices } from '../../common/notices.ts';
import {
  type EventFacts,
  type EventSubject,
  eventKey,
  firstEvent,
  type KubeEvent,
  type Reporter,
} from './event-records.ts';

export const EVENTS: ResourceKind<KubeEvent> = {
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  plural: 'events',
  scope: 'namespaced',
};

export interface EventRecorderOptions {
  readonly api: KubeApi;
  readonly reporter: Reporter;
  readonly log: Log;
  readonly clock?: Clock;
}

/** An event that was written, and how often it has happened. */
interface Series {
  event: KubeEvent;
  count: number;
  lastMs: number;
  /** What the API server knows; 0: it does not know the event. */
  writtenCount: number;
}

/** Repeats are written that often, and an event that was quiet for `FORGET_MS` is a new one. */
const FLUSH_MS = 60_000;
const FORGET_MS = 10 * 60_000;
/** Different events, so that a fault that makes up new ones all the time fills neither memory nor etcd. */
const MAX_SERIES = 1000;

/**
 * Tells people what happened to an object (`kubectl describe`, `kubectl events`). Recording never waits and never
 * fails: what cannot be written is told in the log and tried again with the next repeat or the next minute.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #clock: Clock;
  readonly #series = new Map<string, Series>();
  readonly #notices = new Notices();
  readonly #stop = new AbortController();
  #number = 0;
  #writing: Promise<void> = Promise.resolve();
  #flushing: Promise<void> | null = null;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  record(subject: EventSubject, facts: EventFacts): void {
    const { reporter, log } = this.#options;
    const key = eventKey(subject, facts);
    const nowMs = this.#clock.now();
    const known = this.#series.get(key);
    if (known !== undefined) {
      known.count += 1;
      known.lastMs = nowMs;
      return;
    }
    if (this.#series.size >= MAX_SERIES) {
      if (this.#notices.due('too many', '', nowMs))
        log.warning(
          `more than ${MAX_SERIES} different events in ${FORGET_MS / 60_000} minutes: new ones are dropped`,
        );
      return;
    }
    this.#number = (this.#number + 1) % 0x10000;
    const event = firstEvent(subject, facts, reporter, nowMs, this.#number);
    const series = { event, count: 1, lastMs: nowMs, writtenCount: 0 };
    this.#series.set(key, series);
    this.#write(series);
    this.#flushing ??= this.#flushNowAndThen();
  }

  /** Writes what was not written yet. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#flushing;
    this.#flush();
    await this.#writing;
  }

  async #flushNowAndThen(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#clock.sleep(FLUSH_MS, this.#stop.signal);
      if (!this.#stop.signal.aborted) this.#flush();
    }
  }

  #flush(): void {
    const nowMs = this.#clock.now();
    for (const [key, series] of this.#series) {
      if (series.writtenCount < series.count) this.#write(series);
      else if (nowMs - series.lastMs >= FORGET_MS) this.#series.delete(key);
    }
  }

  /** One after the other: events are no reason to keep the API server busy. */
  #write(series: Series): void {
    this.#writing = this.#writing.then(async () => {
      const { log } = this.#options;
      const { count } = series;
      try {
        await this.#send(series);
        series.writtenCount = count;
        this.#notices.works('events');
      } catch (error) {
        const message = messageOf(error);
        if (this.#notices.due('events', message, this.#clock.now()))
          log.warning(`event ${series.event.reason} not written: ${message}; tried again in a minute`);
      }
    });
  }

  async #send(series: Series): Promise<void> {
    const { api } = this.#options;
    const { event, count, lastMs } = series;
    const repeats = count > 1 ? { series: { count, lastObservedTime: microTime(lastMs) } } : {};
    if (series.writtenCount > 0) {
      try {
        await api.mergePatch(EVENTS, event.metadata, repeats);
        return;
      } catch (error) {
        // The API server forgets events after an hour.
        if (!isNotFound(error)) throw error;
      }
    }
    await api.create(EVENTS, { ...event, ...repeats });
  }
}
