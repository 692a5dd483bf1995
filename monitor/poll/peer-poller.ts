import type { FetchOutcome } from './exchange.ts';
import { PeerConnection } from './peer-connection.ts';
import type { PeerTarget } from './peer-targets.ts';
import { Schedule } from './schedule.ts';

/** One poll of a peer that ended, its answer not yet parsed. */
export interface PeerResult {
  readonly target: PeerTarget;
  /** ms since the epoch. */
  readonly endMs: number;
  /** ms. */
  readonly durationMs: number;
  readonly outcome: FetchOutcome;
}

export interface PeerPollerOptions {
  readonly userAgent: string;
  /** Keeps the turns of two monitors apart. */
  readonly seed: string;
  readonly onResult: (result: PeerResult) => void;
}

/** How all peers are polled; a change restarts every loop. */
export interface PeerManner {
  /** ms. */
  readonly intervalMs: number;
  /** Connect, headers and body together, in ms. */
  readonly timeoutMs: number;
  readonly keepAlive: boolean;
  readonly accept: string;
  readonly maxBodyBytes: number;
}

interface PolledPeer {
  readonly target: PeerTarget;
  readonly connection: PeerConnection;
  isRunning: boolean;
  /** Whether its last poll was good. */
  hasAnswered: boolean;
}

/**
 * Polls every peer once an interval: reference 7.1. A peer that has answered so far is asked once more before it
 * counts as failed: one lost poll must not take away the word that keeps a cache up.
 */
export class PeerPoller {
  readonly #options: PeerPollerOptions;
  readonly #polled = new Map<string, PolledPeer>();
  #manner: PeerManner | null = null;
  #schedule: Schedule | null = null;

  constructor(options: PeerPollerOptions) {
    this.#options = options;
  }

  /** Polls these peers from now on. Those that did not change go on undisturbed. */
  apply(targets: readonly PeerTarget[], manner: PeerManner): void {
    const schedule = this.#scheduleFor(manner);
    const wanted = new Map<string, PeerTarget>(targets.map((target) => [target.peer, target]));
    for (const [name, { target, connection }] of this.#polled) {
      if (wanted.get(name)?.url === target.url) continue;
      connection.close();
      schedule.remove(name);
      this.#polled.delete(name);
    }
    for (const [name, target] of wanted) {
      if (this.#polled.has(name)) continue;
      const connection = this.#connect(target, manner);
      this.#polled.set(name, { target, connection, isRunning: false, hasAnswered: false });
      schedule.add(name);
    }
  }

  stop(): void {
    this.#schedule?.stop();
    this.#schedule = null;
    this.#manner = null;
    for (const { connection } of this.#polled.values()) connection.close();
    this.#polled.clear();
  }

  #scheduleFor(manner: PeerManner): Schedule {
    if (this.#schedule !== null && JSON.stringify(this.#manner) === JSON.stringify(manner))
      return this.#schedule;
    this.stop();
    const { seed } = this.#options;
    const schedule = new Schedule({
      intervalMs: manner.intervalMs,
      seed,
      onTurn: (name) => this.#poll(name),
    });
    schedule.start();
    this.#manner = manner;
    this.#schedule = schedule;
    return schedule;
  }

  #connect({ url }: PeerTarget, manner: PeerManner): PeerConnection {
    const { accept, timeoutMs, maxBodyBytes, keepAlive, intervalMs } = manner;
    const { userAgent } = this.#options;
    const idleMs = Math.max(60_000, intervalMs * 2);
    return new PeerConnection({ url, accept, userAgent, timeoutMs, maxBodyBytes, keepAlive, idleMs });
  }

  /** A peer that is still busy with its last poll misses a turn. */
  #poll(name: string): void {
    const polled = this.#polled.get(name);
    if (polled === undefined || polled.isRunning) return;
    polled.isRunning = true;
    this.#ask(polled, polled.hasAnswered ? 2 : 1);
  }

  #ask(polled: PolledPeer, tries: number): void {
    const startMs = performance.now();
    polled.connection.fetch((outcome) => {
      if (outcome.kind === 'failure' && tries > 1) {
        this.#ask(polled, tries - 1);
        return;
      }
      polled.isRunning = false;
      polled.hasAnswered = outcome.kind === 'answer';
      const durationMs = performance.now() - startMs;
      this.#options.onResult({ target: polled.target, endMs: Date.now(), durationMs, outcome });
    });
  }
}
