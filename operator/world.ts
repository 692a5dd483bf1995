import type { KubeObject, Lease, Stored } from '../common/kube/objects.ts';
import { LEASES, type ResourceKind } from '../common/kube/resource.ts';
import type { Change, Store } from '../common/kube/store.ts';
import type { TrafficMonitorGroup } from './api/v1alpha1/trafficmonitorgroup.ts';
import type { Informers } from './kube/informers.ts';
import { APPLIED_KINDS, GROUPS, PODS, type PodObject } from './kube/kinds.ts';
import { FIELD_MANAGER } from './resources/names.ts';

export interface WorldHandlers {
  readonly onGroup: (change: Change<TrafficMonitorGroup>) => void;
  readonly onLease: (change: Change<Lease>) => void;
  readonly onPod: (change: Change<PodObject>) => void;
  /** Of anything else that the operator applies. */
  readonly onApplied: (kind: string, change: Change<KubeObject>) => void;
}

/** Selects what the operator has made. */
export const OURS = `app.kubernetes.io/managed-by=${FIELD_MANAGER}`;

/** By the uid of the group that an object belongs to. */
const OWNER = 'owner';
const indexers = {
  [OWNER]: ({ metadata }: Stored<KubeObject>) =>
    (metadata.ownerReferences ?? []).filter(({ controller }) => controller === true).map(({ uid }) => uid),
};

/** What the operator sees of its namespace: every group, and every object that bears its label. */
export class World {
  readonly groups: Store<TrafficMonitorGroup>;
  readonly pods: Store<PodObject>;
  readonly #applied: ReadonlyMap<string, Store<KubeObject>>;

  /** To be made before the informers start. */
  constructor(informers: Informers, namespace: string, handlers: WorldHandlers) {
    const everything = { namespace };
    const ours = { namespace, labelSelector: OURS };
    this.groups = informers.add(GROUPS, { selection: everything, onChange: handlers.onGroup });
    this.pods = informers.add(PODS, { selection: ours, onChange: handlers.onPod });
    this.#applied = new Map(
      APPLIED_KINDS.map((kind) => [
        kind.kind,
        kind.kind === LEASES.kind
          ? (informers.add(LEASES, {
              selection: ours,
              indexers,
              onChange: handlers.onLease,
            }) as Store<KubeObject>)
          : informers.add(kind as ResourceKind<KubeObject>, {
              selection: ours,
              indexers,
              onChange: (change) => handlers.onApplied(kind.kind, change),
            }),
      ]),
    );
  }

  /**
   * The objects of a kind that the operator applies.
   *
   * @throws {Error} for any other kind
   */
  storeOf(kind: string): Store<KubeObject> {
    const store = this.#applied.get(kind);
    if (store === undefined) throw new Error(`the operator does not watch ${kind}`);
    return store;
  }

  /** The objects of a kind that belong to one group, by its uid. */
  ownedBy(uid: string, kind: string): Stored<KubeObject>[] {
    return this.storeOf(kind).find(OWNER, uid);
  }
}
