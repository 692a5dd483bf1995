/** How a cache answers. Anything but `healthy` is something that a monitor must survive. */
export type Behaviour =
  | { readonly kind: 'healthy' }
  /** Takes the request and never answers. */
  | { readonly kind: 'hang' }
  /** TCP reset when asked. */
  | { readonly kind: 'reset' }
  /** Closes the connection when asked, without a word. */
  | { readonly kind: 'close' }
  /**
   * Nobody listens. Only a cache with its own port can do this; on the shared port the connection is accepted, as
   * the kernel does that, and reset at once.
   */
  | { readonly kind: 'refused' }
  /** A right answer, `bytes` at a time. */
  | { readonly kind: 'slow-drip'; readonly bytes: number; readonly everyMs: number }
  /** A body without an end, as fast as it is read. */
  | { readonly kind: 'endless-body' }
  /** A right answer behind so many bytes of white space. */
  | { readonly kind: 'huge-body'; readonly bytes: number }
  /** A right answer behind so many bytes of white space, a thousand times smaller on the wire. */
  | { readonly kind: 'gzip-bomb'; readonly unpackedBytes: number }
  /** So many header lines before anything else. */
  | { readonly kind: 'header-flood'; readonly headers: number }
  /** Ends in the middle of the body. */
  | { readonly kind: 'truncated-body' }
  /** Bytes that are not HTTP. */
  | { readonly kind: 'garbage-http' }
  /** HTTP whose body is not what its type says. */
  | { readonly kind: 'garbage-body' }
  /** JSON nested so deep. */
  | { readonly kind: 'deep-json'; readonly depth: number }
  | { readonly kind: 'redirect'; readonly location: string }
  /** A right body with another type. */
  | { readonly kind: 'wrong-content-type'; readonly contentType: string };

export const healthy: Behaviour = { kind: 'healthy' };
