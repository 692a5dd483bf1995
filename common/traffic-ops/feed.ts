import { type CdnName, cdnName } from '../ids.ts';
import { messageOf } from './errors.ts';
import type { TrafficOpsFeedOptions } from './feed-options.ts';
import { FeedRun } from './feed-run.ts';
import { FeedState, type TrafficOpsStatus } from './feed-state.ts';
import type { SnapshotHistoryEntry } from './snapshot-history.ts';

export type { TrafficOpsFeedOptions } from './feed-options.ts';
export type { TrafficOpsStatus } from './feed-state.ts';
export type { SnapshotHistoryEntry } from './snapshot-history.ts';

/**
 * Keeps a monitor supplied with snapshots: from Traffic Ops while it answers, from the backup files when it does not
 * answer at the start; what is in force stays until something acceptable replaces it. Rules: reference 2.
 */
export class TrafficOpsFeed {
  readonly #state: FeedState;
  #options: TrafficOpsFeedOptions;
  #abort: AbortController | undefined;
  /** Ends with the last loop that was started: loops follow one another, they never overlap. */
  #ended: Promise<void> = Promise.resolve();

  constructor(options: TrafficOpsFeedOptions) {
    this.#options = options;
    this.#state = new FeedState(options.historyCount);
  }

  /** Begins to log in and poll; does nothing if it runs already. */
  start(): void {
    if (this.#abort === undefined) this.#launch();
  }

  /** Gives up what is under way; ends when nothing of it runs any more. What is in force stays readable. */
  async stop(): Promise<void> {
    this.#abort?.abort();
    this.#abort = undefined;
    await this.#ended;
  }

  /** Begins anew with other options, with a new login; the accepted snapshot and the history are kept. */
  reconfigure(options: TrafficOpsFeedOptions): void {
    if (options.configuredCdn !== this.#options.configuredCdn) this.#state.confirmedCdn = undefined;
    this.#options = options;
    this.#state.history.resize(options.historyCount);
    if (this.#abort === undefined) return;
    this.#abort.abort();
    this.#launch();
  }

  get status(): TrafficOpsStatus {
    return this.#state.status(configuredCdnOf(this.#options));
  }

  /** The last fetches of the CDN snapshot, oldest first. */
  history(): readonly SnapshotHistoryEntry[] {
    return this.#state.history.entries();
  }

  #launch(): void {
    const abort = new AbortController();
    const options = this.#options;
    this.#abort = abort;
    this.#ended = this.#ended.then(async () => {
      if (abort.signal.aborted) return;
      try {
        await new FeedRun(options, this.#state, abort.signal).run();
      } catch (error) {
        options.log.error(`the loop that asks Traffic Ops ended: ${messageOf(error)}`);
      }
    });
  }
}

function configuredCdnOf(options: TrafficOpsFeedOptions): CdnName | undefined {
  return options.configuredCdn === '' ? undefined : cdnName(options.configuredCdn);
}
