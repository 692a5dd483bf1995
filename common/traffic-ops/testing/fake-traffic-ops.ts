import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { CDN, crConfigText, MONITOR, monitoringDocument } from './fixtures.ts';

/** What to do with a request instead of answering it well: a status with a body, no answer, or half of one. */
export type Fault = { readonly status: number; readonly body?: string } | 'hang' | 'stall' | 'reset';

/** A Traffic Ops on loopback whose state tests change at will. */
export class FakeTrafficOps {
  versions = ['5.0', '4.1', '4.0'];
  cdn = CDN;
  /** Sessions of an earlier number have expired. */
  session = 1;
  password = 'secret';
  monitoring = JSON.stringify(monitoringDocument());
  snapshot = crConfigText(100);
  servers: readonly object[] = [
    { hostName: MONITOR, cdnID: 2, cdn: CDN, cdnName: CDN, profileNames: ['RASCAL1'] },
  ];
  /** First match of a part of the URL. */
  faults: Record<string, Fault> = {};
  /** Answer with these headers, and with 304 to whoever knows them. */
  etags = false;
  keepAlive = true;
  /** Compresses bodies, if set. */
  gzip: ((body: string) => Buffer) | undefined;
  readonly requests: {
    readonly line: string;
    readonly headers: http.IncomingHttpHeaders;
    readonly status: number;
  }[] = [];

  #server: http.Server | undefined;
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** `GET /api/5.0/…` of all requests so far. */
  get lines(): string[] {
    return this.requests.map(({ line }) => line);
  }

  async open(): Promise<void> {
    const server = http.createServer((request, response) => this.#receive(request, response));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = portOf(server);
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  closeIdle(): void {
    this.#server?.closeIdleConnections();
  }

  #receive(request: http.IncomingMessage, response: http.ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url = '', headers } = request;
      const fault = Object.entries(this.faults).find(([part]) => url.includes(part))?.[1];
      const answer = fault ?? this.#answer(`${method} ${url}`, headers, Buffer.concat(chunks).toString());
      const status = typeof answer === 'string' ? 0 : answer.status;
      this.requests.push({ line: `${method} ${url}`, headers, status });
      if (answer === 'reset') return void request.socket.resetAndDestroy();
      if (answer === 'hang') return;
      if (answer === 'stall')
        return void response.writeHead(200, { 'Content-Length': 1000 }).write('{"response":');
      response.writeHead(answer.status, {
        'Set-Cookie': `mojolicious=s${this.session}; Path=/; HttpOnly`,
        ...(this.keepAlive ? {} : { Connection: 'close' }),
        ...(this.gzip ? { 'Content-Encoding': 'gzip' } : {}),
        ...(this.etags ? { ETag: etagOf(answer.body) } : {}),
      });
      response.end(this.gzip ? this.gzip(answer.body ?? '') : answer.body);
    });
  }

  #answer(line: string, headers: http.IncomingHttpHeaders, body: string): { status: number; body: string } {
    const [, version = '', path = ''] = /\/api\/([^/]+)\/(.*)$/.exec(line) ?? [];
    if (!this.versions.includes(version)) return alert(501, 'Requested API version is not supported.');
    if (path === 'user/login') {
      return body.includes(this.password)
        ? alert(200, 'Successfully logged in.')
        : alert(401, 'Invalid password.');
    }
    if (!headers.cookie?.includes(`mojolicious=s${this.session}`))
      return alert(401, 'Unauthorized, please log in.');
    const found = this.#find(path);
    if (found === undefined) return alert(404, 'Not found.');
    const answer = { status: 200, body: `{"alerts":[],"response":${found}}` };
    if (this.etags && headers['if-none-match'] === etagOf(answer.body)) return { status: 304, body: '' };
    return answer;
  }

  #find(path: string): string | undefined {
    if (path.startsWith('servers?hostName=')) return JSON.stringify(this.servers);
    if (path === `cdns/${encodeURIComponent(this.cdn)}/configs/monitoring`) return this.monitoring;
    return path === `cdns/${encodeURIComponent(this.cdn)}/snapshot` ? this.snapshot : undefined;
  }
}

function alert(status: number, text: string) {
  const level = status === 200 ? 'success' : 'error';
  return { status, body: JSON.stringify({ alerts: [{ level, text }] }) };
}

function etagOf(body: string | undefined): string {
  return `"${body?.length}"`;
}

function portOf(server: http.Server): number {
  const address: AddressInfo | string | null = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
