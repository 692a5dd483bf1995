import net from 'node:net';

// Below the usual ephemeral range, so that a port that a scenario closes on purpose is not handed to an
// outgoing connection.
const lowest = 14_000;
const highest = 31_900;
const attempts = 200;

const taken = new Set<number>();

/** A port that is free on all of these addresses, and kept from other scenarios until it is released. */
export async function takePort(hosts: readonly string[] = ['127.0.0.1']): Promise<number> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (taken.has(port)) continue;
    taken.add(port);
    if (await isFree(port, hosts)) return port;
    taken.delete(port);
  }
  throw new Error(`no free port found on ${hosts.join(', ')}`);
}

export function releasePort(port: number): void {
  taken.delete(port);
}

async function isFree(port: number, hosts: readonly string[]): Promise<boolean> {
  for (const host of hosts) if (!(await canListen(port, host))) return false;
  return true;
}

function canListen(port: number, host: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = net.createServer();
  server.once('error', () => resolve(false));
  server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  return promise;
}
