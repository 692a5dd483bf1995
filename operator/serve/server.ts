import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf } from '../../common/message-of.ts';

export interface OperatorServerOptions {
  /** What `/readyz` waits for; null: nothing. Not leadership: a standby is ready to take over. */
  readonly notReadyBecause: () => string | null;
  /** What `/metrics` answers. */
  readonly metrics: () => Promise<string>;
}

/** Longest time to receive a request and to send the answer. */
const EXCHANGE_MS = 10_000;

/** `/healthz`: the process answers at all. `/readyz`: it knows what it needs to know. `/metrics`: for Prometheus. */
export class OperatorServer {
  readonly #server: Server;

  constructor(options: OperatorServerOptions) {
    this.#server = createServer({ requestTimeout: EXCHANGE_MS }, listenerOf(options));
    this.#server.timeout = EXCHANGE_MS;
  }

  /** Returns the port. @param port 0: any free one. @throws Error if it cannot listen there */
  async listen(port: number, host?: string): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error) => reject(new Error(`cannot listen: ${error.message}`)));
      this.#server.listen(port, host, resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}

const PLAIN = 'text/plain; charset=utf-8';
const PROMETHEUS = 'text/plain; version=0.0.4; charset=utf-8';

function listenerOf({ notReadyBecause, metrics }: OperatorServerOptions): RequestListener {
  return async (request, response) => {
    const reply = (status: number, text: string, type = PLAIN): void => {
      response.writeHead(status, { 'content-type': type });
      response.end(request.method === 'HEAD' ? undefined : text);
    };
    if (request.method !== 'GET' && request.method !== 'HEAD') return reply(405, 'Method Not Allowed\n');
    switch (request.url?.split('?', 1)[0]) {
      case '/healthz':
        return reply(200, 'ok\n');
      case '/readyz': {
        const reason = notReadyBecause();
        return reason === null ? reply(200, 'ok\n') : reply(503, `not ready: ${reason}\n`);
      }
      case '/metrics':
        return metrics().then(
          (text) => reply(200, text, PROMETHEUS),
          (error: unknown) => reply(500, `metrics not made: ${messageOf(error)}\n`),
        );
      default:
        return reply(404, 'Not Found\n');
    }
  };
}
