/** Pieces are joined and encoded when they are this long together: few calls, and no huge strings. */
const CHUNK_CHARACTERS = 1 << 18;

/**
 * A long text made of many short ones. It becomes a Buffer piece by piece: a whole answer about a large CDN is longer
 * than a string may be.
 */
export class ChunkedText {
  #text = '';
  readonly #chunks: Buffer[] = [];

  add(text: string): void {
    this.#text += text;
    if (this.#text.length >= CHUNK_CHARACTERS) this.#encode();
  }

  toBuffer(): Buffer {
    this.#encode();
    const [only] = this.#chunks;
    return this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks);
  }

  #encode(): void {
    if (this.#text !== '') this.#chunks.push(Buffer.from(this.#text));
    this.#text = '';
  }
}
