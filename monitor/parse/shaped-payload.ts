import type { FlatReading } from './flat-shape.ts';
import { type JsonObject, readJsonObject } from './json-value.ts';
import type { Payload } from './sample.ts';
import type { StatTable } from './stat-table.ts';

/** A payload whose statistics were read without the JSON parser. */
export interface ShapedPayload {
  readonly table: StatTable;
  /** The other members of the document. */
  readonly rest: JsonObject;
}

/**
 * Reads a payload by the shape that the cache's last one had; null: it has to be read as a whole. What is read is what
 * the JSON parser would have read.
 *
 * @param member of the document, which holds the statistics and comes first
 */
export function readShaped({ cache, body, shapes }: Payload, member: string): ShapedPayload | null {
  const reading = shapes?.read(cache, body) ?? null;
  if (reading === null) return null;
  const rest = restOf(body, reading);
  // Of two members of the same name the last one counts.
  return rest === null || Object.hasOwn(rest, member) ? null : { table: reading.table, rest };
}

/** `, "name": …` up to the end of the document, or its end alone. */
const NEXT_MEMBER = /^[ \t\r\n]*(?:,[ \t\r\n]*(?=")|(?=\}))/;

function restOf(body: Buffer, { end }: FlatReading): JsonObject | null {
  const text = body.toString('utf8', end);
  if (!NEXT_MEMBER.test(text)) return null;
  try {
    return readJsonObject(text.replace(NEXT_MEMBER, '{'));
  } catch {
    // Why it cannot be read is told by who reads it as a whole.
    return null;
  }
}
