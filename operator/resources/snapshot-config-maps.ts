import type { V1ConfigMap, V1OwnerReference } from '@kubernetes/client-node';
import type { CdnName } from '../../common/ids.ts';
import type { Wire } from '../kube/wire.ts';
import { cdnLabels, snapshotConfigMapName } from './names.ts';

/** Pieces of a compressed snapshot that a CDN may have: about 7 MB, some 100 MB of JSON. */
export const SNAPSHOT_PIECES = 8;

/** Bytes of a piece: in base64 they stay well below the limit of an object, 1 MiB. */
const PIECE_BYTES = 720_000;

export interface CompressedSnapshot {
  readonly cdn: CdnName;
  readonly namespace: string;
  readonly owners: readonly Wire<V1OwnerReference>[];
  /** gzip of Traffic Ops' own documents. */
  readonly monitoring: Uint8Array;
  readonly crConfig: Uint8Array;
}

/**
 * The last snapshot as ConfigMaps that pods mount as one folder: `tmconfig.json.gz.0`, `crconfig.json.gz.0`, `.1` and so
 * on, to be joined in that order. A folder that holds pieces of two snapshots fails the check of gzip.
 *
 * @returns null if it does not fit; the pods then start without a copy while Traffic Ops is away.
 */
export function snapshotConfigMaps(snapshot: CompressedSnapshot): Wire<V1ConfigMap>[] | null {
  const pieces: Record<string, string>[] = [];
  let room = 0;
  for (const [name, bytes] of [
    ['tmconfig.json.gz', snapshot.monitoring],
    ['crconfig.json.gz', snapshot.crConfig],
  ] as const) {
    for (let start = 0, number = 0; start < bytes.length; number++) {
      if (room === 0) {
        pieces.push({});
        room = PIECE_BYTES;
      }
      const part = bytes.subarray(start, start + room);
      const piece = pieces.at(-1);
      if (piece !== undefined) piece[`${name}.${number}`] = Buffer.from(part).toString('base64');
      start += part.length;
      room -= part.length;
    }
  }
  if (pieces.length > SNAPSHOT_PIECES) return null;
  return pieces.map((binaryData, piece) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: snapshotConfigMapName(snapshot.cdn, piece),
      namespace: snapshot.namespace,
      labels: cdnLabels(snapshot.cdn),
      ownerReferences: [...snapshot.owners],
    },
    binaryData,
  }));
}
