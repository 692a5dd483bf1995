import type { CacheName } from '../../common/ids.ts';
import { CacheConnection } from './cache-connection.ts';
import type { FetchOutcome } from './exchange.ts';
import type { TurnObserver } from './poll-tally.ts';
import { type PollTarget, type Probe, targetKey } from './poll-targets.ts';
import { Schedule } from './schedule.ts';

/** One poll that ended, its answer not yet parsed. */
export interface PollResult {
  readonly target: PollTarget;
  readonly probe: Probe;
  /** ms since the epoch. */
  readonly endMs: number;
  /** ms. */
  readonly durationMs: number;
  readonly outcome: FetchOutcome;
}

export interface PollerOptions {
  readonly userAgent: string;
  /** Keeps the turns of two monitors apart. */
  readonly seed: string;
  readonly onResult: (result: PollResult) => void;
  /** Is told of every turn; for metrics. */
  readonly turns?: TurnObserver;
}

/** How all caches are polled; a change restarts every loop (reference 3.2). */
export interface PollManner {
  /** ms. */
  readonly intervalMs: number;
  readonly keepAlive: boolean;
  readonly accept: string;
  readonly maxBodyBytes: number;
}

interface PolledTarget {
  readonly target: PollTarget;
  readonly key: string;
  readonly lines: readonly Line[];
  turn: number;
  running: boolean;
}

/** A probe and its connection; a noop probe has none. */
interface Line {
  readonly probe: Probe;
  readonly connection: CacheConnection | null;
}

const noopAnswer: FetchOutcome = { kind: 'answer', body: Buffer.alloc(0), contentType: '' };

/** Polls every target once an interval, each over its own kept connection; the families of a cache take turns. */
export class CachePoller {
  readonly #options: PollerOptions;
  readonly #polled = new Map<string, PolledTarget>();
  #manner: PollManner | null = null;
  #schedule: Schedule | null = null;

  constructor(options: PollerOptions) {
    this.#options = options;
  }

  /** Polls these targets from now on. Loops of targets that did not change go on undisturbed. */
  apply(targets: readonly PollTarget[], manner: PollManner): void {
    const schedule = this.#scheduleFor(manner);
    const wanted = new Map(targets.map((target) => [target.cache as string, target]));
    for (const [name, { key }] of this.#polled) {
      const target = wanted.get(name);
      if (target === undefined || targetKey(target) !== key) this.#drop(name, schedule);
    }
    for (const [name, target] of wanted) {
      if (!this.#polled.has(name)) this.#take(name, target, manner, schedule);
    }
  }

  stop(): void {
    this.#schedule?.stop();
    this.#schedule = null;
    this.#manner = null;
    for (const polled of this.#polled.values()) hangUp(polled);
    this.#polled.clear();
  }

  /** Caches that are polled. */
  get names(): Iterable<CacheName> {
    return [...this.#polled.values()].map(({ target }) => target.cache);
  }

  #scheduleFor(manner: PollManner): Schedule {
    if (this.#schedule !== null && this.#manner !== null && sameManner(this.#manner, manner))
      return this.#schedule;
    this.stop();
    const { seed, turns } = this.#options;
    const schedule = new Schedule({
      intervalMs: manner.intervalMs,
      seed,
      onTurn: (name, lateMs) => this.#poll(name, lateMs),
      onLost: (count) => turns?.missed(count),
    });
    schedule.start();
    this.#manner = manner;
    this.#schedule = schedule;
    return schedule;
  }

  #take(name: string, target: PollTarget, manner: PollManner, schedule: Schedule): void {
    const lines = target.probes.map((probe) => this.#connect(target, probe, manner));
    this.#polled.set(name, { target, key: targetKey(target), lines, turn: 0, running: false });
    schedule.add(name);
  }

  #connect(target: PollTarget, probe: Probe, manner: PollManner): Line {
    if (probe.kind === 'noop') return { probe, connection: null };
    const connection = new CacheConnection({
      url: probe.url,
      fqdn: target.fqdn,
      accept: manner.accept,
      userAgent: this.#options.userAgent,
      timeoutMs: target.timeoutMs,
      maxBodyBytes: manner.maxBodyBytes,
      keepAlive: manner.keepAlive,
      idleMs: Math.max(60_000, manner.intervalMs * target.probes.length * 2),
    });
    return { probe, connection };
  }

  #drop(name: string, schedule: Schedule): void {
    const polled = this.#polled.get(name);
    if (polled === undefined) return;
    hangUp(polled);
    schedule.remove(name);
    this.#polled.delete(name);
  }

  /** A cache that is still busy with its last poll misses a turn: reference 3.2. */
  #poll(name: string, lateMs: number): void {
    const polled = this.#polled.get(name);
    const line = polled?.lines[polled.turn % polled.lines.length];
    if (polled === undefined || line === undefined) return;
    const { turns } = this.#options;
    if (polled.running) {
      turns?.missed(1);
      return;
    }
    turns?.taken(lateMs);
    polled.turn++;
    polled.running = true;
    const startMs = performance.now();
    const done = (outcome: FetchOutcome): void => {
      polled.running = false;
      const durationMs = performance.now() - startMs;
      const { target } = polled;
      this.#options.onResult({ target, probe: line.probe, endMs: Date.now(), durationMs, outcome });
    };
    if (line.connection === null) done(noopAnswer);
    else line.connection.fetch(done);
  }
}

function hangUp(polled: PolledTarget): void {
  for (const { connection } of polled.lines) connection?.close();
}

const sameManner = (a: PollManner, b: PollManner): boolean =>
  a.intervalMs === b.intervalMs &&
  a.keepAlive === b.keepAlive &&
  a.accept === b.accept &&
  a.maxBodyBytes === b.maxBodyBytes;
