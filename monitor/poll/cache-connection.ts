import type { Socket } from 'node:net';
import { buildConnector, Client, type Dispatcher } from 'undici';
import { type Carrier, Exchange, type FetchOutcome } from './exchange.ts';

export interface ConnectionOptions {
  readonly url: string;
  /** `Host` header and name that a certificate must have; empty: the URL's host. */
  readonly fqdn: string;
  readonly accept: string;
  readonly userAgent: string;
  /** Connect, headers and body together, in ms. */
  readonly timeoutMs: number;
  /** Packed or unpacked. */
  readonly maxBodyBytes: number;
  readonly keepAlive: boolean;
  /** How long an idle connection is kept, in ms: longer than the polling interval, or none is ever used twice. */
  readonly idleMs: number;
}

/** Certificates are checked for the name (D24). An exchange's deadline covers connecting, so the connector has none. */
const connectorFor = (name: string): buildConnector.connector =>
  buildConnector({ timeout: 0, allowH2: false, ...(name === '' ? {} : { servername: name }) });

const connectPlain = connectorFor('');

/** One kept-alive connection to one cache over one family; one exchange at a time. */
export class CacheConnection implements Carrier {
  readonly url: string;
  readonly timeoutMs: number;
  readonly maxBodyBytes: number;
  answered = 0;
  readonly #client: Client;
  readonly #request: Dispatcher.DispatchOptions;
  #socket: Socket | null = null;
  #running: Exchange | null = null;

  constructor(options: ConnectionOptions) {
    this.url = options.url;
    this.timeoutMs = options.timeoutMs;
    this.maxBodyBytes = options.maxBodyBytes;
    const url = new URL(options.url);
    const connect = url.protocol === 'https:' ? connectorFor(options.fqdn) : connectPlain;
    this.#client = new Client(url.origin, {
      connect: (target, callback) => {
        // The connector returns the socket, which its type does not say; a deadline must be able to end it.
        this.#socket = connect(target, callback) as unknown as Socket;
      },
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: options.idleMs,
      keepAliveMaxTimeout: options.idleMs,
    });
    this.#client.on('disconnect', () => {
      this.answered = 0;
    });
    this.#request = {
      path: `${url.pathname}${url.search}`,
      method: 'GET',
      headers: headersOf(options),
      reset: !options.keepAlive,
    };
  }

  /** Asks once; `done` is called exactly once, unless the connection is closed first. */
  fetch(done: (outcome: FetchOutcome) => void): void {
    this.#running = new Exchange(this, done);
    this.send(this.#running);
  }

  send(exchange: Exchange): void {
    this.#client.dispatch(this.#request, exchange);
  }

  cutOff(reason: Error): void {
    this.#socket?.destroy(reason);
  }

  /** Drops the connection; a running exchange is forgotten. */
  close(): void {
    this.#running?.forget();
    void this.#client.destroy();
    this.#socket?.destroy();
  }
}

function headersOf({ fqdn, accept, userAgent }: ConnectionOptions): string[] {
  const headers = ['user-agent', userAgent, 'accept', accept, 'accept-encoding', 'gzip'];
  return fqdn === '' ? headers : ['host', fqdn].concat(headers);
}
