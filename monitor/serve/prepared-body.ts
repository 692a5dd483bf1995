import { promisify } from 'node:util';
import { gzip, gzipSync } from 'node:zlib';
import type { KeptDocument } from '../../common/traffic-ops/kept-document.ts';

/** One version of a body, shared by all requests for it. */
export interface Prepared {
  /** Bytes, as they are without packing. */
  readonly size: number;
  /** Weak: the packed and the plain form say the same. */
  readonly etag: string;
  plain(): Buffer | Promise<Buffer>;
  /** Packed once, when first asked for. */
  packed(): Buffer | Promise<Buffer>;
}

export interface BodySource {
  /** Changes when the content that decides does: rebuilt with the next request. */
  readonly urgent: () => number;
  /** Changes with anything else in the body, times above all; rebuilt after `settleMs`. */
  readonly revision: () => number;
  readonly build: () => string | Buffer;
  /** ms that a body may lag behind `revision`. */
  readonly settleMs: () => number;
  /** Names the life of this process in entity tags. */
  readonly boot: string;
}

/** Even urgent changes are gathered for this long, so that a mass failure does not rebuild a large body per poll. */
const URGENT_SPACING_MS = 10;

/** Packing more than this would hold up the polls. */
const SYNC_GZIP_BYTES = 32_768;

const gzipAside = promisify(gzip);

/** A body that is built at most once per change, and only if somebody asks for it. */
export class PreparedBody {
  readonly #source: BodySource;
  #prepared: Prepared | null = null;
  #urgent = -1;
  #revision = -1;
  #builtMs = 0;
  #version = 0;

  constructor(source: BodySource) {
    this.#source = source;
  }

  /** The current version; `nowMs` of any steady clock. */
  current(nowMs: number): Prepared {
    if (this.#prepared === null || this.#isStale(nowMs)) return this.#rebuild(nowMs);
    return this.#prepared;
  }

  #isStale(nowMs: number): boolean {
    const age = nowMs - this.#builtMs;
    if (this.#source.urgent() !== this.#urgent && age >= URGENT_SPACING_MS) return true;
    return this.#source.revision() !== this.#revision && age >= this.#source.settleMs();
  }

  #rebuild(nowMs: number): Prepared {
    this.#urgent = this.#source.urgent();
    this.#revision = this.#source.revision();
    this.#builtMs = nowMs;
    const built = this.#source.build();
    const raw = typeof built === 'string' ? Buffer.from(built) : built;
    this.#prepared = prepared(raw, `W/"${this.#source.boot}-${++this.#version}"`);
    return this.#prepared;
  }
}

/** A body for one answer alone. */
export function prepared(raw: Buffer, etag: string): Prepared {
  let packed: Buffer | Promise<Buffer> | null = null;
  return {
    size: raw.length,
    etag,
    plain: () => raw,
    packed() {
      packed ??= raw.length <= SYNC_GZIP_BYTES ? gzipSync(raw, { level: 1 }) : gzipAside(raw, { level: 1 });
      return packed;
    },
  };
}

/** A document that is kept packed; unpacked for those only who cannot take it so, once for all who ask at a time. */
export function preparedDocument(document: KeptDocument, etag: string): Prepared {
  let unpacked: WeakRef<Buffer> | null = null;
  let underWay: Promise<Buffer> | null = null;
  const unpack = async (): Promise<Buffer> => {
    try {
      const bytes = await document.unpackAside();
      unpacked = new WeakRef(bytes);
      return bytes;
    } finally {
      underWay = null;
    }
  };
  return {
    size: document.size,
    etag,
    plain() {
      const known = unpacked?.deref();
      if (known !== undefined) return known;
      underWay ??= unpack();
      return underWay;
    },
    packed: () => document.packed,
  };
}
