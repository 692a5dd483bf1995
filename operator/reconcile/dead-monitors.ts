import type { KubeApi } from '../../common/kube/api.ts';
import { isConflict, isNotFound } from '../../common/kube/api-error.ts';
import type { Stored } from '../../common/kube/objects.ts';
import { messageOf } from '../../common/message-of.ts';
import { Notices } from '../../common/notices.ts';
import { PODS, type PodObject } from '../kube/kinds.ts';
import type { OperatorLog } from '../log.ts';
import { HTTP_PORT } from '../resources/monitor-files.ts';
import { FIELD_MANAGER } from '../resources/names.ts';
import type { Liveness } from './liveness.ts';

const PROBE_MS = 1500;
const LOOK_AGAIN_MS = 2000;

export interface DeadMonitorsOptions {
  readonly api: KubeApi;
  readonly liveness: Liveness;
  /** The pod of a member of a group that is looked after here; undefined: there is none. */
  readonly podOf: (member: string) => Stored<PodObject> | undefined;
  readonly log: OperatorLog;
  readonly onMarked: () => void;
  /** The steady clock, ms. */
  readonly nowMs: () => number;
  /** Milliseconds since 1970. */
  readonly wallMs: () => number;
}

/**
 * Takes dead monitors out of the routers' Service long before Kubernetes' own time-out for a node: a pod that has missed
 * three renewals of its Lease and does not answer the operator either is marked not ready. Its kubelet, when it is back,
 * sets that right by itself, whether there is an operator or not. The last monitor of a CDN is never taken away.
 *
 * Every operator does so, not only the leader: that may have been on the node that is gone, and routers cannot wait
 * until another one leads. When two do it, the second finds the pod changed.
 */
export class DeadMonitors {
  readonly #options: DeadMonitorsOptions;
  readonly #stop = new AbortController();
  readonly #notices = new Notices();
  /** Suspect → when it may be looked at again; not before, while it is being looked at. */
  readonly #nextMs = new Map<string, number>();
  readonly #looking = new Set<Promise<void>>();

  constructor(options: DeadMonitorsOptions) {
    this.#options = options;
  }

  /** Looks at those who may be dead, all at the same time: several may be on the node that has died. */
  look(): void {
    const { liveness, nowMs } = this.#options;
    for (const member of liveness.members) {
      if (!liveness.isSuspect(member, nowMs())) this.#nextMs.delete(member);
      else if (nowMs() >= (this.#nextMs.get(member) ?? 0)) this.#begin(member);
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.settled();
  }

  /** Resolves when nobody is being looked at. */
  async settled(): Promise<void> {
    await Promise.all(this.#looking);
  }

  #begin(member: string): void {
    this.#nextMs.set(member, Number.POSITIVE_INFINITY);
    const looking = this.#unreadyIfDead(member).finally(() => {
      this.#looking.delete(looking);
      this.#nextMs.set(member, this.#options.nowMs() + LOOK_AGAIN_MS);
    });
    this.#looking.add(looking);
  }

  async #unreadyIfDead(member: string): Promise<void> {
    const pod = this.#options.podOf(member);
    if (pod === undefined || !isReady(pod) || !this.#hasOtherLiveMonitor(member)) return;
    if (await answers(pod.status?.podIP, this.#stop.signal)) return;
    try {
      await this.#markUnready(pod);
    } catch (error) {
      // It has changed or gone since; the next look will see that.
      if (isConflict(error) || isNotFound(error) || this.#stop.signal.aborted) return;
      const message = messageOf(error);
      if (!this.#notices.due(member, message, this.#options.nowMs())) return;
      this.#logOf(pod).warning(
        `does not answer and could not be marked not ready: ${message}; tried again, Kubernetes will see it later`,
      );
    }
  }

  /** With nobody live it is likelier that the operator is cut off than that all monitors are. */
  #hasOtherLiveMonitor(member: string): boolean {
    const { liveness, nowMs } = this.#options;
    return [...liveness.members].some((other) => other !== member && liveness.isLive(other, nowMs()));
  }

  async #markUnready(pod: Stored<PodObject>): Promise<void> {
    const { api, wallMs, onMarked } = this.#options;
    const { name, namespace = '', resourceVersion } = pod.metadata;
    const now = new Date(wallMs()).toISOString().replace(/\.\d{3}Z$/, 'Z');
    const conditions = (pod.status?.conditions ?? []).map((condition) =>
      condition.type === 'Ready'
        ? {
            ...condition,
            status: 'False',
            reason: 'MonitorDead',
            message: 'its Lease is stale and it does not answer',
            lastTransitionTime: now,
          }
        : condition,
    );
    await api.mergePatch(
      PODS,
      { name, namespace },
      { metadata: { resourceVersion }, status: { conditions } },
      { subresource: 'status', fieldManager: FIELD_MANAGER, signal: this.#stop.signal },
    );
    onMarked();
    this.#logOf(pod).warning(
      'its Lease is stale and it does not answer: marked not ready, so that routers ask others; see its node',
    );
  }

  #logOf({ metadata }: Stored<PodObject>): ReturnType<OperatorLog['about']> {
    return this.#options.log.about('Pod', `${metadata.namespace ?? ''}/${metadata.name}`);
  }
}

function isReady({ status }: PodObject): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
}

async function answers(address: string | undefined, signal: AbortSignal): Promise<boolean> {
  if (address === undefined) return false;
  const host = address.includes(':') ? `[${address}]` : address;
  try {
    // Unlike undici's own `request`, this gives up in time while a connection is still being made.
    const response = await fetch(`http://${host}:${HTTP_PORT}/readyz`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(PROBE_MS)]),
    });
    await response.body?.cancel();
    return response.ok;
  } catch {
    // Whatever the reason, a router would not get an answer either.
    return false;
  }
}
