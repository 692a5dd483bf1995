import type { CacheName } from '../../common/ids.ts';
import { CacheConnection } from './cache-connection.ts';
import type { FetchOutcome } from './exchange.ts';
import { HoldUps } from './hold-ups.ts';
import type { TurnObserver } from './poll-tally.ts';
import { type PollTarget, type Probe, sameTarget } from './poll-targets.ts';
import { Schedule } from './schedule.ts';

/** One poll that ended, its answer not yet parsed. */
export interface PollResult {
  readonly target: PollTarget;
  readonly probe: Probe;
  /** ms since the epoch. */
  readonly endMs: number;
  /** ms, without those in which this process itself was held up. */
  readonly durationMs: number;
  /** ms in which this process itself was held up meanwhile: the answer may have waited for so long. */
  readonly heldUpMs: number;
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
  target: PollTarget;
  /** By the number of the probe, each made with its first poll; null: there is none, as mostly where none is kept. */
  connections: (CacheConnection | undefined)[] | null;
  turn: number;
  running: boolean;
}

/** Where a cache is asked more rarely than this, keeping a connection costs more memory than making one costs time. */
const LONGEST_KEPT_MS = 60_000;

const noopAnswer: FetchOutcome = { kind: 'answer', body: Buffer.alloc(0), contentType: '' };

/** Polls every target once an interval, each over its own kept connection; the families of a cache take turns. */
export class CachePoller {
  readonly #options: PollerOptions;
  readonly #polled = new Map<string, PolledTarget>();
  readonly #holdUps = new HoldUps();
  #manner: PollManner | null = null;
  #schedule: Schedule | null = null;

  constructor(options: PollerOptions) {
    this.#options = options;
  }

  /** Polls these targets from now on. Loops of targets that did not change go on undisturbed. */
  apply(targets: readonly PollTarget[], manner: PollManner): void {
    const schedule = this.#scheduleFor(manner);
    const wanted = new Map(targets.map((target) => [target.cache as string, target]));
    for (const [name, polled] of this.#polled) {
      const target = wanted.get(name);
      if (target === undefined || !sameTarget(target, polled.target)) this.#drop(name, schedule);
      else polled.target = target;
    }
    for (const [name, target] of wanted) {
      if (!this.#polled.has(name)) this.#take(name, target, schedule);
    }
  }

  stop(): void {
    this.#schedule?.stop();
    this.#holdUps.stop();
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
    this.#holdUps.start();
    this.#manner = manner;
    this.#schedule = schedule;
    return schedule;
  }

  #take(name: string, target: PollTarget, schedule: Schedule): void {
    this.#polled.set(name, { target, connections: null, turn: 0, running: false });
    schedule.add(name);
  }

  #connect(target: PollTarget, url: string, manner: PollManner): CacheConnection {
    return new CacheConnection({
      url,
      fqdn: target.fqdn,
      accept: manner.accept,
      userAgent: this.#options.userAgent,
      timeoutMs: target.timeoutMs,
      maxBodyBytes: manner.maxBodyBytes,
      keepAlive: keepsConnections(target, manner),
      idleMs: Math.max(60_000, manner.intervalMs * target.probes.length * 2),
    });
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
    if (polled === undefined) return;
    const { turns } = this.#options;
    if (polled.running) {
      turns?.missed(1);
      return;
    }
    turns?.taken(lateMs);
    const { probes } = polled.target;
    this.#ask(polled, polled.turn++ % probes.length);
  }

  #ask(polled: PolledTarget, number: number): void {
    const probe = polled.target.probes[number];
    const manner = this.#manner;
    if (probe === undefined || manner === null) return;
    polled.running = true;
    const startMs = performance.now();
    const heldUpBeforeMs = this.#holdUps.totalMs;
    const done = (outcome: FetchOutcome): void => {
      polled.running = false;
      const heldUpMs = this.#holdUps.totalMs - heldUpBeforeMs;
      const durationMs = Math.max(0, performance.now() - startMs - heldUpMs);
      if (!keepsConnections(polled.target, manner)) hangUp(polled);
      const { target } = polled;
      this.#options.onResult({ target, probe, endMs: Date.now(), durationMs, heldUpMs, outcome });
    };
    if (probe.kind === 'noop') {
      done(noopAnswer);
      return;
    }
    polled.connections ??= [];
    const connection = polled.connections[number] ?? this.#connect(polled.target, probe.url, manner);
    polled.connections[number] = connection;
    connection.fetch(done);
  }
}

function hangUp(polled: PolledTarget): void {
  for (const connection of polled.connections ?? []) connection?.close();
  polled.connections = null;
}

/** Each address of a cache has every so many turns only. */
const keepsConnections = ({ probes }: PollTarget, { keepAlive, intervalMs }: PollManner): boolean =>
  keepAlive && intervalMs * probes.length <= LONGEST_KEPT_MS;

const sameManner = (a: PollManner, b: PollManner): boolean =>
  a.intervalMs === b.intervalMs &&
  a.keepAlive === b.keepAlive &&
  a.accept === b.accept &&
  a.maxBodyBytes === b.maxBodyBytes;
