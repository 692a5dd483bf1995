import { createHash } from 'node:crypto';
import type { KubeApi, Named } from '../../common/kube/api.ts';
import { isInvalid, isNotFound } from '../../common/kube/api-error.ts';
import { type KubeObject, keyOf, type Stored } from '../../common/kube/objects.ts';
import { CONFIG_MAPS, type ResourceKind } from '../../common/kube/resource.ts';
import type { Store } from '../../common/kube/store.ts';
import { kindOf } from '../kube/kinds.ts';
import { isApplied } from '../resources/applied.ts';
import { FIELD_MANAGER } from '../resources/names.ts';
import { changedImmutableFields, recreateOrphaning } from './stateful-set-recreation.ts';

/** Of what was applied, so that a field that is no longer asked for is seen to be gone. */
export const HASH_ANNOTATION = 'trafficcontrol.cdn/applied-hash';

export interface ApplierOptions {
  readonly api: KubeApi;
  readonly storeOf: (kind: string) => Store<KubeObject>;
  /** Told of each write. */
  readonly onApplied: (kind: string) => void;
}

interface Applied {
  readonly hash: string;
  /** As it was known before; undefined: it was not. */
  readonly before: string | undefined;
  readonly after: string;
}

/**
 * Makes objects as their manifests say, by server-side apply, and writes nothing where all is as it should be: the
 * live object bears the hash of the manifest and still has every field of it. Where the API server spells a value in
 * its own way, the version that applying gave is remembered, so that this does not look like a change for ever.
 */
export class Applier {
  readonly #options: ApplierOptions;
  readonly #applied = new Map<string, Applied>();
  /** Of manifests that come again as they are. */
  readonly #hashes = new WeakMap<KubeObject, string>();

  constructor(options: ApplierOptions) {
    this.#options = options;
  }

  /**
   * @returns whether anything was written
   * @throws {Error} if an object of that name belongs to somebody else
   */
  async apply(manifest: KubeObject, signal: AbortSignal): Promise<boolean> {
    const kind = kindOf(manifest);
    const hash = this.#hashes.get(manifest) ?? hashOf(manifest);
    this.#hashes.set(manifest, hash);
    const desired = withHash(manifest, hash);
    const id = idOf(desired);
    const live = this.#options.storeOf(kind.kind).get(keyOf(desired));
    const known = this.#applied.get(id);
    if (known?.hash === hash && isSeenAs(known, live)) return false;
    if (live !== undefined) {
      refuseForeign(id, live, desired);
      if (isApplied(desired, live)) return false;
    } else if (known === undefined) await this.#refuseUnseen(kind, desired, signal);
    const { resourceVersion: after } = (await this.#write(kind, desired, live, signal)).metadata;
    this.#applied.set(id, { hash, before: live?.metadata.resourceVersion, after });
    this.#options.onApplied(kind.kind);
    return true;
  }

  /** An object is gone: what was known of it says nothing of the next one of its name. */
  forget(object: Stored<KubeObject>, kind: string): void {
    this.#applied.delete(`${kind} ${keyOf(object)}`);
  }

  /** Removes an object of ours, unless it has been replaced by another in the meantime. */
  async remove(
    kind: ResourceKind<KubeObject>,
    object: Stored<KubeObject>,
    signal: AbortSignal,
  ): Promise<void> {
    const { name, namespace = '', uid } = object.metadata;
    await this.#options.api.delete(kind, { name, namespace }, { preconditions: { uid }, signal });
    this.#options.onApplied(kind.kind);
  }

  /** Only what bears our label is watched: there may be one that nobody has seen. */
  async #refuseUnseen(
    kind: ResourceKind<KubeObject>,
    desired: Named<KubeObject>,
    signal: AbortSignal,
  ): Promise<void> {
    const { name, namespace = '' } = desired.metadata;
    try {
      const found = await this.#options.api.get(kind, { name, namespace }, { signal });
      refuseForeign(idOf(desired), found, desired);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  async #write(
    kind: ResourceKind<KubeObject>,
    desired: Named<KubeObject>,
    live: Stored<KubeObject> | undefined,
    signal: AbortSignal,
  ): Promise<Stored<KubeObject>> {
    const { api } = this.#options;
    const options = { fieldManager: FIELD_MANAGER, force: true, signal };
    try {
      return await api.apply(kind, this.#guarded(kind, desired, live), options);
    } catch (error) {
      const isStuck =
        kind.kind === 'StatefulSet' &&
        live !== undefined &&
        isInvalid(error) &&
        changedImmutableFields(live, desired);
      if (!isStuck) throw error;
      await recreateOrphaning(api, kind, live, desired, signal);
      return api.apply(kind, desired, options);
    }
  }

  /** An assignment replaces only the one that it was planned upon: there may be another leader, who knows more. */
  #guarded(
    kind: ResourceKind<KubeObject>,
    desired: Named<KubeObject>,
    live: Stored<KubeObject> | undefined,
  ): Named<KubeObject> {
    if (kind.kind !== CONFIG_MAPS.kind) return desired;
    const known = this.#applied.get(idOf(desired));
    const seen = live?.metadata.resourceVersion;
    const resourceVersion = known !== undefined && known.before === seen ? known.after : seen;
    if (resourceVersion === undefined) return desired;
    return { ...desired, metadata: { ...desired.metadata, resourceVersion } };
  }
}

const hashOf = (manifest: KubeObject): string =>
  createHash('sha256').update(JSON.stringify(manifest)).digest('hex').slice(0, 16);

function withHash(manifest: KubeObject, hash: string): Named<KubeObject> {
  const { metadata = {} } = manifest;
  const { name } = metadata;
  if (name === undefined) throw new Error(`a ${manifest.kind} without a name`);
  const annotations = { ...metadata.annotations, [HASH_ANNOTATION]: hash };
  return { ...manifest, metadata: { ...metadata, name, annotations } };
}

const idOf = (object: Named<KubeObject>): string => `${object.kind} ${keyOf(object)}`;

/** Whether the object is as applying left it, or has not been seen since. */
const isSeenAs = ({ before, after }: Applied, live: Stored<KubeObject> | undefined): boolean =>
  live?.metadata.resourceVersion === after || live?.metadata.resourceVersion === before;

/** What somebody else made is left alone, whatever it is called. */
function refuseForeign(id: string, live: Stored<KubeObject>, desired: KubeObject): void {
  const controller = live.metadata.ownerReferences?.find((owner) => owner.controller === true);
  const ours = desired.metadata?.ownerReferences ?? [];
  if (controller !== undefined) {
    if (ours.some(({ uid }) => uid === controller.uid)) return;
    throw new Error(`${id} belongs to ${controller.kind} ${controller.name}; rename one of them`);
  }
  if (live.metadata.labels?.['app.kubernetes.io/managed-by'] === FIELD_MANAGER) return;
  throw new Error(`${id} exists and was not made by this operator; rename or delete it`);
}
