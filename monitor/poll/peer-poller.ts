import type { FetchOutcome } from './exchange.ts';
import type { PeerConnection } from './peer-connection.ts';
import { connectPeer, PeerLoop, type PeerManner } from './peer-loop.ts';
import type { PeerTarget } from './peer-targets.ts';

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

interface PolledPeer {
  readonly target: PeerTarget;
  readonly connection: PeerConnection;
  isRunning: boolean;
  /** Whether its last poll was good. */
  hasAnswered: boolean;
  close(): void;
}

/**
 * Polls every peer once an interval: reference 7.1. A peer that has answered so far is asked once more before it
 * counts as failed: one lost poll must not take away the word that keeps a cache up.
 */
export class PeerPoller {
  readonly #options: PeerPollerOptions;
  readonly #loop: PeerLoop<PolledPeer>;

  constructor(options: PeerPollerOptions) {
    this.#options = options;
    this.#loop = new PeerLoop({ seed: options.seed, onTurn: (polled) => this.#poll(polled) });
  }

  /** Polls these peers from now on. Those that did not change go on undisturbed. */
  apply(targets: readonly PeerTarget[], manner: PeerManner): void {
    this.#loop.apply(
      targets.map((target) => ({
        name: target.peer,
        key: target.url,
        begin: () => this.#begin(target, manner),
      })),
      manner,
    );
  }

  stop(): void {
    this.#loop.stop();
  }

  #begin(target: PeerTarget, manner: PeerManner): PolledPeer {
    const connection = connectPeer(target.url, this.#options.userAgent, manner, 2);
    return { target, connection, isRunning: false, hasAnswered: false, close: () => connection.close() };
  }

  /** A peer that is still busy with its last poll misses a turn. */
  #poll(polled: PolledPeer): void {
    if (polled.isRunning) return;
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
