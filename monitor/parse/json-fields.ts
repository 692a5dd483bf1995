import { isJsonObject, type JsonObject } from './json-value.ts';
import { typeName, Unreadable } from './unreadable.ts';

const EMPTY: JsonObject = Object.freeze({});
const LARGEST_INT64 = 2 ** 63;

/**
 * A field of a document whose fields are known, matched as the Go monitor does: the exact name, else any case
 * (reference 4.1). Null and absent are both undefined. For fixed names only, never for names out of a payload.
 */
function field(object: JsonObject, name: string): unknown {
  return object[name] ?? fieldInAnyCase(object, name) ?? undefined;
}

function fieldInAnyCase(object: JsonObject, name: string): unknown {
  for (const key in object) {
    if (key.length === name.length && key !== name && key.toLowerCase() === name.toLowerCase()) {
      return object[key];
    }
  }
  return undefined;
}

/** A text; empty if absent. */
export function stringField(object: JsonObject, name: string): string {
  const value = field(object, name) ?? '';
  if (typeof value !== 'string') throw wrongType(name, 'a string', value);
  return value;
}

/** A whole number of 64 bits, never a text; 0 if absent. */
export function integerField(object: JsonObject, name: string): number {
  const value = field(object, name) ?? 0;
  if (typeof value !== 'number') throw wrongType(name, 'an integer', value);
  if (!Number.isInteger(value) || Math.abs(value) > LARGEST_INT64) {
    throw new Unreadable(`field '${name}' must be an integer of 64 bits, got ${value}`);
  }
  return value;
}

/** A boolean; false if absent. */
export function booleanField(object: JsonObject, name: string): boolean {
  const value = field(object, name) ?? false;
  if (typeof value !== 'boolean') throw wrongType(name, 'a boolean', value);
  return value;
}

/** An object; empty if absent or null (D1). */
export function objectField(object: JsonObject, name: string): JsonObject {
  const value = field(object, name) ?? EMPTY;
  if (!isJsonObject(value)) throw wrongType(name, 'an object', value);
  return value;
}

function wrongType(name: string, expected: string, value: unknown): Unreadable {
  return new Unreadable(`field '${name}' must be ${expected}, got ${typeName(value)}`);
}
