import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { CacheConnection, type ConnectionOptions } from '../poll/cache-connection.ts';
import type { FetchOutcome } from '../poll/exchange.ts';
import type { FailureClass } from '../poll/fetch-failure.ts';
import { onRequest, tcpServer } from './servers.ts';

/** `maxBodyBytes` of the connections below. */
export const LIMIT = 100_000;

/** A connection that ends with the test. */
export function connectTo(
  t: TestContext,
  url: string,
  changes: Partial<ConnectionOptions> = {},
): CacheConnection {
  const connection = new CacheConnection({
    url,
    fqdn: 'edge-1.cdn.test',
    accept: 'text/json',
    userAgent: 'traffic_monitor/1.2.3',
    timeoutMs: 2000,
    maxBodyBytes: LIMIT,
    keepAlive: true,
    idleMs: 60_000,
    ...changes,
  });
  t.after(() => connection.close());
  return connection;
}

export const fetchOver = (connection: CacheConnection): Promise<FetchOutcome> =>
  new Promise((resolve) => connection.fetch(resolve));

/** What one poll of a server with this behaviour yields. */
export async function poll(
  t: TestContext,
  onSocket: (socket: Socket) => void,
  changes: Partial<ConnectionOptions> = {},
): Promise<FetchOutcome> {
  const { port } = await tcpServer(t, onSocket);
  return fetchOver(connectTo(t, `http://127.0.0.1:${port}/_astats`, changes));
}

export function answered(outcome: FetchOutcome): { body: string; contentType: string } {
  if (outcome.kind === 'failure') throw new Error(`no answer: ${outcome.failure.text}`);
  return { body: outcome.body.toString(), contentType: outcome.contentType };
}

export function failed(outcome: FetchOutcome): { class: FailureClass; text: string } {
  if (outcome.kind === 'answer') throw new Error(`an answer of ${outcome.body.length} bytes, not a failure`);
  return outcome.failure;
}

export const head = (length: number, extra = '', status = '200 OK'): string =>
  `HTTP/1.1 ${status}\r\nContent-Type: text/json\r\nContent-Length: ${length}\r\n${extra}\r\n`;

export const says =
  (...parts: (string | Buffer)[]) =>
  (socket: Socket): void =>
    onRequest(socket, () => {
      for (const part of parts) socket.write(part);
    });

export const saysAndEnds =
  (...parts: (string | Buffer)[]) =>
  (socket: Socket): void =>
    onRequest(socket, () => socket.end(Buffer.concat(parts.map((part) => Buffer.from(part)))));

/** Bytes without an end, as fast as they are read. */
export const pour =
  (before: string, chunk: string | Buffer) =>
  (socket: Socket): void =>
    onRequest(socket, () => {
      const more = (): void => {
        while (!socket.destroyed && socket.write(chunk));
        if (!socket.destroyed) socket.once('drain', more);
      };
      socket.write(before);
      more();
    });
