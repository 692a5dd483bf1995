import type { KeptDocument } from './kept-document.ts';

/**
 * Remembers what the last document was decoded to, be it a value or an error: one that Traffic Ops repeats is not
 * decoded again, which for a large CDN would cost far more than fetching it.
 */
export class DecodeOnce<Value> {
  readonly #decode: (document: KeptDocument) => Value;
  #last: { readonly document: KeptDocument; readonly result: () => Value } | undefined;

  constructor(decode: (document: KeptDocument) => Value) {
    this.#decode = decode;
  }

  /** @param accepted what is in force, for the way back to it after something else was seen */
  decode(
    document: KeptDocument,
    accepted: { readonly document: KeptDocument; readonly value: Value } | undefined,
  ): Value {
    if (accepted?.document.equals(document)) return accepted.value;
    if (!this.#last?.document.equals(document)) this.#last = { document, result: this.#attempt(document) };
    return this.#last.result();
  }

  #attempt(document: KeptDocument): () => Value {
    try {
      const value = this.#decode(document);
      return () => value;
    } catch (error) {
      return () => {
        throw error;
      };
    }
  }
}
