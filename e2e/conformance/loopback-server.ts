import http from 'node:http';
import type { Socket } from 'node:net';

const keepAliveMs = 120_000;

/** An HTTP server on one loopback address that can be shut at any moment, with its connections cut. */
export class LoopbackServer {
  readonly host: string;
  readonly #server: http.Server;
  readonly #sockets = new Set<Socket>();

  constructor(host: string, listener: http.RequestListener) {
    this.host = host;
    this.#server = http.createServer(listener);
    this.#server.keepAliveTimeout = keepAliveMs;
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      // A client that goes away is no fault of the world.
      socket.on('error', () => {});
    });
    this.#server.on('clientError', (_error, socket) => socket.destroy());
  }

  /** Listens, exclusively, so that a port in use is an error and not shared. */
  async open(port: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    const ipv6Only = this.host.includes(':');
    this.#server.listen({ port, host: this.host, exclusive: true, ipv6Only }, resolve);
    await promise;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }
}
