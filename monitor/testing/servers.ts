import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** What of a running server a test looks at. */
export interface RunningServer {
  readonly port: number;
  /** Connections taken so far. */
  readonly connections: () => number;
  /** Connections that are open now. */
  readonly open: () => number;
}

/** A TCP server on 127.0.0.1 that ends with the test, whatever its connections do. */
export async function tcpServer(
  t: TestContext,
  onSocket: (socket: Socket) => void,
  port = 0,
): Promise<RunningServer> {
  const server = createServer((socket) => {
    // Whoever is asked may hang up at any time.
    socket.on('error', () => {});
    onSocket(socket);
    // Nobody sees a connection end that is not read.
    socket.resume();
  });
  return listening(t, server, port);
}

/** An HTTP server on 127.0.0.1 that ends with the test. */
export async function httpServer(t: TestContext, listener: RequestListener): Promise<RunningServer> {
  const server = createHttpServer({ keepAliveTimeout: 60_000 }, listener);
  return listening(t, server);
}

/** Calls back once a request has come in whole (one without a body), with its number on this connection from 1. */
export function onRequest(socket: Socket, answer: (number: number, head: string) => void): void {
  let pending = '';
  let number = 0;
  socket.on('data', (chunk: Buffer) => {
    pending += chunk.toString('latin1');
    for (let end = pending.indexOf('\r\n\r\n'); end >= 0; end = pending.indexOf('\r\n\r\n')) {
      const head = pending.slice(0, end);
      pending = pending.slice(end + 4);
      answer(++number, head);
    }
  });
}

async function listening(t: TestContext, server: Server, port = 0): Promise<RunningServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: portOf(server), connections: () => connections, open: () => sockets.size };
}

export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on TCP');
  return address.port;
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
