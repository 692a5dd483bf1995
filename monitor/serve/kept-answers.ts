import { type Prepared, prepared } from './prepared-body.ts';
import type { Pieces } from './stream-pieces.ts';

/** What is longer is sent while it is made, and not kept. */
const LONGEST_KEPT_CHARACTERS = 1 << 18;
/** Different questions within the short time for which answers are kept. */
const MOST_KEPT = 64;

interface Kept {
  readonly body: Prepared;
  readonly madeMs: number;
}

/**
 * Answers about statistics, each kept for a while: however many ask the same, it is made once in that time. Long ones
 * are made for each request, in pieces.
 */
export class KeptAnswers {
  readonly #lagMs: () => number;
  readonly #boot: string;
  readonly #kept = new Map<string, Kept>();
  #version = 0;

  /**
   * @param lagMs how long an answer may be kept: what has come in since is not in it
   * @param boot names the life of this process in entity tags
   */
  constructor(lagMs: () => number, boot: string) {
    this.#lagMs = lagMs;
    this.#boot = boot;
  }

  /**
   * The answer to `question`: a prepared body, or the pieces of one that is too long.
   *
   * @param nowMs of any steady clock
   * @param make makes it anew
   */
  answer(
    question: string,
    nowMs: number,
    make: () => Iterable<string>,
  ): Prepared | { readonly pieces: Pieces } {
    this.#dropOld(nowMs);
    const known = this.#kept.get(question);
    if (known !== undefined) return known.body;
    const rest = make()[Symbol.iterator]();
    const made: string[] = [];
    let length = 0;
    while (length <= LONGEST_KEPT_CHARACTERS) {
      const next = rest.next();
      if (next.done === true) return this.#keep(question, made.join(''), nowMs);
      made.push(next.value);
      length += next.value.length;
    }
    return { pieces: followedBy(made, rest) };
  }

  #keep(question: string, text: string, nowMs: number): Prepared {
    const body = prepared(Buffer.from(text), `W/"${this.#boot}-s${++this.#version}"`);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(question, { body, madeMs: nowMs });
    return body;
  }

  #dropOld(nowMs: number): void {
    // In the order in which they were made.
    for (const [question, { madeMs }] of this.#kept) {
      if (nowMs - madeMs < this.#lagMs()) break;
      this.#kept.delete(question);
    }
  }
}

function* followedBy(made: readonly string[], rest: Iterator<string>): Generator<string> {
  try {
    yield* made;
    for (let next = rest.next(); next.done !== true; next = rest.next()) yield next.value;
  } finally {
    // Whoever stops reading half-way ends the making too.
    rest.return?.();
  }
}
