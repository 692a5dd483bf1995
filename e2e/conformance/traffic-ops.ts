import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { type Json, type JsonObject, parseJson } from './json.ts';
import { LoopbackServer } from './loopback-server.ts';

export type TrafficOpsMode = 'up' | 'refuse' | 'error' | 'garbage' | 'denyLogin';

export interface TrafficOpsSpec {
  readonly cdn: string;
  readonly user?: string;
  readonly password?: string;
  readonly mode?: TrafficOpsMode;
  /** API versions that it speaks. */
  readonly versions?: readonly string[];
  /** Keys of servers that differ from the kit's default record. */
  readonly servers?: readonly JsonObject[];
}

const requestKinds = ['login', 'monitoring', 'snapshot', 'servers', 'ping', 'denied'] as const;
export type RequestKind = (typeof requestKinds)[number];

const sessionMs = 3_600_000;

/** A Traffic Ops that wants its login and its cookie, and answers what a monitor asks. */
export class TrafficOps {
  readonly user: string;
  readonly password: string;
  readonly counts = new Map<RequestKind, number>(requestKinds.map((kind) => [kind, 0]));
  monitoring: Json = null;
  snapshot: Json = null;
  servers: readonly JsonObject[] = [];
  readonly #cdn: string;
  readonly #versions: readonly string[];
  readonly #port: number;
  #mode: TrafficOpsMode;
  #server: LoopbackServer | null = null;
  #session = 1;

  constructor(spec: TrafficOpsSpec, port: number) {
    this.user = spec.user ?? 'tm-user';
    this.password = spec.password ?? 'tm-secret';
    this.#cdn = spec.cdn;
    this.#versions = spec.versions ?? ['5.0', '4.1', '4.0'];
    this.#mode = spec.mode ?? 'up';
    this.#port = port;
  }

  async open(): Promise<void> {
    if (this.#server !== null || this.#mode === 'refuse') return;
    this.#server = new LoopbackServer('127.0.0.1', (request, response) => this.#receive(request, response));
    await this.#server.open(this.#port);
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    await server?.close();
  }

  async setMode(mode: TrafficOpsMode | 'expire'): Promise<void> {
    if (mode === 'expire') {
      // Every cookie so far stops working.
      this.#session++;
      return;
    }
    this.#mode = mode;
    await (mode === 'refuse' ? this.close() : this.open());
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => send(response, this.#answer(request, Buffer.concat(chunks).toString())));
    // A monitor that goes away in the middle of a request is no fault of the world.
    request.on('error', () => {});
  }

  #answer(request: IncomingMessage, body: string): Answer {
    const url = new URL(request.url ?? '/', 'http://traffic-ops');
    const [, version = '', rest = ''] = /^\/api\/([^/]+)\/(.*?)\/?$/.exec(url.pathname) ?? [];
    if (version === '') return alert(404, 'Not found.');
    if (this.#mode === 'error') return alert(500, 'Internal Server Error');
    if (this.#mode === 'garbage') return { status: 200, body: '<html>gateway</html>' };
    if (!this.#versions.includes(version)) {
      return alert(501, 'Requested API version is not supported by this server.');
    }
    if (rest === 'ping') {
      this.#count('ping');
      return { status: 200, body: { ping: 'pong' } };
    }
    if (rest === 'user/login') return this.#logIn(request, body);
    if (!new RegExp(`(^|;\\s*)mojolicious=s${this.#session}(;|$)`).test(request.headers.cookie ?? '')) {
      return alert(401, 'Unauthorized, please log in.');
    }
    if (rest === 'servers') return this.#listServers(version, url.searchParams.get('hostName'));
    const [, cdn = '', document = ''] = /^cdns\/([^/]+)\/(configs\/monitoring|snapshot)$/.exec(rest) ?? [];
    if (decodeURIComponent(cdn) !== this.#cdn) return alert(404, 'Not found.');
    const kind = document === 'snapshot' ? 'snapshot' : 'monitoring';
    this.#count(kind);
    return { status: 200, body: { response: this[kind] } };
  }

  #logIn(request: IncomingMessage, body: string): Answer {
    this.#count('login');
    const credentials = parseJson(body) as { u?: unknown; p?: unknown } | null | undefined;
    const right = credentials?.u === this.user && credentials.p === this.password;
    if (request.method !== 'POST' || this.#mode === 'denyLogin' || !right) {
      this.#count('denied');
      return alert(401, 'Invalid username or password.');
    }
    const expires = new Date(Date.now() + sessionMs).toUTCString();
    return {
      status: 200,
      body: { alerts: [{ text: 'Successfully logged in.', level: 'success' }] },
      headers: { 'Set-Cookie': `mojolicious=s${this.#session}; Path=/; Expires=${expires}; HttpOnly` },
    };
  }

  #listServers(version: string, hostName: string | null): Answer {
    this.#count('servers');
    const found = this.servers.filter((server) => hostName === null || server['hostName'] === hostName);
    const servers = version.startsWith('4') ? found.map(asVersion4) : found;
    return { status: 200, body: { response: [...servers], summary: { count: servers.length } } };
  }

  #count(kind: RequestKind): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }
}

interface Answer {
  readonly status: number;
  readonly body: JsonObject | string;
  readonly headers?: OutgoingHttpHeaders;
}

function send(response: ServerResponse, { status, body, headers }: Answer): void {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': bytes.length,
    ...headers,
  });
  response.end(bytes);
}

function alert(status: number, text: string): Answer {
  return { status, body: { alerts: [{ level: 'error', text }] } };
}

function asVersion4(server: JsonObject): JsonObject {
  const { cdn = '', cdnID = 1, cacheGroup = '', profiles = [] } = server;
  return { ...server, cdnName: cdn, cdnId: cdnID, cachegroup: cacheGroup, profileNames: profiles };
}

/** A server as Traffic Ops lists it: the kit's default record with some keys laid over. */
export function serverRecord(keys: JsonObject, index: number, cdn: string): JsonObject {
  const address = { address: '127.0.0.1', gateway: null, serviceAddress: true };
  const eth0 = { name: 'eth0', mtu: 1500, monitor: true, maxBandwidth: null, ipAddresses: [address] };
  return {
    cacheGroup: 'cg',
    cacheGroupID: 1,
    cdn,
    cdnID: 1,
    configUpdateFailed: false,
    domainName: 'kit.test',
    guid: null,
    hostName: 'tm',
    httpsPort: 443,
    id: index + 1,
    iloIpAddress: '',
    iloIpGateway: '',
    iloIpNetmask: '',
    iloPassword: '',
    iloUsername: '',
    interfaces: [{ ...eth0, routerHostName: '', routerPortName: '' }],
    lastUpdated: '2024-03-01T10:00:00Z',
    mgmtIpAddress: '',
    mgmtIpGateway: '',
    mgmtIpNetmask: '',
    offlineReason: '',
    physicalLocation: 'pl',
    physicalLocationID: 1,
    profiles: ['RASCAL'],
    rack: '',
    revalUpdateFailed: false,
    status: 'ONLINE',
    statusID: 1,
    tcpPort: 80,
    type: 'RASCAL',
    typeID: 1,
    xmppId: '',
    xmppPasswd: '',
    ...keys,
  };
}
