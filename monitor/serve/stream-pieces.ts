import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createGzip } from 'node:zlib';

/** A text in pieces, each of which is made when it is asked for. */
export type Pieces = Iterable<string> | AsyncIterable<string>;

/** So long at a time a body may be made; then polls and other requests have their turn. */
const TURN_MS = 5;

/**
 * Sends a body while it is made, as fast as the client takes it. Rejects if it could not be sent whole: the client has
 * gone, or a piece could not be made.
 *
 * @param onSent gets the sizes of what was sent
 */
export async function streamPieces(
  response: ServerResponse,
  pieces: Pieces,
  isPacked: boolean,
  onSent: (bytes: number) => void,
): Promise<void> {
  const source = Readable.from(buffersOf(inTurns(pieces)), { objectMode: false });
  const counted = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      onSent(chunk.length);
      yield chunk;
    }
  };
  if (isPacked) await pipeline(source, createGzip({ level: 1 }), counted, response);
  else await pipeline(source, counted, response);
}

/** The same pieces, with pauses in which the process does its other work. */
export async function* inTurns(pieces: Pieces): AsyncGenerator<string> {
  let startMs = performance.now();
  for await (const piece of pieces) {
    yield piece;
    if (performance.now() - startMs < TURN_MS) continue;
    await nextTurn();
    startMs = performance.now();
  }
}

async function* buffersOf(pieces: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const piece of pieces) if (piece !== '') yield Buffer.from(piece);
}
