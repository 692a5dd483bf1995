import fs from 'node:fs';
import path from 'node:path';

type Schema = Readonly<Record<string, unknown>>;

interface Definition extends Schema {
  readonly 'x-kubernetes-group-version-kind'?: readonly {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
  }[];
}

/** What an API server says of its kinds at `/openapi/v2`, those of CustomResourceDefinitions too. */
export interface OpenApi {
  readonly definitions: Readonly<Record<string, Definition>>;
}

/** Where kubeconform finds what `writeJsonSchemas` wrote. */
export const schemaLocation = (folder: string): string =>
  path.join(folder, '{{.Group}}_{{.ResourceAPIVersion}}_{{.ResourceKind}}.json');

/** Writes one JSON schema for each of these kinds, strict: a field that the kind does not have is an error. */
export function writeJsonSchemas(folder: string, { definitions }: OpenApi, kinds: ReadonlySet<string>): void {
  for (const [name, definition] of Object.entries(definitions)) {
    for (const { group, version, kind } of definition['x-kubernetes-group-version-kind'] ?? []) {
      const apiVersion = group === '' ? version : `${group}/${version}`;
      if (!kinds.has(`${apiVersion} ${kind}`)) continue;
      // As kubeconform fills in its pattern: the group of `v1` is `v1`.
      const file = `${group === '' ? version : group}_${version}_${kind.toLowerCase()}.json`;
      const schema = { $ref: `#/definitions/${name}`, definitions: closureOf(name, definitions) };
      fs.writeFileSync(path.join(folder, file), JSON.stringify(schema));
    }
  }
}

/** A definition and all that it refers to. */
function closureOf(start: string, definitions: OpenApi['definitions']): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  const open = [start];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found[name] !== undefined) continue;
    const schema = strict(definitions[name] ?? {});
    found[name] = /\.(IntOrString|Quantity)$/.test(name) ? { type: ['string', 'number'] } : schema;
    open.push(...referencesIn(schema));
  }
  return found;
}

function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (!isRecord(schema)) return schema;
  // Only Go knows the formats.
  const { format: _, properties, ...others } = schema;
  const plain: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(others)) plain[key] = strict(value);
  if (!isRecord(properties)) return plain;
  plain['properties'] = Object.fromEntries(
    Object.entries(properties).map(([name, field]) => [name, strict(field)]),
  );
  const isOpen =
    schema['x-kubernetes-preserve-unknown-fields'] === true || schema['additionalProperties'] !== undefined;
  return isOpen ? plain : { ...plain, additionalProperties: false };
}

const isRecord = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function referencesIn(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(referencesIn);
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) =>
    key === '$ref' && typeof value === 'string' ? [value.replace('#/definitions/', '')] : referencesIn(value),
  );
}
