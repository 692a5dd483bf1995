import { ApiError, UnreadableError } from './api-error.ts';
import type { KubeList, KubeObject, Stored } from './objects.ts';
import type { ResourceKind } from './resource.ts';

/** How requests and answers look on the wire: queries and JSON, nothing else. */

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** A path with those parameters that are given. */
export function withQuery(path: string, query: Query): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, String(value));
  return given.size === 0 ? path : `${path}?${given}`;
}

export interface Selection {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export function listQuery(options: Selection & { limit?: number; continueToken?: string }): Query {
  const { labelSelector, fieldSelector, limit, continueToken } = options;
  return { labelSelector, fieldSelector, limit, continue: continueToken };
}

export function applyQuery(options: { fieldManager?: string; force?: boolean; isDryRun?: boolean }): Query {
  const { fieldManager, force, isDryRun } = options;
  return { fieldManager, force, dryRun: isDryRun === true ? 'All' : undefined };
}

/** @throws UnreadableError if it is not one object: there is something else than an API server */
export function decodeStored<T extends KubeObject>(resource: ResourceKind<T>, text: string): Stored<T> {
  return storedOf(resource, jsonObject(resource.kind, text));
}

/** @throws UnreadableError if it is not a list */
export function decodeList<T extends KubeObject>(resource: ResourceKind<T>, text: string): KubeList<T> {
  const list = jsonObject(`${resource.kind}List`, text);
  const meta = isObject(list['metadata']) ? list['metadata'] : {};
  const { resourceVersion, continue: token } = meta;
  if (!Array.isArray(list['items']) && list['items'] !== null)
    throw strange(`${resource.kind}List`, 'it has no items');
  if (typeof resourceVersion !== 'string')
    throw strange(`${resource.kind}List`, 'it has no resource version');
  return {
    resourceVersion,
    continueToken: typeof token === 'string' && token !== '' ? token : null,
    items: (list['items'] ?? []).map((item: unknown) => storedOf(resource, item)),
  };
}

/**
 * An object as it came, without `managedFields`: they are half of its size and nobody here reads them. Items of a list
 * do not say what they are, so they get the kind and version that were asked for.
 */
export function storedOf<T extends KubeObject>(resource: ResourceKind<T>, value: unknown): Stored<T> {
  if (!isObject(value) || !isObject(value['metadata'])) throw strange(resource.kind, 'it has no metadata');
  const { managedFields: _, ...metadata } = value['metadata'];
  return { apiVersion: resource.apiVersion, kind: resource.kind, ...value, metadata } as unknown as Stored<T>;
}

/** What the server says when it refuses. @param retryAfter the header; undefined: there is none */
export function toApiError(
  request: string,
  code: number,
  retryAfter: string | undefined,
  text: string,
): ApiError {
  const seconds = retryAfter === undefined ? Number.NaN : Number(retryAfter);
  // 0 would be a request without a pause, again and again.
  const retryAfterMs = seconds >= 0 ? Math.max(1, seconds) * 1000 : null;
  return new ApiError(
    request,
    { ...statusOf(text), code },
    code === 429 ? (retryAfterMs ?? 1000) : retryAfterMs,
  );
}

function statusOf(text: string): { reason: string; message: string } {
  try {
    const status: unknown = JSON.parse(text);
    if (isObject(status)) {
      const { reason, message } = status;
      return {
        reason: typeof reason === 'string' ? reason : '',
        message: typeof message === 'string' ? message : '',
      };
    }
  } catch {
    // Proxies and a server that is starting answer in plain text.
  }
  return { reason: '', message: text.slice(0, 200).trim() };
}

function jsonObject(what: string, text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw strange(what, 'it is not JSON', error);
  }
  if (!isObject(value)) throw strange(what, 'it is no JSON object');
  return value;
}

const strange = (what: string, why: string, cause?: unknown): UnreadableError =>
  new UnreadableError(`answer with a ${what}: ${why}: is this an API server?`, { cause });

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
