import { isDeepStrictEqual } from 'node:util';
import type { CdnName } from '../../common/ids.ts';
import { isConflict } from '../../common/kube/api-error.ts';
import type { KubeObject } from '../../common/kube/objects.ts';
import { CONFIG_MAPS } from '../../common/kube/resource.ts';
import { messageOf } from '../../common/message-of.ts';
import { snapshotConfigMapName } from '../resources/names.ts';
import { sharedOwnerReference } from '../resources/owner.ts';
import { routerService } from '../resources/services.ts';
import {
  type CompressedSnapshot,
  SNAPSHOT_PIECES,
  snapshotConfigMaps,
} from '../resources/snapshot-config-maps.ts';
import { cdnKey, type OperatorContext } from './operator-context.ts';
import type { ResolvedGroup } from './resolve-group.ts';
import type { PackedSnapshot } from './snapshot-keeper.ts';

/** Owners of an object that all groups share: each group that comes or goes would otherwise rewrite it. */
const MAX_OWNERS = 3;

/** When it is tried again after a conflict: ms. */
const CONFLICT_MS = 200;

/** What could not be done; null: all is as it should be. */
export interface ObjectTrouble {
  /** For people. */
  readonly problem: string;
  /** Whether it may be otherwise next time, though nothing changes here. */
  readonly isPassing: boolean;
}

/** Keeps the objects of a CDN as a whole: the Service that routers use, and the copy of the snapshot. */
export async function keepCdnObjects(
  context: OperatorContext,
  cdn: CdnName,
  packed: PackedSnapshot | null,
  groups: readonly ResolvedGroup[],
  signal: AbortSignal,
): Promise<ObjectTrouble | null> {
  const { applier, settings } = context;
  const common = {
    cdn,
    namespace: settings.namespace,
    owners: sharedOwners(groups).map(sharedOwnerReference),
  };
  const manifests: KubeObject[] = [routerService({ ...common, parameters: settings.routerService })];
  const pieces = packed === null ? null : piecesOf(packed, common);
  manifests.push(...(pieces ?? []));
  const failures: string[] = [];
  for (const manifest of manifests) {
    try {
      await applier.apply(manifest, signal);
    } catch (error) {
      signal.throwIfAborted();
      // A conflict is no trouble, only news that are on their way.
      if (isConflict(error)) context.cdnQueue.addAfter(cdn, CONFLICT_MS);
      else failures.push(messageOf(error));
    }
  }
  if (failures.length > 0) return { problem: failures.join('; '), isPassing: true };
  if (packed === null) return null;
  if (pieces === null) {
    const problem = `the compressed snapshot of CDN ${cdn} does not fit into ${SNAPSHOT_PIECES} ConfigMaps: monitors cannot start while Traffic Ops is away`;
    return { problem, isPassing: false };
  }
  await removeSurplusPieces(context, cdn, pieces.length, signal);
  return null;
}

type Pieces = ReturnType<typeof snapshotConfigMaps>;

/** They are some MB, and asked for with each plan. */
const made = new WeakMap<PackedSnapshot, { readonly with: unknown; readonly pieces: Pieces }>();

function piecesOf(packed: PackedSnapshot, common: Omit<CompressedSnapshot, keyof PackedSnapshot>): Pieces {
  const known = made.get(packed);
  if (known !== undefined && isDeepStrictEqual(known.with, common)) return known.pieces;
  const pieces = snapshotConfigMaps({ ...common, ...packed });
  made.set(packed, { with: common, pieces });
  return pieces;
}

/** Pieces of a larger snapshot before: together with the new ones they would be none. */
async function removeSurplusPieces(
  { world, applier, settings, log }: OperatorContext,
  cdn: CdnName,
  used: number,
  signal: AbortSignal,
): Promise<void> {
  for (let piece = used; piece < SNAPSHOT_PIECES; piece++) {
    const key = `${settings.namespace}/${snapshotConfigMapName(cdn, piece)}`;
    const map = world.storeOf(CONFIG_MAPS.kind).get(key);
    if (map === undefined || map.metadata.deletionTimestamp !== undefined) continue;
    await applier.remove(CONFIG_MAPS, map, signal);
    log
      .about('CDN', cdnKey(settings.namespace, cdn))
      .info(`ConfigMap ${key} removed: the snapshot is smaller`);
  }
}

/** The longest standing groups; one that is deleted only while there is no other. */
function sharedOwners(groups: readonly ResolvedGroup[]): ResolvedGroup['plan'][] {
  const staying = groups.filter(({ state }) => state !== 'leaving');
  const order = ({ createdAt, plan }: ResolvedGroup): string => `${createdAt} ${plan.uid}`;
  return (staying.length > 0 ? staying : groups)
    .toSorted((a, b) => (order(a) < order(b) ? -1 : 1))
    .slice(0, MAX_OWNERS)
    .map(({ plan }) => plan);
}
