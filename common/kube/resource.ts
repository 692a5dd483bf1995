import type { ConfigMap, KubeObject, Lease } from './objects.ts';

/** One kind of object and where the API server keeps it. */
export interface ResourceKind<T extends KubeObject> {
  /** `v1`, or group and version: `apps/v1`. */
  readonly apiVersion: string;
  readonly kind: string;
  /** As in paths, e.g. `configmaps`. */
  readonly plural: string;
  readonly scope: 'namespaced' | 'cluster';
  /** Never there: carries the type of the objects. */
  readonly object?: T;
}

/** Which object. */
export interface ObjectName {
  /** Of what has no namespace: left out. */
  readonly namespace?: string;
  readonly name: string;
}

export const CONFIG_MAPS: ResourceKind<ConfigMap> = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  scope: 'namespaced',
};

export const LEASES: ResourceKind<Lease> = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  plural: 'leases',
  scope: 'namespaced',
};

/** Path of all objects of a kind; without a namespace those of the whole cluster. */
export function collectionPath(resource: ResourceKind<KubeObject>, namespace: string | undefined): string {
  const root = resource.apiVersion.includes('/') ? 'apis' : 'api';
  const place =
    resource.scope === 'namespaced' && namespace !== undefined
      ? `/namespaces/${encodeURIComponent(namespace)}`
      : '';
  return `/${root}/${resource.apiVersion}${place}/${resource.plural}`;
}

/**
 * Path of one object, or of a part of it (`status`, `scale`).
 *
 * @throws Error if the kind lives in namespaces and none is given: the path would mean something else
 */
export function objectPath(resource: ResourceKind<KubeObject>, at: ObjectName, subresource?: string): string {
  if (resource.scope === 'namespaced' && at.namespace === undefined) {
    throw new Error(`${resource.kind} ${at.name}: no namespace given`);
  }
  const object = `${collectionPath(resource, at.namespace)}/${encodeURIComponent(at.name)}`;
  return subresource === undefined ? object : `${object}/${subresource}`;
}
