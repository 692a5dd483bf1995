import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

/** A document ready to be sent: serialised once, packed once when first wanted. */
export class ServedDocument {
  readonly bytes: Buffer;
  readonly etag: string;
  #packed: Buffer | null = null;

  constructor(response: unknown) {
    this.bytes = Buffer.from(JSON.stringify({ response }));
    this.etag = `"${createHash('sha256').update(this.bytes).digest('base64url')}"`;
  }

  get packed(): Buffer {
    this.#packed ??= gzipSync(this.bytes);
    return this.#packed;
  }
}
