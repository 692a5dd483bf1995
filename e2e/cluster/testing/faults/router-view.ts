import type { CacheName } from '../../../../common/ids.ts';
import type { PublishedState } from '../../../../monitor/testing/monitor-child.ts';
import type { Truth } from '../../../distributed/testing/truth.ts';
import type { Asking } from '../../proving-cluster.ts';
import { HoldUps } from './hold-ups.ts';

const EVERY_MS = 100;
/** As Traffic Router waits. */
const PATIENCE_MS = 2000;

/** What a router saw during one fault. */
export interface Sight {
  samples: number;
  /** When each question was asked that got no 200, after the beginning in ms, and what came instead. */
  readonly refusals: { readonly afterMs: number; readonly what: string }[];
  /** Longest time between two answers with 200, in ms. */
  longestGapMs: number;
  /** Times that a cache which works was told as unavailable. */
  wrongs: number;
  /** The first of them. */
  readonly wrongWhere: string[];
  /** Longest time that a broken cache was told as available, in ms. */
  slowestMs: number;
  slowestWhere: string;
  /** How long the test itself was held up, in ms. */
  heldUpMs: number;
}

export interface RouterViewOptions {
  /** Asks the Service. */
  readonly ask: Asking;
  readonly truth: Truth;
  /** Caches that a router has to be told of. */
  readonly caches: readonly CacheName[];
  /** A cache that has worked for so long has to be told as available, in ms. */
  readonly recoveredAfterMs: number;
  readonly pollTimeoutMs: number;
}

/**
 * Reads CrStates through the routers' Service ten times a second as a router does: on time even while earlier questions
 * are unanswered, and on our own cluster over a new connection each time.
 */
export class RouterView {
  readonly #options: RouterViewOptions;
  readonly #holdUps: HoldUps;
  readonly #open = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | null = null;
  #beganMs = 0;
  #lastGoodMs = 0;
  #sight: Sight = nothingSeen();

  constructor(options: RouterViewOptions) {
    this.#options = options;
    this.#holdUps = new HoldUps(options.pollTimeoutMs / 2);
  }

  start(): void {
    this.begin();
    this.#timer = setInterval(() => this.#sample(), EVERY_MS);
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#holdUps.stop();
    await Promise.all(this.#open);
  }

  /** From now on a new sight is gathered. */
  begin(): void {
    this.#beganMs = performance.now();
    this.#lastGoodMs = this.#beganMs;
    this.#holdUps.takeLongestMs();
    this.#sight = nothingSeen();
  }

  /** What was seen since `begin`. */
  sight(): Sight {
    this.#endGap(performance.now());
    this.#sight.heldUpMs = Math.max(this.#sight.heldUpMs, this.#holdUps.takeLongestMs());
    return this.#sight;
  }

  #sample(): void {
    const sampling = this.#ask(this.#sight, performance.now()).finally(() => this.#open.delete(sampling));
    this.#open.add(sampling);
  }

  async #ask(sight: Sight, askedMs: number): Promise<void> {
    const afterMs = askedMs - this.#beganMs;
    sight.samples++;
    try {
      const answer = await this.#options.ask('/publish/CrStates', PATIENCE_MS);
      if (answer.status !== 200) {
        sight.refusals.push({ afterMs, what: `${answer.status} ${answer.text.trim().slice(0, 200)}` });
        return;
      }
      const { caches } = JSON.parse(answer.text) as { caches: Readonly<Record<string, PublishedState>> };
      this.#endGap(performance.now());
      for (const cache of this.#options.caches) this.#judge(sight, cache, caches[cache], askedMs);
    } catch (error) {
      const { name, message } = error as Error;
      sight.refusals.push({ afterMs, what: `${name}: ${message}` });
    }
  }

  #endGap(nowMs: number): void {
    this.#sight.longestGapMs = Math.max(this.#sight.longestGapMs, nowMs - this.#lastGoodMs);
    this.#lastGoodMs = nowMs;
  }

  #judge(sight: Sight, cache: CacheName, told: PublishedState | undefined, askedMs: number): void {
    const { truth, recoveredAfterMs } = this.#options;
    const isAvailable = told?.isAvailable ?? false;
    const brokenMs = truth.brokenForMs(cache, askedMs);
    if (brokenMs !== null && isAvailable && brokenMs > sight.slowestMs) {
      sight.slowestMs = brokenMs;
      sight.slowestWhere = `${cache}, at ${this.#seconds(askedMs)} (${told?.status ?? 'missing'})`;
    }
    const workingMs = Math.min(truth.workingForMs(cache, askedMs) ?? 0, askedMs - this.#holdUps.endedMs);
    if (isAvailable || workingMs <= recoveredAfterMs) return;
    sight.wrongs++;
    if (sight.wrongWhere.length < 5)
      sight.wrongWhere.push(`${cache}, at ${this.#seconds(askedMs)} (${told?.status ?? 'missing'})`);
  }

  /** Since the beginning. */
  #seconds(askedMs: number): string {
    return `${((askedMs - this.#beganMs) / 1000).toFixed(1)} s`;
  }
}

function nothingSeen(): Sight {
  return {
    samples: 0,
    refusals: [],
    longestGapMs: 0,
    wrongs: 0,
    wrongWhere: [],
    slowestMs: 0,
    slowestWhere: '',
    heldUpMs: 0,
  };
}
