import { hash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gunzipSync, gzipSync } from 'node:zlib';

const gunzipAside = promisify(gunzip);

/**
 * A document of Traffic Ops, byte for byte as it came (reference D14), but packed: that of a large CDN is tens of MB, a
 * twentieth of it packed, and its bytes are wanted only while it is new, and when somebody asks for them.
 */
export class KeptDocument {
  /** By gzip; may be served as it is. */
  readonly packed: Buffer;
  /** Bytes, unpacked. */
  readonly size: number;
  readonly #digest: string;

  constructor(bytes: Buffer) {
    this.packed = gzipSync(bytes, { level: 1 });
    this.size = bytes.length;
    this.#digest = digestOf(bytes);
  }

  /** Whether these are its bytes. */
  isOf(bytes: Buffer): boolean {
    return this.size === bytes.length && this.#digest === digestOf(bytes);
  }

  equals(other: KeptDocument): boolean {
    return this.size === other.size && this.#digest === other.#digest;
  }

  /** Its bytes, made anew each time. */
  unpack(): Buffer {
    return gunzipSync(this.packed);
  }

  /** The same in another thread. */
  unpackAside(): Promise<Buffer> {
    return gunzipAside(this.packed);
  }
}

const digestOf = (bytes: Buffer): string => hash('sha256', bytes, 'base64');
