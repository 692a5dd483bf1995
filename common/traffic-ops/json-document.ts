/**
 * Finds one value of a JSON object in its bytes, without decoding the rest: the CDN snapshot is served byte for byte
 * as Traffic Ops sent it (reference D14), so the bytes of `response` must be cut out of its envelope untouched.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

/** The bytes are not one JSON object. */
export class JsonDocumentError extends Error {
  override readonly name = 'JsonDocumentError';
}

/**
 * The bytes of the value of `wanted` at the top level of a JSON object; of several the last, as in Go.
 * Keys compare case-insensitively (reference 2.1). Linear in time and without recursion. The returned bytes are a view
 * into `document`, and are not checked: parsing them is the caller's business.
 *
 * @returns undefined if there is no such key
 * @throws JsonDocumentError if the document is not an object, or ends early
 */
export function topLevelValue(document: Buffer, wanted: string): Buffer | undefined {
  const key = wanted.toLowerCase();
  let found: Buffer | undefined;
  let at = skipSpace(document, 0);
  if (document[at] !== OPEN_OBJECT) throw unexpected(document, at, 'a JSON object');
  at = skipSpace(document, at + 1);
  if (document[at] === CLOSE_OBJECT) return endOf(document, at + 1, found);
  for (;;) {
    if (document[at] !== QUOTE) throw unexpected(document, at, 'a key');
    const keyEnd = skipString(document, at);
    const name = keyText(document.subarray(at, keyEnd));
    at = skipSpace(document, keyEnd);
    if (document[at] !== COLON) throw unexpected(document, at, '":"');
    at = skipSpace(document, at + 1);
    const valueEnd = skipValue(document, at);
    if (name === key) found = document.subarray(at, valueEnd);
    at = skipSpace(document, valueEnd);
    if (document[at] === CLOSE_OBJECT) return endOf(document, at + 1, found);
    if (document[at] !== COMMA) throw unexpected(document, at, '"," or "}"');
    at = skipSpace(document, at + 1);
  }
}

function endOf(document: Buffer, from: number, found: Buffer | undefined): Buffer | undefined {
  const at = skipSpace(document, from);
  if (at !== document.length) throw unexpected(document, at, 'the end');
  return found;
}

function keyText(quoted: Buffer): string {
  try {
    const key: unknown = JSON.parse(quoted.toString());
    return String(key).toLowerCase();
  } catch {
    throw new JsonDocumentError(`${excerpt(quoted, 0)} is not a JSON string`);
  }
}

function skipSpace(document: Buffer, from: number): number {
  let at = from;
  for (;;) {
    const byte = document[at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
    at++;
  }
}

/** From the opening quote to behind the closing one. */
function skipString(document: Buffer, from: number): number {
  for (let at = from + 1; at < document.length; at++) {
    const byte = document[at];
    if (byte === BACKSLASH) at++;
    else if (byte === QUOTE) return at + 1;
  }
  throw unexpected(document, document.length, 'the end of a string');
}

function skipValue(document: Buffer, from: number): number {
  const first = document[from];
  if (first === QUOTE) return skipString(document, from);
  if (first === OPEN_OBJECT || first === OPEN_ARRAY) return skipNested(document, from);
  let at = from;
  while (at < document.length && !endsScalar(document[at])) at++;
  if (at === from) throw unexpected(document, at, 'a value');
  return at;
}

function skipNested(document: Buffer, from: number): number {
  let depth = 0;
  let at = from;
  while (at < document.length) {
    const byte = document[at];
    if (byte === QUOTE) {
      at = skipString(document, at);
      continue;
    }
    at++;
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth++;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      depth--;
      if (depth === 0) return at;
    }
  }
  throw unexpected(document, at, 'the end of an object or array');
}

function endsScalar(byte: number | undefined): boolean {
  return (
    byte === undefined ||
    byte <= 0x20 ||
    byte === COMMA ||
    byte === CLOSE_OBJECT ||
    byte === CLOSE_ARRAY ||
    byte === COLON ||
    byte === QUOTE
  );
}

function unexpected(document: Buffer, at: number, wanted: string): JsonDocumentError {
  const here = at >= document.length ? 'the document ends' : `there is ${excerpt(document, at)}`;
  return new JsonDocumentError(`not a JSON object: expected ${wanted} at byte ${at}, but ${here}`);
}

function excerpt(document: Buffer, at: number): string {
  return JSON.stringify(document.subarray(at, at + 40).toString());
}
