import { firstValueExtent, hasMoreOpenings } from './json-extent.ts';
import { reasonOf, typeName, Unreadable } from './unreadable.ts';

/** A JSON object as `JSON.parse` makes it: every key is an own property, `__proto__` too. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Payloads are two or three levels deep; who nests deeper means harm. */
export const MAX_NESTING = 64;

/**
 * Reads the JSON object at the start of a text; whatever follows it is ignored (reference 4.1).
 * Unreadable: an empty text (`EOF`), bad JSON, anything but an object, nesting deeper than `MAX_NESTING`.
 */
export function readJsonObject(text: string): JsonObject {
  // A text cannot nest deeper than it has brackets, so honest payloads are never scanned.
  if (hasMoreOpenings(text, MAX_NESTING) && firstValueExtent(text, MAX_NESTING).kind === 'too deep') {
    throw new Unreadable(`invalid JSON: nested deeper than ${MAX_NESTING} levels`);
  }
  const value = parseFirstValue(text);
  if (!isJsonObject(value)) throw new Unreadable(`invalid JSON: expected an object, got ${typeName(value)}`);
  return value;
}

/** Whether a JSON value is an object: neither null nor an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseFirstValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (text.trim() === '') throw new Unreadable('EOF');
    const first = withoutRest(text);
    if (first === undefined) throw new Unreadable(`invalid JSON: ${reasonOf(error)}`);
    return explainedParse(first);
  }
}

/** The object that a text begins with, if there is one and something follows it. */
function withoutRest(text: string): string | undefined {
  const value = text.trimStart();
  if (!value.startsWith('{')) return undefined;
  const extent = firstValueExtent(value, MAX_NESTING);
  return extent.kind === 'ends' && extent.at < value.length ? value.slice(0, extent.at) : undefined;
}

function explainedParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Unreadable(`invalid JSON: ${reasonOf(error)}`);
  }
}
