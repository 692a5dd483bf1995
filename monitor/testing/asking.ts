import { type IncomingHttpHeaders, request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { connect } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

export interface Question {
  readonly port: number;
  /** As it goes over the wire, clean or not. */
  readonly path?: string;
  readonly host?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Over HTTPS, trusting these certificates; none: any. */
  readonly ca?: Buffer;
  readonly secure?: boolean;
  readonly timeoutMs?: number;
}

/** Asks once over a connection of its own; rejects as a client would. Redirects are not followed. */
export function ask(question: Question): Promise<Answer> {
  const {
    port,
    path = '/',
    host = '127.0.0.1',
    method = 'GET',
    headers = {},
    ca,
    timeoutMs = 10_000,
  } = question;
  const signal = AbortSignal.timeout(timeoutMs);
  const plain = { host, port, path, method, headers, agent: false, signal } as const;
  return new Promise((resolve, reject) => {
    const trust = ca === undefined ? { rejectUnauthorized: false } : { ca, servername: 'monitor.cdn.test' };
    const outgoing = question.secure === true ? secureRequest({ ...plain, ...trust }) : request(plain);
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const body = Buffer.concat(chunks);
        const { statusCode: status = 0 } = response;
        resolve({ status, headers: response.headers, body, text: body.toString() });
      });
    });
    outgoing.end();
  });
}

/** Sends bytes as they are and gives what comes back until the other side hangs up, or for `ms` at most. */
export function askRaw(port: number, text: string, ms = 1000): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect({ host: '127.0.0.1', port });
    const timer = setTimeout(() => socket.destroy(), ms);
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1');
    });
    // What had come by then is the answer.
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(answer);
    });
    socket.write(text, 'latin1');
  });
}
