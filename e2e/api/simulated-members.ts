import { decodeAssignment } from '../../common/assignment/decode-document.ts';
import { microTime } from '../../common/kube/objects.ts';
import type { KubeObject, Rest } from './rest.ts';

export interface SimulatedMembersOptions {
  /** How often Leases are renewed, and how old what they say of revisions may be. */
  readonly renewEveryMs: number;
  /**
   * Where to look up what a monitor has applied: in the documents as monitors do, or in the status of its group,
   * which comes after them and is small enough to be read for hundreds of groups.
   */
  readonly revisionsFrom: 'documents' | 'statuses';
}

/**
 * Stands in for the monitors of a namespace where no pods run: renews every Lease that the operator has made, says
 * that its group's assignment is applied and polled, and dies and comes back on demand.
 */
export class SimulatedMembers {
  readonly #rest: Rest;
  readonly #namespace: string;
  readonly #options: SimulatedMembersOptions;
  readonly #dead = new Set<string>();
  /** Members that have applied the assignment, but not polled what is new in it. */
  readonly #slow = new Set<string>();
  /** The Leases that there are, and the revision that each group is told. */
  #known: { readonly leases: readonly KubeObject[]; readonly revisions: ReadonlyMap<string, number> } = {
    leases: [],
    revisions: new Map(),
  };
  #timer: NodeJS.Timeout | null = null;
  #renewing: Promise<void> = Promise.resolve();

  constructor(rest: Rest, namespace: string, options: Partial<SimulatedMembersOptions> = {}) {
    this.#rest = rest;
    this.#namespace = namespace;
    this.#options = { renewEveryMs: 1000, revisionsFrom: 'documents', ...options };
  }

  start(): void {
    const { renewEveryMs } = this.#options;
    // Never all at once: monitors do not keep step either.
    const turns = Math.max(1, Math.round(renewEveryMs / 1000));
    let turn = 0;
    this.#timer = setInterval(() => {
      turn = (turn + 1) % turns;
      this.#renewing = this.#renewing.then(() => this.#renewEvery(turns, turn));
    }, renewEveryMs / turns);
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#renewing;
  }

  /** All whose names begin so cease to renew their Leases. */
  die(prefix: string): void {
    this.#dead.add(prefix);
  }

  revive(prefix: string): void {
    this.#dead.delete(prefix);
  }

  /** All whose names begin so do not get to poll what is new. */
  slowDown(prefix: string): void {
    this.#slow.add(prefix);
  }

  speedUp(prefix: string): void {
    this.#slow.delete(prefix);
  }

  async #renewEvery(turns: number, turn: number): Promise<void> {
    const base = `/apis/coordination.k8s.io/v1/namespaces/${this.#namespace}/leases`;
    try {
      if (turn === 0) {
        const leases = await this.#rest.list(`${base}?labelSelector=trafficcontrol.cdn%2Fgroup`);
        this.#known = { leases, revisions: await this.#revisions() };
      }
      const all = this.#known.leases
        .filter((_, index) => index % turns === turn)
        .map((lease) => this.#renew(base, lease, this.#known.revisions));
      await Promise.allSettled(all);
    } catch {
      // The API server is away, or a Lease is gone: a monitor goes on as well, and renews again when it can.
    }
  }

  /** Revision by the name of the ConfigMap that tells it. */
  async #revisions(): Promise<Map<string, number>> {
    if (this.#options.revisionsFrom === 'statuses') {
      const groups = await this.#rest.list(
        `/apis/trafficcontrol.cdn/v1alpha1/namespaces/${this.#namespace}/trafficmonitorgroups`,
      );
      return new Map(
        groups.map(({ metadata, status }) => [
          `tm-${metadata.name}`,
          (status as { revision?: number } | undefined)?.revision ?? 0,
        ]),
      );
    }
    const maps = await this.#rest.list(
      `/api/v1/namespaces/${this.#namespace}/configmaps?labelSelector=trafficcontrol.cdn%2Fgroup`,
    );
    return new Map(maps.map((map) => [map.metadata.name, revisionIn(map)]));
  }

  async #renew(
    base: string,
    { metadata }: KubeObject,
    revisions: ReadonlyMap<string, number>,
  ): Promise<void> {
    const { name } = metadata;
    if ([...this.#dead].some((prefix) => name.startsWith(prefix))) return;
    const revision = revisions.get(name.replace(/-\d+$/, '')) ?? 0;
    const isSlow = [...this.#slow].some((prefix) => name.startsWith(prefix));
    await this.#rest.mergePatch(`${base}/${name}`, {
      metadata: {
        annotations: {
          'trafficcontrol.cdn/applied-revision': String(revision),
          'trafficcontrol.cdn/ready': 'true',
          ...(isSlow ? {} : { 'trafficcontrol.cdn/polled-revision': String(revision) }),
        },
      },
      spec: { holderIdentity: name, leaseDurationSeconds: 10, renewTime: microTime(Date.now()) },
    });
  }
}

function revisionIn(map: KubeObject): number {
  const text = (map['data'] as Readonly<Record<string, string>> | undefined)?.['assignment.json'];
  return text === undefined ? 0 : decodeAssignment(text).revision;
}
