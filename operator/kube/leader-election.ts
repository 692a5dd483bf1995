import { type Clock, monotonicClock, systemClock } from '../../common/clock.ts';
import type { CallOptions, KubeApi } from '../../common/kube/api.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../../common/kube/api-error.ts';
import type { Lease, OwnerReference, Stored } from '../../common/kube/objects.ts';
import { LEASES } from '../../common/kube/resource.ts';
import type { Log } from '../../common/log.ts';
import { messageOf } from '../../common/message-of.ts';
import { Notices } from '../../common/notices.ts';
import { claimed, mayTake, type Observed, observe, released } from './lease-record.ts';

export interface LeaderElectionOptions {
  /** Without a rate limit: a renewal may not wait behind other calls. */
  readonly api: KubeApi;
  readonly namespace: string;
  /** Of the Lease. */
  readonly name: string;
  /** Of this process: no two may ever have the same, not even one after the other. */
  readonly identity: string;
  readonly log: Log;
  /** With what the Lease goes; null: it stays when nobody needs it any more. Asked when the Lease is made. */
  readonly owner?: () => Promise<OwnerReference | null>;
  /** Called each time that this process becomes the leader. */
  readonly onElected: () => void;
  /** Called when it no longer is, but not by `stop`: whatever only a leader may do has to end at once. */
  readonly onLost: (reason: string) => void;
  readonly timing?: Partial<ElectionTiming>;
  readonly clock?: Clock;
  /** Milliseconds since 1970. */
  readonly wallNow?: () => number;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
}

export interface ElectionTiming {
  /** How long others wait after the last renewal before they take over. */
  readonly leaseMs: number;
  /** How long the leader goes on without a renewal; well below `leaseMs`, so that there are never two. */
  readonly renewMs: number;
  /** Between two tries. */
  readonly retryMs: number;
}

const TIMING: ElectionTiming = { leaseMs: 15_000, renewMs: 10_000, retryMs: 2000 };

/** Of several processes makes one the leader, by a Lease that it keeps renewing. */
export class LeaderElection {
  readonly #options: LeaderElectionOptions;
  readonly #timing: ElectionTiming;
  readonly #clock: Clock;
  readonly #wallNow: () => number;
  readonly #stop = new AbortController();
  readonly #notices = new Notices();
  #observed: Observed | null = null;
  /** When the last successful renewal began, so before anybody else could see it; null: not the leader. */
  #renewedMs: number | null = null;
  #running: Promise<void> | null = null;

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
    this.#timing = { ...TIMING, ...options.timing };
    this.#clock = options.clock ?? monotonicClock;
    this.#wallNow = options.wallNow ?? systemClock.now;
  }

  /** False as soon as the renewal is late, even while this process was stopped and could not notice. */
  get isLeader(): boolean {
    return this.#renewedMs !== null && this.#clock.now() - this.#renewedMs < this.#timing.renewMs;
  }

  /** Who holds the Lease as far as is known; empty: nobody. */
  get leader(): string {
    return this.#observed?.lease.spec?.holderIdentity ?? '';
  }

  start(): void {
    if (this.#running !== null) throw new Error('leader election: started twice');
    this.#running = this.#run();
  }

  /** Gives the Lease back, so that another process need not wait. What only a leader may do has to have ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    if (this.#renewedMs === null) return;
    this.#renewedMs = null;
    await this.#release();
  }

  async #run(): Promise<void> {
    const { random = Math.random } = this.#options;
    while (!this.#stop.signal.aborted) {
      await this.#round();
      if (this.#stop.signal.aborted) return;
      // Those who wait must not all come at once; the leader keeps time.
      const jitter = this.#renewedMs === null ? 1 + 0.2 * random() : 1;
      await this.#clock.sleep(this.#timing.retryMs * jitter, this.#stop.signal);
    }
  }

  async #round(): Promise<void> {
    const startMs = this.#clock.now();
    this.#loseIfLate();
    const { log, name, namespace, identity, onElected } = this.#options;
    const topic = `Lease ${namespace}/${name}`;
    try {
      const isHeld = await this.#claim(startMs);
      if (this.#notices.works(topic)) log.info(`${topic}: can be read and written again`);
      if (!isHeld) return this.#lose(`${this.leader} holds the Lease now`);
      const wasLeader = this.#renewedMs !== null;
      this.#renewedMs = startMs;
      if (wasLeader || this.#stop.signal.aborted) return;
      log.info(`${topic}: ${identity} is the leader`);
      onElected();
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      const message = isConflict(error) || isAlreadyExists(error) ? 'another was faster' : messageOf(error);
      if (this.#notices.due(topic, message, this.#clock.now()))
        log.warning(`${topic}: ${message}; ${this.#consequence()}`);
      this.#loseIfLate();
    }
  }

  #consequence(): string {
    if (this.#renewedMs === null) return 'not the leader, tried again';
    const leftMs = this.#timing.renewMs - (this.#clock.now() - this.#renewedMs);
    return `still the leader for ${Math.max(0, Math.round(leftMs))} ms, tried again until then`;
  }

  /** Whether we hold the Lease after this. @throws ApiError, UnreachableError if nobody knows */
  async #claim(startMs: number): Promise<boolean> {
    const { api, namespace, name, identity } = this.#options;
    const last = this.#observed?.lease;
    // Who holds it knows what it looks like, unless somebody else wrote to it.
    if (this.#renewedMs !== null && last !== undefined && (await this.#renew(last))) return true;
    let lease: Stored<Lease>;
    try {
      lease = await api.get(LEASES, { namespace, name }, this.#call());
    } catch (error) {
      if (!isNotFound(error)) throw error;
      const owner = (await this.#options.owner?.()) ?? null;
      const owned = owner === null ? {} : { ownerReferences: [owner] };
      const wanted = { metadata: { name, namespace, ...owned }, spec: this.#spec(null) };
      this.#observed = observe(null, await api.create(LEASES, wanted, this.#call()), startMs);
      return true;
    }
    this.#observed = observe(this.#observed, lease, this.#clock.now());
    if (!mayTake(this.#observed, identity, this.#clock.now())) return false;
    await this.#write(lease);
    return true;
  }

  /** Whether it is renewed; false: it is not as it was. */
  async #renew(last: Stored<Lease>): Promise<boolean> {
    try {
      await this.#write(last);
      return true;
    } catch (error) {
      if (isConflict(error) || isNotFound(error)) return false;
      throw error;
    }
  }

  async #write(lease: Stored<Lease>): Promise<void> {
    const spec = this.#spec(lease.spec ?? null);
    const written = await this.#options.api.replace(LEASES, { ...lease, spec }, this.#call());
    this.#observed = observe(this.#observed, written, this.#clock.now());
  }

  /** Two tries have to fit, whatever happens to one, and none may outlast the leadership. */
  #call(): CallOptions {
    const { renewMs } = this.#timing;
    const leftMs = this.#renewedMs === null ? renewMs : renewMs - (this.#clock.now() - this.#renewedMs);
    return { signal: this.#stop.signal, deadlineMs: Math.max(1, Math.min(renewMs / 2, leftMs)) };
  }

  #spec(before: Lease['spec'] | null): NonNullable<Lease['spec']> {
    const { identity } = this.#options;
    const durationSeconds = Math.ceil(this.#timing.leaseMs / 1000);
    return claimed(before, { identity, durationSeconds, timeMs: this.#wallNow() });
  }

  async #release(): Promise<void> {
    const { api, log, namespace, name } = this.#options;
    const lease = this.#observed?.lease;
    if (lease === undefined) return;
    try {
      const spec = released(lease.spec, this.#wallNow());
      await api.replace(LEASES, { ...lease, spec }, { deadlineMs: this.#timing.retryMs });
      log.info(`Lease ${namespace}/${name}: given back`);
    } catch (error) {
      log.warning(
        `Lease ${namespace}/${name}: not given back: ${messageOf(error)}; another process takes over after ${this.#timing.leaseMs} ms`,
      );
    }
  }

  #loseIfLate(): void {
    if (this.#renewedMs === null || this.isLeader) return;
    this.#lose(`the Lease could not be renewed for ${this.#timing.renewMs} ms`);
  }

  #lose(reason: string): void {
    if (this.#renewedMs === null) return;
    this.#renewedMs = null;
    const { log, name, namespace, onLost } = this.#options;
    log.error(`Lease ${namespace}/${name}: no longer the leader: ${reason}`);
    onLost(reason);
  }
}
