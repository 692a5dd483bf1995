import { CacheConnection, type ConnectionOptions } from './cache-connection.ts';
import type { FetchOutcome } from './exchange.ts';

export type PeerConnectionOptions = Omit<ConnectionOptions, 'fqdn'>;

/**
 * The way to one peer. A peer that serves HTTPS redirects plain HTTP to it (reference 1.5): that is followed to the
 * same host, with its certificate checked, and remembered until it fails. No other redirect is (D53, D73).
 */
export class PeerConnection {
  readonly #options: PeerConnectionOptions;
  readonly #plain: CacheConnection;
  #secure: CacheConnection | null = null;
  #isClosed = false;

  constructor(options: PeerConnectionOptions) {
    this.#options = options;
    this.#plain = new CacheConnection({ ...options, fqdn: '' });
  }

  /** Asks once; `done` is called exactly once, unless the connection is closed first. */
  fetch(done: (outcome: FetchOutcome) => void): void {
    if (this.#secure !== null) this.#fetchSecure(this.#secure, done);
    else {
      this.#plain.fetch((outcome) => {
        const url = secureUrl(outcome, this.#options.url);
        if (url === null || this.#isClosed) done(outcome);
        else {
          this.#secure = new CacheConnection({ ...this.#options, url, fqdn: '' });
          this.#fetchSecure(this.#secure, done);
        }
      });
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#plain.close();
    this.#secure?.close();
  }

  #fetchSecure(secure: CacheConnection, done: (outcome: FetchOutcome) => void): void {
    secure.fetch((outcome) => {
      if (outcome.kind === 'failure') {
        secure.close();
        this.#secure = null;
      }
      done(outcome);
    });
  }
}

/** Where to ask instead; null: the outcome stands. */
function secureUrl(outcome: FetchOutcome, asked: string): string | null {
  if (outcome.kind !== 'failure' || outcome.location === undefined) return null;
  const target = URL.parse(outcome.location, asked);
  if (target === null || target.protocol !== 'https:') return null;
  return target.hostname === new URL(asked).hostname ? target.href : null;
}
