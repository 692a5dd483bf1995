import { UnreachableError } from './api-error.ts';
import type { Answer } from './transport.ts';

/** A page of 500 objects; each could have 1.5 MiB, but most have a few KiB. */
const MAX_BODY_BYTES = 256 * 1024 * 1024;
const LINE_FEED = 0x0a;

/** The whole body. @throws Error if it breaks off or is too large */
export async function wholeBody(request: string, answer: Answer): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of answer.body as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > MAX_BODY_BYTES) throw new UnreachableError(request, `more than ${MAX_BODY_BYTES} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/**
 * The lines of a body as they come, without their ends; what has no line feed after it is dropped, as the server was
 * cut off in the middle.
 *
 * @param onPiece called for whatever comes in
 * @throws Error if it breaks off or a line is too large
 */
export async function* linesOf(request: string, answer: Answer, onPiece: () => void): AsyncGenerator<string> {
  let pending: Buffer[] = [];
  let bytes = 0;
  for await (const piece of answer.body as AsyncIterable<Buffer>) {
    onPiece();
    let start = 0;
    for (let end = piece.indexOf(LINE_FEED); end >= 0; end = piece.indexOf(LINE_FEED, start)) {
      pending.push(piece.subarray(start, end));
      yield Buffer.concat(pending).toString('utf8');
      pending = [];
      bytes = 0;
      start = end + 1;
    }
    if (start < piece.length) pending.push(piece.subarray(start));
    bytes += piece.length - start;
    if (bytes > MAX_BODY_BYTES)
      throw new UnreachableError(request, `a line of more than ${MAX_BODY_BYTES} bytes`);
  }
}
