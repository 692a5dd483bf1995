/** About a millisecond's work: what is asked meanwhile need not wait longer. */
const PIECE_CHARACTERS = 1 << 16;

/**
 * A long text made of many short ones, which is taken away piece by piece: a whole answer about a large CDN is longer
 * than a string may be, and takes seconds to make.
 */
export class TextPieces {
  #text = '';

  add(text: string): void {
    this.#text += text;
  }

  /** Whether it is time to take what is there. */
  get isFull(): boolean {
    return this.#text.length >= PIECE_CHARACTERS;
  }

  take(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }
}

/** Members of a JSON object, separated. */
export class Members {
  readonly #text: TextPieces;
  #separator = '';

  constructor(text: TextPieces) {
    this.#text = text;
  }

  /** @param value JSON */
  add(name: string, value: string): void {
    this.#text.add(`${this.#separator}${JSON.stringify(name)}:${value}`);
    this.#separator = ',';
  }
}
