import { createHash } from 'node:crypto';
import type { KubeApi, Named } from '../../common/kube/api.ts';
import { isInvalid } from '../../common/kube/api-error.ts';
import { type KubeObject, keyOf, type Stored } from '../../common/kube/objects.ts';
import type { ResourceKind } from '../../common/kube/resource.ts';
import type { Store } from '../../common/kube/store.ts';
import { kindOf } from '../kube/kinds.ts';
import { isApplied } from '../resources/applied.ts';
import { FIELD_MANAGER } from '../resources/names.ts';
import { TerminalError } from './controller.ts';
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
  readonly resourceVersion: string;
}

/**
 * Makes objects as their manifests say, by server-side apply, and writes nothing where all is as it should be: the
 * live object bears the hash of the manifest and still has every field of it. Where the API server spells a value in
 * its own way, the version that applying gave is remembered, so that this does not look like a change for ever.
 */
export class Applier {
  readonly #options: ApplierOptions;
  readonly #applied = new Map<string, Applied>();

  constructor(options: ApplierOptions) {
    this.#options = options;
  }

  /**
   * @returns whether anything was written
   * @throws {TerminalError} if an object of that name belongs to somebody else
   */
  async apply(manifest: KubeObject, signal: AbortSignal): Promise<boolean> {
    const kind = kindOf(manifest);
    const hash = createHash('sha256').update(JSON.stringify(manifest)).digest('hex').slice(0, 16);
    const desired = withHash(manifest, hash);
    const id = `${kind.kind} ${keyOf(desired)}`;
    const live = this.#options.storeOf(kind.kind).get(keyOf(desired));
    if (live !== undefined) {
      refuseForeign(id, live, desired);
      const known = this.#applied.get(id);
      if (known?.hash === hash && known.resourceVersion === live.metadata.resourceVersion) return false;
      if (isApplied(desired, live)) return false;
    }
    const { resourceVersion } = (await this.#write(kind, desired, live, signal)).metadata;
    this.#applied.set(id, { hash, resourceVersion });
    this.#options.onApplied(kind.kind);
    return true;
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

  async #write(
    kind: ResourceKind<KubeObject>,
    desired: Named<KubeObject>,
    live: Stored<KubeObject> | undefined,
    signal: AbortSignal,
  ): Promise<Stored<KubeObject>> {
    const { api } = this.#options;
    const options = { fieldManager: FIELD_MANAGER, force: true, signal };
    try {
      return await api.apply(kind, desired, options);
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
}

function withHash(manifest: KubeObject, hash: string): Named<KubeObject> {
  const { metadata = {} } = manifest;
  const { name } = metadata;
  if (name === undefined) throw new Error(`a ${manifest.kind} without a name`);
  const annotations = { ...metadata.annotations, [HASH_ANNOTATION]: hash };
  return { ...manifest, metadata: { ...metadata, name, annotations } };
}

/** What somebody else made is left alone, whatever it is called. */
function refuseForeign(id: string, live: Stored<KubeObject>, desired: KubeObject): void {
  const controller = live.metadata.ownerReferences?.find((owner) => owner.controller === true);
  const ours = desired.metadata?.ownerReferences ?? [];
  if (controller !== undefined) {
    if (ours.some(({ uid }) => uid === controller.uid)) return;
    throw new TerminalError(`${id} belongs to ${controller.kind} ${controller.name}; rename one of them`);
  }
  if (live.metadata.labels?.['app.kubernetes.io/managed-by'] === FIELD_MANAGER) return;
  throw new TerminalError(`${id} exists and was not made by this operator; rename or delete it`);
}
