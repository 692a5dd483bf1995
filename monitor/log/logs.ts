import type { Log } from '../../common/log.ts';
import type { LogLocation, LogName } from '../config/settings.ts';
import { type Level, levelledLine } from './lines.ts';
import { Sink } from './sink.ts';
import { openTargets, type Target } from './targets.ts';

/** Every log of the process: reference 10. Nothing here throws except `reopen`. */
export interface MonitorLogs {
  /** A line says which part of the program wrote it; the result stays valid over `reopen`. */
  for(component: string): Log;
  /** False: making a line would be in vain. */
  readonly eventEnabled: boolean;
  readonly accessEnabled: boolean;
  /** @param line of `eventLine`. */
  event(line: string): void;
  /** @param line of `accessLine`. */
  access(line: string): void;
  /**
   * Opens every log anew, for SIGHUP; what waits for the old files still gets there.
   *
   * @throws {Error} naming log and path of a file that cannot be opened; then all goes on as before.
   */
  reopen(locations: LogLocations): void;
  /** Writes what waits, for two seconds at most. Later lines are dropped. */
  close(): Promise<void>;
}

export type LogLocations = Readonly<Record<LogName, LogLocation>>;

export interface LogsOptions {
  /** So many lines are lost. `location`: `stdout`, `stderr` or a path. */
  readonly onDropped: (location: string, lines: number) => void;
  /** ms since the epoch. */
  readonly now?: () => number;
  /** Per file, before lines are dropped. */
  readonly limitBytes?: number;
  readonly retryMs?: number;
  /** How long `close` and `reopen` let an old file take what waits; two seconds. */
  readonly closeDeadlineMs?: number;
}

const CLOSE_DEADLINE_MS = 2000;

/**
 * Opens the logs. Two logs to one file share it. A log that is off costs nothing.
 *
 * @throws {Error} naming log and path of a file that cannot be opened.
 */
export const createLogs = (locations: LogLocations, options: LogsOptions): MonitorLogs =>
  new OpenLogs(locations, options);

class OpenLogs implements MonitorLogs {
  readonly #options: LogsOptions;
  readonly #now: () => number;
  #sinks: ReadonlyMap<LogName, Sink>;
  readonly #closing = new Set<Promise<void>>();

  constructor(locations: LogLocations, options: LogsOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#sinks = this.#open(locations);
  }

  for(component: string): Log {
    const to = (name: LogName, level: Level) => (message: string) =>
      this.#levelled(name, level, component, message);
    return {
      error: to('error', 'ERROR'),
      warning: to('warning', 'WARNING'),
      info: to('info', 'INFO'),
      debug: to('debug', 'DEBUG'),
    };
  }

  get eventEnabled(): boolean {
    return this.#sinks.has('event');
  }

  get accessEnabled(): boolean {
    return this.#sinks.has('access');
  }

  event(line: string): void {
    this.#sinks.get('event')?.write(line);
  }

  access(line: string): void {
    this.#sinks.get('access')?.write(line);
  }

  reopen(locations: LogLocations): void {
    const old = this.#sinks;
    this.#sinks = this.#open(locations);
    this.#retire(old);
  }

  async close(): Promise<void> {
    this.#retire(this.#sinks);
    await Promise.all(this.#closing);
  }

  #levelled(name: LogName, level: Level, component: string, message: string): void {
    this.#sinks.get(name)?.write(levelledLine(level, component, this.#now(), message));
  }

  #retire(sinks: ReadonlyMap<LogName, Sink>): void {
    for (const sink of new Set(sinks.values())) {
      const closed = sink
        .close(this.#options.closeDeadlineMs ?? CLOSE_DEADLINE_MS)
        .finally(() => this.#closing.delete(closed));
      this.#closing.add(closed);
    }
  }

  #open(locations: LogLocations): ReadonlyMap<LogName, Sink> {
    const sinks = new Map<LogName, Sink>();
    for (const target of openTargets(locations)) {
      const sink = this.#sinkOf(target);
      for (const name of target.logs) sinks.set(name, sink);
    }
    return sinks;
  }

  #sinkOf({ location, fd, closesFd, logs }: Target): Sink {
    const { onDropped, limitBytes, retryMs } = this.#options;
    const what = `${logs.join(' and ')} log (${location})`;
    return new Sink({
      fd,
      closesFd,
      ...(limitBytes === undefined ? {} : { limitBytes }),
      ...(retryMs === undefined ? {} : { retryMs }),
      onDropped: (lines) => onDropped(location, lines),
      onFailure: (error) =>
        this.#levelled(
          'error',
          'ERROR',
          'log',
          `cannot write to the ${what}: ${error.message}; its lines wait and are tried again, the newest are dropped once too many wait`,
        ),
      onDrained: (lost) =>
        this.#levelled(
          'warning',
          'WARNING',
          'log',
          `lost ${lost} lines of the ${what}: it took no more and too many waited`,
        ),
    });
  }
}
