/** Where the first JSON value of a text ends, if it does. */
export type JsonExtent =
  | { readonly kind: 'ends'; readonly at: number }
  | { readonly kind: 'never ends' }
  | { readonly kind: 'too deep' };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * Finds the end of the object or array that a text begins with, by brackets and strings only: whether what lies
 * between is JSON, the JSON parser decides. Linear, no recursion; gives up as soon as nesting exceeds `maxDepth`.
 */
export function firstValueExtent(text: string, maxDepth: number): JsonExtent {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = stringEnd(text, at);
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (++depth > maxDepth) return { kind: 'too deep' };
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      if (--depth <= 0) return { kind: 'ends', at: at + 1 };
    }
  }
  return { kind: 'never ends' };
}

/** Index of the quote that closes the string opened at `open`; the length of the text if none does. */
function stringEnd(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at++;
    else if (code === QUOTE) return at;
  }
  return text.length;
}

/** Whether a text has more than `limit` opening brackets, strings included: a few native searches, no scan. */
export function hasMoreOpenings(text: string, limit: number): boolean {
  return openings(text, '{', limit) + openings(text, '[', limit) > limit;
}

function openings(text: string, bracket: string, limit: number): number {
  let count = 0;
  for (let at = text.indexOf(bracket); at >= 0 && count <= limit; at = text.indexOf(bracket, at + 1)) count++;
  return count;
}
