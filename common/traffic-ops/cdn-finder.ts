import type { CdnName } from '../ids.ts';
import type { TrafficOpsClient } from './client.ts';
import { messageOf } from './errors.ts';
import type { FeedReport } from './feed-report.ts';
import type { FeedState } from './feed-state.ts';

const ASK_AGAIN_MS = 60_000;

export interface CdnFinderOptions {
  readonly client: TrafficOpsClient;
  readonly state: FeedState;
  readonly report: FeedReport;
  readonly configuredCdn: CdnName | undefined;
  readonly monitorName: string;
  readonly now: () => number;
}

/**
 * Learns from Traffic Ops which CDN is ours (reference 2.2). Asks until there is an answer: with each poll while no CDN
 * is known, else once a minute (reference D12).
 */
export class CdnFinder {
  readonly #options: CdnFinderOptions;
  #answered = false;
  #askAt = Number.NEGATIVE_INFINITY;

  constructor(options: CdnFinderOptions) {
    this.#options = options;
  }

  /** The CDN to ask for. @throws Error if none is known */
  async find(signal: AbortSignal): Promise<CdnName> {
    const { state, configuredCdn, monitorName, now } = this.#options;
    const known = state.cdn(configuredCdn);
    const due = known === undefined || now() >= this.#askAt;
    if (monitorName === '' || this.#answered || !due) {
      if (known !== undefined) return known;
      throw new Error('no CDN is configured, and there is no host name to ask Traffic Ops for');
    }
    this.#askAt = now() + ASK_AGAIN_MS;
    try {
      return await this.#ask(signal);
    } catch (error) {
      if (signal.aborted || known === undefined) throw error;
      this.#options.report.warnOnce(
        'cdn',
        messageOf(error),
        `going on with CDN ${known}, asking again in a minute`,
      );
      return known;
    }
  }

  async #ask(signal: AbortSignal): Promise<CdnName> {
    const { client, state, report, configuredCdn, monitorName } = this.#options;
    const { cdn, matches } = await client.findOwnCdn(monitorName, signal);
    this.#answered = true;
    state.confirmedCdn = cdn;
    if (matches > 1) {
      report.warnOnce(
        'cdn',
        `Traffic Ops has ${matches} servers named ${monitorName}`,
        `using the first: CDN ${cdn}`,
      );
    }
    if (configuredCdn !== undefined && configuredCdn !== cdn) {
      const other = `configured is CDN ${configuredCdn}, but in Traffic Ops ${monitorName} is in CDN ${cdn}`;
      report.warnOnce('cdn', other, `using CDN ${cdn}`);
    }
    return cdn;
  }
}
