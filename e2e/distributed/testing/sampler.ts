import type { CacheName } from '../../../common/ids.ts';
import type { PublishedState } from '../../../monitor/testing/monitor-child.ts';
import { sleep } from '../../../monitor/testing/waiting.ts';
import type { Truth } from './truth.ts';

const EVERY_MS = 100;

/** Whom a sampler asks. */
export interface SampledMonitor {
  readonly name: string;
  /** Its CrStates; null: it is not to be asked now, as a Service would send nobody to it. */
  read(): Promise<{ readonly status: number; readonly text: string } | null>;
}

export interface SamplerOptions {
  readonly monitors: readonly SampledMonitor[];
  readonly truth: Truth;
  readonly caches: readonly CacheName[];
  /** A cache that has worked for this long has to be told as available. */
  readonly recoveredAfterMs: number;
  /** When nobody could see a cache because its monitors were gone; null, or absent: somebody always could. */
  readonly unseen?: (cache: CacheName) => Unseen | null;
}

/** A time in which nobody could see that a cache fails or works again: what was known last stands. Steady ms. */
export interface Unseen {
  readonly fromMs: number;
  /** Infinity: it goes on. */
  readonly untilMs: number;
}

/** Reads CrStates of all monitors again and again as routers do, and holds each answer against the truth. */
export class Sampler {
  /** Verdicts on single caches that were looked at. */
  verdicts = 0;
  answers = 0;
  /** Answers other than 200. */
  readonly refusals = new Map<string, number>();
  /** Caches that work and were told as unavailable, each once a monitor and occasion. */
  readonly wrongs: string[] = [];
  /** Longest time that a broken cache was told as available, in ms. */
  longestMs = 0;
  longestWhere = '';
  /** Longest time that this program itself was held up, in ms: by so much its clock may be wrong. */
  heldUpMs = 0;
  readonly #options: SamplerOptions;
  /** Which monitor is wrong about which cache now. */
  readonly #wrong = new Set<string>();
  #startMs = 0;
  #isStopped = false;
  #loops: Promise<void>[] = [];

  constructor(options: SamplerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#startMs = performance.now();
    for (const monitor of this.#options.monitors) this.add(monitor);
  }

  /** Asks one more, from now on. */
  add(monitor: SampledMonitor): void {
    this.#loops.push(this.#loop(monitor));
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#loops);
  }

  async #loop(monitor: SampledMonitor): Promise<void> {
    while (!this.#isStopped) {
      const startMs = performance.now();
      await this.#sample(monitor);
      const tookMs = performance.now() - startMs;
      const pauseMs = Math.max(0, EVERY_MS - tookMs);
      const beforeMs = performance.now();
      await sleep(pauseMs);
      this.heldUpMs = Math.max(this.heldUpMs, performance.now() - beforeMs - pauseMs);
    }
  }

  async #sample(monitor: SampledMonitor): Promise<void> {
    const askedMs = performance.now();
    let caches: Readonly<Record<string, PublishedState>>;
    try {
      const answer = await monitor.read();
      if (answer === null) return;
      const { status, text } = answer;
      if (status !== 200) {
        this.#refused(monitor, `status ${status}`);
        return;
      }
      caches = (JSON.parse(text) as { caches: Record<string, PublishedState> }).caches;
    } catch {
      this.#refused(monitor, 'no answer');
      return;
    }
    this.answers++;
    for (const cache of this.#options.caches) this.#judge(monitor, cache, caches[cache], askedMs);
  }

  #judge(monitor: SampledMonitor, cache: CacheName, told: PublishedState | undefined, nowMs: number): void {
    this.verdicts++;
    const { truth, recoveredAfterMs } = this.#options;
    const isAvailable = told?.isAvailable ?? false;
    const unseen = this.#options.unseen?.(cache) ?? null;
    const seenForMs = (forMs: number | null): number | null =>
      forMs === null || unseen === null ? forMs : visibleForMs(forMs, unseen, recoveredAfterMs, nowMs);
    const brokenMs = seenForMs(truth.brokenForMs(cache, nowMs));
    if (brokenMs !== null && isAvailable && brokenMs > this.longestMs) {
      this.longestMs = brokenMs;
      this.longestWhere = `${monitor.name} on ${cache}`;
    }
    const workingMs = seenForMs(truth.workingForMs(cache, nowMs));
    const occasion = `${monitor.name} on ${cache}`;
    if (isAvailable || workingMs === null || workingMs <= recoveredAfterMs) {
      this.#wrong.delete(occasion);
    } else if (!this.#wrong.has(occasion)) {
      this.#wrong.add(occasion);
      const afterSeconds = ((nowMs - this.#startMs) / 1000).toFixed(1);
      this.wrongs.push(`after ${afterSeconds} s ${occasion} (${told?.status ?? 'missing'})`);
    }
  }

  #refused({ name }: SampledMonitor, how: string): void {
    const what = `${name}: ${how}`;
    this.refusals.set(what, (this.refusals.get(what) ?? 0) + 1);
  }
}

/**
 * For how long somebody could have seen what has been so for `forMs`. What was to be seen before the gap is no news, and
 * has no excuse.
 *
 * @param noticeMs how long it may take to see something
 */
export function visibleForMs(
  forMs: number,
  { fromMs, untilMs }: Unseen,
  noticeMs: number,
  nowMs: number,
): number {
  const wasSeen = nowMs - forMs < fromMs - noticeMs;
  return wasSeen ? forMs : Math.min(forMs, nowMs - untilMs);
}
