import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { CrConfigDocument } from './crconfig-document.ts';
import { portOf } from './listening.ts';
import type { MonitoringDocument } from './monitoring-document.ts';
import { inVersion4, type ServerRecord } from './server-list.ts';
import { ServedDocument } from './traffic-ops-document.ts';
import {
  alertReply,
  bodyReply,
  documentReply,
  jsonReply,
  type Reply,
  sendReply,
} from './traffic-ops-reply.ts';
import { type DocumentName, documentNameOf, hasSession, isLogin } from './traffic-ops-request.ts';

/**
 * `refuse`: nobody listens. `error`: 500 for everything. `garbage`: a proxy's page with status 200. `deny-login`:
 * right credentials are wrong. `hang`: takes requests and never answers.
 */
export type TrafficOpsMode = 'up' | 'refuse' | 'error' | 'garbage' | 'deny-login' | 'hang';

/** What Traffic Ops tells; a `World` is one. */
export interface TrafficOpsContent {
  readonly cdn: string;
  readonly monitoring: MonitoringDocument;
  readonly snapshot: CrConfigDocument;
  readonly servers: readonly ServerRecord[];
}

export interface TrafficOpsOptions {
  /** Absent: 127.0.0.1. */
  readonly address?: string;
  /** 0 or absent: a free one. It keeps the port when it refuses and comes back. */
  readonly port?: number;
  readonly username?: string;
  readonly password?: string;
  /** Any other version is answered with 501. */
  readonly versions?: readonly string[];
  /** ETag and If-None-Match on both documents. The real one has none on these routes. */
  readonly etags?: boolean;
  readonly mode?: TrafficOpsMode;
}

/** Requests so far, by what was asked for. */
export interface TrafficOpsCounts {
  requests: number;
  login: number;
  loginDenied: number;
  unauthorized: number;
  unsupportedVersion: number;
  servers: number;
  monitoring: number;
  snapshot: number;
  notModified: number;
}

const LOOPBACK = '127.0.0.1';

/** The five routes of Traffic Ops that a monitor uses, with switches for everything that can be wrong with them. */
export class SimulatedTrafficOps {
  readonly address: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly counts: TrafficOpsCounts = {
    requests: 0,
    login: 0,
    loginDenied: 0,
    unauthorized: 0,
    unsupportedVersion: 0,
    servers: 0,
    monitoring: 0,
    snapshot: 0,
    notModified: 0,
  };
  /** A document answered with this status instead, for outages of one route. */
  readonly failures = new Map<DocumentName, number>();
  #server: Server | null;
  #mode: TrafficOpsMode = 'up';
  #session = 1;
  #content: TrafficOpsContent;
  #documents: Readonly<Record<DocumentName, ServedDocument>>;
  readonly #versions: readonly string[];
  readonly #etags: boolean;
  #changing: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(server: Server, content: TrafficOpsContent, options: TrafficOpsOptions) {
    this.#server = server;
    this.address = options.address ?? LOOPBACK;
    this.port = portOf(server);
    this.username = options.username ?? 'monitor';
    this.password = options.password ?? 'simulated';
    this.#versions = options.versions ?? ['5.0', '4.1', '4.0'];
    this.#etags = options.etags ?? false;
    this.#content = content;
    this.#documents = documentsOf(content);
    server.on('request', (request, response) => this.#answer(request, response));
  }

  /** Starts to listen. */
  static async start(
    content: TrafficOpsContent,
    options: TrafficOpsOptions = {},
  ): Promise<SimulatedTrafficOps> {
    const trafficOps = new SimulatedTrafficOps(
      await listen(options.address ?? LOOPBACK, options.port ?? 0),
      content,
      options,
    );
    await trafficOps.setMode(options.mode ?? 'up');
    return trafficOps;
  }

  get url(): string {
    return `http://${this.address}:${this.port}`;
  }

  get mode(): TrafficOpsMode {
    return this.#mode;
  }

  /** What is served now. */
  get content(): TrafficOpsContent {
    return this.#content;
  }

  /** Serves other documents. The date of the snapshot always grows, as it does with each snapshot taken. */
  replace(content: TrafficOpsContent): void {
    const date = Math.max(content.snapshot.stats.date, this.#content.snapshot.stats.date + 1);
    const snapshot = { ...content.snapshot, stats: { ...content.snapshot.stats, date } };
    this.#content = { ...content, snapshot };
    this.#documents = documentsOf(this.#content);
  }

  /** Serves exactly these, for documents that are older, of another CDN, or no documents at all. */
  serveVerbatim(documents: Partial<Record<DocumentName, unknown>>): void {
    this.#documents = {
      monitoring:
        'monitoring' in documents ? new ServedDocument(documents.monitoring) : this.#documents.monitoring,
      snapshot: 'snapshot' in documents ? new ServedDocument(documents.snapshot) : this.#documents.snapshot,
    };
  }

  /** Resolves when the port is open or closed as the mode says. */
  setMode(mode: TrafficOpsMode): Promise<void> {
    this.#mode = mode;
    // One that failed has told so already; the next one may well succeed.
    this.#changing = this.#changing.catch(() => {}).then(() => this.#openOrClose());
    return this.#changing;
  }

  /** Every cookie given out so far stops working. */
  expireSessions(): void {
    this.#session++;
  }

  /** Ends at once; may be called again. */
  close(): Promise<void> {
    this.#closed = true;
    return this.setMode('refuse');
  }

  async #openOrClose(): Promise<void> {
    const open = this.#mode !== 'refuse' && !this.#closed;
    if (open && this.#server === null) {
      this.#server = await listen(this.address, this.port);
      this.#server.on('request', (request, response) => this.#answer(request, response));
    } else if (!open && this.#server !== null) {
      const server = this.#server;
      this.#server = null;
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    }
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.counts.requests++;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => {});
    request.on('end', () => {
      if (this.#mode !== 'hang') sendReply(response, this.#reply(request, Buffer.concat(chunks).toString()));
    });
  }

  #reply(request: IncomingMessage, body: string): Reply {
    if (this.#mode === 'error') return alertReply(500, 'Internal Server Error');
    if (this.#mode === 'garbage') {
      return { ...bodyReply('<html>Bad gateway</html>'), headers: { 'Content-Type': 'text/html' } };
    }
    const [path, query] = (request.url ?? '/').split('?', 2);
    const [, version, route] = /^\/api\/([^/]+)\/(.+?)\/?$/.exec(path ?? '') ?? [];
    if (version === undefined || route === undefined) return notFound;
    if (!this.#versions.includes(version)) {
      this.counts.unsupportedVersion++;
      return alertReply(501, 'Requested API version is not supported by this server.');
    }
    if (route === 'ping') return bodyReply('{"ping":"pong"}');
    if (route === 'user/login') return this.#login(request.method, body);
    if (!hasSession(request, this.#session)) {
      this.counts.unauthorized++;
      return alertReply(401, 'Unauthorized, please log in.');
    }
    if (route === 'servers') return this.#servers(request, version, new URLSearchParams(query));
    const name = documentNameOf(route, this.#content.cdn);
    return name === null ? notFound : this.#document(request, name);
  }

  #login(method: string | undefined, body: string): Reply {
    this.counts.login++;
    const known = this.#mode !== 'deny-login' && isLogin(body, this.username, this.password);
    if (method !== 'POST' || !known) {
      this.counts.loginDenied++;
      return alertReply(401, 'Invalid username or password.');
    }
    const expires = new Date(Date.now() + 3_600_000).toUTCString();
    const cookie = `mojolicious=session-${this.#session}; Path=/; Expires=${expires}; Max-Age=3600; HttpOnly`;
    return alertReply(200, 'Successfully logged in.', { 'Set-Cookie': cookie });
  }

  #servers(request: IncomingMessage, version: string, query: URLSearchParams): Reply {
    this.counts.servers++;
    const wanted = query.get('hostName');
    const found = this.#content.servers.filter((server) => wanted === null || server.hostName === wanted);
    const servers = version.startsWith('4') ? found.map(inVersion4) : found;
    return jsonReply(request, { response: servers, summary: { count: servers.length } });
  }

  #document(request: IncomingMessage, name: DocumentName): Reply {
    this.counts[name]++;
    const failure = this.failures.get(name);
    if (failure !== undefined) return alertReply(failure, 'simulated failure');
    const reply = documentReply(request, this.#documents[name], this.#etags);
    if (reply.status === 304) this.counts.notModified++;
    return reply;
  }
}

const notFound = alertReply(404, 'Resource not found.');

function documentsOf(content: TrafficOpsContent): Record<DocumentName, ServedDocument> {
  return {
    monitoring: new ServedDocument(content.monitoring),
    snapshot: new ServedDocument(content.snapshot),
  };
}

function listen(host: string, port: number): Promise<Server> {
  const server = createServer({ keepAliveTimeout: 120_000 });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, exclusive: true }, () => {
      server.off('error', reject);
      resolve(server);
    });
  });
}
