/** Why a payload cannot be read. Readers throw it, `payloadFormat` makes the error outcome of it. */
export class Unreadable extends Error {}

const LONGEST_QUOTE = 200;

/** A piece of the payload for a reason: reasons are published and logged, so a hostile line must not fill them. */
export function quotable(piece: unknown): string {
  const text = typeof piece === 'string' ? piece : printed(piece);
  return text.length <= LONGEST_QUOTE ? text : `${text.slice(0, LONGEST_QUOTE)}…`;
}

/** Objects are named, not printed: there may be megabytes of them. */
function printed(piece: unknown): string {
  return typeof piece === 'object' && piece !== null ? typeName(piece) : String(piece);
}

/** What people call the type of a JSON value: `null` and `array` are not objects to them. */
export function typeName(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** Reads; a failure's reason gets the prefix, which is only built then. */
export function explaining<T>(prefix: () => string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Unreadable(prefix() + reasonOf(error));
  }
}

/** The text of whatever was thrown, never empty. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text === '' ? 'payload cannot be read' : text;
}
