import type { MonitorName } from '../common/ids.ts';
import type { AvailabilityEvent } from './health/events.ts';
import { PEERS, type PeerChange, PeerStates, type PolledPeer } from './peers/peer-states.ts';
import { Quorum } from './peers/quorum.ts';
import type { PeerManner } from './poll/peer-loop.ts';
import { PeerPoller } from './poll/peer-poller.ts';
import type { PeerTarget } from './poll/peer-targets.ts';
import { polledPeer } from './polled-peer.ts';

/** So many peers are named in a log line. */
const NAMED = 10;

export interface PeeringOptions {
  readonly userAgent: string;
  /** Keeps the turns of two monitors apart. */
  readonly seed: string;
  readonly onEvent: (event: AvailabilityEvent) => void;
  /** What peers say has changed; to be combined. */
  readonly onChange: (change: PeerChange, timeMs: number) => void;
  /** Every result, after `onChange`. */
  readonly onResult: (polled: PolledPeer<MonitorName>) => void;
  /** A fault of this program in taking in a result. */
  readonly onFault: (error: unknown) => void;
}

/** Whom to peer with, and how. */
export interface PeeringConfig {
  readonly targets: readonly PeerTarget[];
  readonly manner: PeerManner;
  /** Fewest peers that must be available for CrStates to be told; 0 or negative: no such rule. */
  readonly quorumMin: number;
}

/** poll → peers: the peers of this monitor, from polling them to whether enough of them answer. */
export class Peering {
  readonly states: PeerStates<MonitorName>;
  readonly #quorum = new Quorum();
  readonly #poller: PeerPoller;
  readonly #onChange: PeeringOptions['onChange'];

  constructor({ userAgent, seed, onEvent, onChange, onResult, onFault }: PeeringOptions) {
    this.states = new PeerStates(PEERS, onEvent);
    this.#onChange = onChange;
    this.#poller = new PeerPoller({
      userAgent,
      seed,
      onResult: (result) => {
        try {
          const polled = polledPeer(result.target.peer, result.target.url, result);
          this.#take(polled);
          onResult(polled);
        } catch (error) {
          // One peer's answer must not end the polls of the others.
          onFault(error);
        }
      },
    });
  }

  /** All caches are to be combined anew after it. */
  apply({ targets, manner, quorumMin }: PeeringConfig, nowMs: number): void {
    const names = targets.map(({ peer }) => peer);
    this.states.apply(names, 2 * (manner.intervalMs + manner.timeoutMs));
    this.#quorum.apply({ minimum: quorumMin, settleMs: 2 * manner.intervalMs });
    this.#observe(nowMs);
    this.#poller.apply(targets, manner);
  }

  /** Why the combined states must not be told; null: they may. Reference 7.4. */
  quorumProblem(nowMs: number): string | null {
    const change = this.states.expire(nowMs);
    this.#onChange(change, nowMs);
    this.#observe(nowMs);
    return this.#quorum.problem(nowMs);
  }

  /**
   * For the gate: before each peer has been asked once, a cache that only peers can see would be told down. null: each
   * has been.
   */
  unasked(): string | null {
    const names = this.states.sorted.filter(({ lastMs }) => lastMs === null).map(({ name }) => name);
    return names.length === 0 ? null : `some peers not asked yet: ${names.slice(0, NAMED).join(', ')}`;
  }

  stop(): void {
    this.#poller.stop();
  }

  #take(polled: PolledPeer<MonitorName>): void {
    this.#onChange(this.states.record(polled), polled.endMs);
    this.#observe(polled.endMs);
  }

  #observe(nowMs: number): void {
    this.#quorum.observe(this.states.available.length, this.states.sorted.length, nowMs);
  }
}
