import type { CacheName, MonitorName } from '../../common/ids.ts';
import { TextPieces } from './text-pieces.ts';

/** What stands before and behind the members of a document; the last brace is not in it. */
export interface Frame {
  readonly head: string;
  readonly tail: string;
}

/** Another monitor that tells of some caches. */
export interface AskedMonitor {
  readonly monitor: MonitorName;
  readonly caches: ReadonlySet<CacheName>;
  /** Asks, until `signal` says that nobody wants it; each line is a JSON object with one cache: `{"name":{…}}`. */
  lines(signal: AbortSignal): AsyncIterable<string>;
  /** What it says could not be had; for people. */
  onFailure(reason: string): void;
}

const MEMBER = /^\{(?<name>"[^"\\]*(?:\\.[^"\\]*)*"):\{.*\}\}$/s;

/**
 * A document about caches that several monitors tell of, each cache once. What others say is passed on line by line, so
 * that its length does not matter. The document is whole JSON whatever happens to them: of one that fails the caches
 * told so far are in it, and a last member `incomplete` says who failed, and why.
 *
 * @param own the members of all caches but the named
 */
export async function* mergedPieces(
  { head, tail }: Frame,
  others: readonly AskedMonitor[],
  own: (names: ReadonlySet<CacheName>) => Iterable<string>,
): AsyncGenerator<string> {
  const gone = new AbortController();
  // All at once: the slowest one decides how long it takes, not their number.
  const answers = others.map((other) => ({ other, lines: other.lines(gone.signal) }));
  const text = new TextPieces();
  text.add(head);
  let separator = '';
  const failures: Record<MonitorName, string> = {};
  try {
    for (const piece of own(new Set(others.flatMap(({ caches }) => [...caches])))) {
      if (piece === '') continue;
      text.add(piece);
      separator = ',';
      if (text.isFull) yield text.take();
    }
    for (const { other, lines } of answers) {
      const wanted = new Set(other.caches);
      try {
        for await (const line of lines) {
          if (!wanted.delete(cacheOf(line))) continue;
          text.add(separator + line.slice(1, -1));
          separator = ',';
          if (text.isFull) yield text.take();
        }
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        failures[other.monitor] = reason;
        other.onFailure(reason);
      }
    }
    text.add(tail);
    if (Object.keys(failures).length > 0) text.add(`,"incomplete":${JSON.stringify(failures)}`);
    text.add('}');
    yield text.take();
  } finally {
    gone.abort();
  }
}

function cacheOf(line: string): CacheName {
  const name = MEMBER.exec(line)?.groups?.['name'];
  if (name === undefined) throw new Error(`a line is not about a cache: ${line.slice(0, 80)}`);
  return JSON.parse(name);
}
