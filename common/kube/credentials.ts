import type { ConnectionOptions } from 'node:tls';

/** With what a connection to the API server is made, and what each request carries. */
export interface Access {
  readonly headers: Readonly<Record<string, string>>;
  /** The same object as long as nothing in it changes: a new one means new connections. */
  readonly tls: TlsAccess;
}

export type TlsAccess = Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'servername' | 'rejectUnauthorized'>;

/** Where the API server is and how to prove who we are. */
export interface Credentials {
  /** `https://host:port`, without a slash at the end. */
  readonly server: string;
  /**
   * Asked before each request, so it has to be cheap.
   *
   * @throws Error if there is nothing to prove ourselves with
   */
  access(): Promise<Access>;
  /** The server answered 401: what is remembered is to be read anew. */
  forget(): void;
}
