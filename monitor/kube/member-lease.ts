import { type Clock, monotonicClock, systemClock } from '../../common/clock.ts';
import type { CallOptions, KubeApi } from '../../common/kube/api.ts';
import { AbandonedError, isNotFound } from '../../common/kube/api-error.ts';
import { LEASES } from '../../common/kube/resource.ts';
import type { Log } from '../../common/log.ts';
import { messageOf } from '../../common/message-of.ts';
import { Notices } from '../../common/notices.ts';
import { leaseSpec, type MemberReport, reportMeta } from './member-report.ts';

export interface MemberLeaseOptions {
  readonly api: KubeApi;
  readonly namespace: string;
  /** Of the Lease: the pod's. */
  readonly name: string;
  /** Of this process: name and start time. */
  readonly holder: string;
  /** What to say; null: there is nothing to say yet, so no Lease is written. */
  readonly report: () => MemberReport | null;
  readonly log: Log;
  readonly clock?: Clock;
  /** Milliseconds since 1970. */
  readonly wallNow?: () => number;
}

const RENEW_EVERY_MS = 2000;
/** At least two tries within the ten seconds after which the monitor counts as dead. */
const DEADLINE_MS = 4000;
const LAST_DEADLINE_MS = 1000;

/** Renews the monitor's own Lease. Whatever happens there, polling goes on; what is wrong is told when it changes. */
export class MemberLease {
  readonly #options: MemberLeaseOptions;
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  /** The same trouble is told once, until renewals work again. */
  readonly #notices = new Notices(Number.POSITIVE_INFINITY);
  #wake = new AbortController();
  #running: Promise<void> | null = null;

  constructor(options: MemberLeaseOptions) {
    this.#options = options;
    this.#clock = options.clock ?? monotonicClock;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Something important is to be told: not in two seconds, but now. */
  renewNow(): void {
    this.#wake.abort();
  }

  /** After a last renewal, with what is true now; a process that ends waits for that a second at most. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake.abort();
    await this.#running;
    if (this.#running !== null) await this.#renew({ deadlineMs: LAST_DEADLINE_MS });
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const startMs = this.#clock.now();
      // Before it is renewed: what comes while it is under way is for the next one.
      this.#wake = new AbortController();
      await this.#renew({ deadlineMs: DEADLINE_MS, signal: this.#stop.signal });
      if (this.#stop.signal.aborted) return;
      const leftMs = RENEW_EVERY_MS - (this.#clock.now() - startMs);
      if (leftMs > 0) await this.#clock.sleep(leftMs, this.#wake.signal);
    }
  }

  async #renew(call: CallOptions): Promise<void> {
    const { log, namespace, name } = this.#options;
    const lease = `Lease ${namespace}/${name}`;
    try {
      await this.#write(call);
      if (this.#notices.works(lease)) log.info(`${lease}: renewed again`);
    } catch (error) {
      if (error instanceof AbandonedError) return;
      const trouble = messageOf(error);
      if (!this.#notices.due(lease, trouble, this.#clock.now())) return;
      log.warning(
        `${lease}: not renewed: ${trouble}; polling and serving go on, but the operator may take this monitor for dead; tried again every ${RENEW_EVERY_MS / 1000} s`,
      );
    }
  }

  async #write(call: CallOptions): Promise<void> {
    const { api, namespace, name, holder, report, wallNow = systemClock.now } = this.#options;
    const said = report();
    if (said === null) return;
    const spec = leaseSpec(holder, wallNow());
    const metadata = reportMeta(said);
    try {
      await api.mergePatch(LEASES, { namespace, name }, { metadata, spec }, call);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      await api.create(LEASES, { metadata: { ...metadata, namespace, name }, spec }, call);
    }
  }
}
