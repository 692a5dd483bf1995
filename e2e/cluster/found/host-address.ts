import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import os from 'node:os';

/**
 * Where pods reach this machine: the address that was `wanted`, else the one from which this machine reaches the API
 * server. @throws {Error} that says what to set when it is none of this machine's, or leads nowhere from a pod
 */
export async function hostAddress(server: string, wanted: string | null): Promise<string> {
  if (wanted === null) return usable(await addressTowards(server), 'the API server is reached from');
  const own = Object.values(os.networkInterfaces()).flatMap((all) => all ?? []);
  if (!own.some(({ address }) => address === wanted))
    throw new Error(`E2E_HOST_ADDRESS: ${wanted} is no address of this machine, so nothing can listen there`);
  return usable(wanted, 'E2E_HOST_ADDRESS is');
}

/** No packet is sent: the system only chooses the way. */
async function addressTowards(server: string): Promise<string> {
  const { hostname, port, protocol } = new URL(server);
  // IPv6 stands in brackets in a URL.
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const socket = createSocket(net.isIPv6(host) ? 'udp6' : 'udp4');
  try {
    socket.connect(Number(port) || (protocol === 'http:' ? 80 : 443), host);
    await once(socket, 'connect');
    return socket.address().address;
  } finally {
    socket.close();
  }
}

function usable(address: string, what: string): string {
  if (net.isIPv4(address) && !address.startsWith('127.')) return address;
  throw new Error(
    `${what} ${address}, where no pod can reach this machine; ` +
      'set E2E_HOST_ADDRESS to an IPv4 address of this machine that pods can reach',
  );
}
