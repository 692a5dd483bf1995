/** A parsed JSON document. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

export function isObject(value: unknown): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** Applies `change` to every value of an object. */
export function mapValues(object: JsonObject, change: (value: Json, key: string) => Json): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value, key)]));
}

/** Merges as RFC 7396 says: null removes a key, objects merge, the rest replaces. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return structuredClone(patch);
  const merged: JsonObject = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}

/** The lists in a monitoring document and the key that names their members. */
const namedLists: Readonly<Record<string, string>> = {
  trafficServers: 'hostName',
  trafficMonitors: 'hostName',
  deliveryServices: 'xmlId',
  profiles: 'name',
  cacheGroups: 'name',
};

/** Like `mergePatch`, but named lists are patched by member: `{"trafficServers": {"edge-1": null, "edge-9": {…}}}`. */
export function patchMonitoring(document: Json, patch: JsonObject): JsonObject {
  const patched: JsonObject = isObject(document) ? { ...document } : {};
  for (const [key, value] of Object.entries(patch)) {
    const nameKey = namedLists[key];
    const list = patched[key] ?? [];
    if (nameKey !== undefined && isObject(value) && Array.isArray(list)) {
      patched[key] = patchMembers(list, nameKey, value);
    } else if (value === null) delete patched[key];
    else patched[key] = mergePatch(patched[key], value);
  }
  return patched;
}

function patchMembers(list: readonly Json[], nameKey: string, patches: JsonObject): Json[] {
  const members = [...list];
  for (const [name, patch] of Object.entries(patches)) {
    const index = members.findIndex((member) => isObject(member) && member[nameKey] === name);
    if (patch === null) {
      if (index >= 0) members.splice(index, 1);
    } else if (index >= 0) members[index] = mergePatch(members[index], patch);
    else members.push(mergePatch({ [nameKey]: name }, patch));
  }
  return members;
}

/** Looks up an RFC 6901 JSON pointer; undefined when absent. */
export function lookUp(document: Json, pointer: string): Json | undefined {
  let value: Json | undefined = document;
  for (const part of pointer.split('/').slice(1)) {
    if (value === null || typeof value !== 'object') return undefined;
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    value = Array.isArray(value) ? value[Number(key)] : value[key];
  }
  return value;
}

/** Whether two documents say the same; key order does not count. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((member, i) => isEqual(member, b[i]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key], b[key]))
  );
}

/** The parsed document, or undefined when the text is not JSON. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
