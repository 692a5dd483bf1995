/**
 * Remembers what the last bytes were decoded to, be it a value or an error: a document that Traffic Ops repeats is not
 * decoded again, which for a large CDN would cost far more than fetching it.
 */
export class DecodeOnce<Value> {
  readonly #decode: (bytes: Buffer) => Value;
  #last: { readonly bytes: Buffer; readonly result: () => Value } | undefined;

  constructor(decode: (bytes: Buffer) => Value) {
    this.#decode = decode;
  }

  /** @param accepted what is in force, for the way back to it after something else was seen */
  decode(bytes: Buffer, accepted: { readonly bytes: Buffer; readonly value: Value } | undefined): Value {
    if (accepted?.bytes.equals(bytes)) return accepted.value;
    if (!this.#last?.bytes.equals(bytes)) this.#last = { bytes, result: this.#attempt(bytes) };
    return this.#last.result();
  }

  #attempt(bytes: Buffer): () => Value {
    try {
      const value = this.#decode(bytes);
      return () => value;
    } catch (error) {
      return () => {
        throw error;
      };
    }
  }
}
