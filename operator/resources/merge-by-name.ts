/** JSON as manifests are made of. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Lists of a pod spec whose entries are told apart by this key; other lists are replaced as a whole. */
const mergeKeys: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  volumes: 'name',
  imagePullSecrets: 'name',
  env: 'name',
  volumeMounts: 'mountPath',
  ports: 'containerPort',
  topologySpreadConstraints: 'topologyKey',
  hostAliases: 'ip',
};

/**
 * `overrides` laid over `base` as a strategic merge does: objects key by key, the lists of `mergeKeys` entry by entry
 * (unknown entries are appended), anything else replaced; null removes.
 */
export function mergeByName(base: Json, overrides: Json): Json {
  if (!isObject(base) || !isObject(overrides)) return overrides;
  const merged: Record<string, Json> = { ...base };
  for (const [key, value] of Object.entries(overrides)) {
    if (value === null) delete merged[key];
    else merged[key] = mergeMember(key, merged[key] ?? null, value);
  }
  return merged;
}

function mergeMember(key: string, base: Json, value: Json): Json {
  const mergeKey = mergeKeys[key];
  if (mergeKey === undefined || !isList(base) || !isList(value)) return mergeByName(base, value);
  const merged = [...base];
  for (const entry of value) {
    const place = merged.findIndex(
      (known) => isObject(known) && isObject(entry) && known[mergeKey] === entry[mergeKey],
    );
    if (place < 0) merged.push(entry);
    else merged[place] = mergeByName(merged[place] ?? null, entry);
  }
  return merged;
}

const isObject = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
