import { quotable, Unreadable } from './unreadable.ts';

/** How the body is written down. */
export type BodyKind = 'json' | 'csv';

const KIND_OF: ReadonlyMap<string, BodyKind> = new Map<string, BodyKind>([
  ['', 'json'],
  ['text/json', 'json'],
  ['text/javascript', 'json'],
  ['application/json', 'json'],
  ['text/csv', 'csv'],
]);

/**
 * JSON or CSV, by the media type alone: case and parameters such as `charset` do not matter (reference 4.1, D23).
 * No header means JSON. Any other type is unreadable, with the header as it came in the reason.
 * `parser` is what the Go monitor calls its parser in that text: `astats` or `statsOverHTTP`.
 */
export function bodyKind(contentType: string, parser: string): BodyKind {
  const kind = KIND_OF.get(contentType) ?? KIND_OF.get(mediaType(contentType));
  if (kind === undefined) {
    throw new Unreadable(`stats Content-Type (${quotable(contentType)}) can not be parsed by ${parser}`);
  }
  return kind;
}

function mediaType(contentType: string): string {
  const end = contentType.indexOf(';');
  return (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
}
