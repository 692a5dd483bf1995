import { createServer, type Server } from 'node:net';

/** A TCP server on this address, listening. */
export function listenOn(host: string, port: number): Promise<Server> {
  const server = createServer({ noDelay: true });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 4096, exclusive: true, ipv6Only: host.includes(':') }, () => {
      server.off('error', reject);
      // Too many open files and the like concern one connection, not the server.
      server.on('error', () => {});
      resolve(server);
    });
  });
}

/** Stops listening and waits for the connections to end. Harmless if it is closed already. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

/** Port of a server that listens on TCP. */
export function portOf(server: Server | undefined): number {
  const address = server?.address();
  if (address === null || address === undefined || typeof address === 'string') {
    throw new Error('the server does not listen on a TCP port');
  }
  return address.port;
}

/** Whether this system has more loopback addresses than 127.0.0.1, as Linux has. */
export async function hasManyLoopbackAddresses(): Promise<boolean> {
  try {
    await closeServer(await listenOn('127.1.0.1', 0));
    return true;
  } catch {
    return false;
  }
}

/** `preferred` if it is free on 127.0.0.1, else the next one that is. */
export async function freePort(preferred: number): Promise<number> {
  for (let port = preferred; port < preferred + 200; port++) {
    try {
      await closeServer(await listenOn('127.0.0.1', port));
      return port;
    } catch {
      // Taken: try the next.
    }
  }
  throw new Error(`no free port between ${preferred} and ${preferred + 199}`);
}
