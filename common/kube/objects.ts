/** What every object of the API server carries, as it stands in the JSON: times are texts. */
export interface ObjectMeta {
  readonly name?: string;
  readonly namespace?: string;
  readonly uid?: string;
  /** Changes with every write. Opaque: only to be compared for equality and sent back. */
  readonly resourceVersion?: string;
  /** Rises when the spec changes. */
  readonly generation?: number;
  readonly creationTimestamp?: string;
  /** Set while the object waits for its finalizers. */
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
}

/** An object as the API server has it. */
export type Stored<T extends KubeObject> = T & { readonly metadata: StoredMeta };

interface StoredMeta extends ObjectMeta {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** One page of a list, or all of it. */
export interface KubeList<T extends KubeObject> {
  readonly resourceVersion: string;
  /** Asks for the next page; null: this was the last. */
  readonly continueToken: string | null;
  readonly items: readonly Stored<T>[];
}

export type WatchEvent<T extends KubeObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: Stored<T> }
  /** Nothing has changed up to this resource version. */
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

/** What the API server says besides the HTTP status when it refuses something. */
export interface Status {
  readonly reason: string;
  readonly message: string;
  readonly code: number;
}

export interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
  /** Base64. */
  readonly binaryData?: Readonly<Record<string, string>>;
}

export interface Lease extends KubeObject {
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    /** RFC 3339 with exactly six decimals, as `microTime` writes it. */
    readonly acquireTime?: string;
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
}

/** `namespace/name`, or `name` of what has no namespace: how objects are told apart and named in messages. */
export function keyOf(object: KubeObject): string {
  const { namespace, name = '' } = object.metadata ?? {};
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** The API server's time with microseconds, which Leases need. @param timeMs since 1970 */
export function microTime(timeMs: number): string {
  return new Date(timeMs).toISOString().replace('Z', '000Z');
}
