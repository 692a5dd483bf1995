import type { KubeApi } from '../../common/kube/api.ts';
import type { Lease, Stored } from '../../common/kube/objects.ts';
import { LEASES } from '../../common/kube/resource.ts';
import type { Log } from '../../common/log.ts';
import { leaseReport } from './lease-report.ts';
import type { Liveness } from './liveness.ts';

export interface LeaseProbeOptions {
  readonly api: KubeApi;
  readonly namespace: string;
  readonly labelSelector: string;
  readonly liveness: Liveness;
  readonly log: Log;
  /** Takes in a Lease as it is now. */
  readonly onLease: (lease: Stored<Lease>) => void;
  /** The watch has missed something. */
  readonly onMissed: () => void;
  /** Steady, in ms. */
  readonly nowMs: () => number;
}

/** Monitors renew every 2 s: silence of all of them for so long is looked into, that often. ms */
const SILENT_MS = 3000;
const EVERY_MS = 2000;

/**
 * When nobody's Lease is renewed any more, finds out whether all monitors are dead, or the watch is, or the API server:
 * by asking for the Leases themselves.
 */
export class LeaseProbe {
  readonly #options: LeaseProbeOptions;
  #nextMs = 0;

  constructor(options: LeaseProbeOptions) {
    this.#options = options;
  }

  /** To be called often. */
  async beat(): Promise<void> {
    const { liveness } = this.#options;
    const nowMs = this.#options.nowMs();
    if (nowMs < this.#nextMs || liveness.blindMs(nowMs) < SILENT_MS) return;
    if (![...liveness.members].some((member) => liveness.isLive(member, nowMs))) return;
    this.#nextMs = Number.POSITIVE_INFINITY;
    await this.#look();
    this.#nextMs = this.#options.nowMs() + EVERY_MS;
  }

  async #look(): Promise<void> {
    const { api, namespace, labelSelector, liveness, log, onLease, onMissed, nowMs } = this.#options;
    try {
      const { items } = await api.list(LEASES, { namespace, labelSelector, deadlineMs: EVERY_MS * 2 });
      const isRenewed = ({ metadata, spec }: Stored<Lease>): boolean => {
        const known = liveness.of(metadata.name)?.report.renewTime;
        return known !== undefined && leaseReport({ metadata, spec: spec ?? {} })?.renewTime !== known;
      };
      const missed = items.filter(isRenewed).length;
      liveness.sighted(nowMs());
      for (const lease of items) onLease(lease);
      if (missed === 0) return;
      log.warning(`the watch of Leases has missed ${missed} renewals: all watches are opened anew`);
      onMissed();
    } catch {
      // The API server is away, which its own watches tell. Until it is back nobody is taken for dead.
    }
  }
}
