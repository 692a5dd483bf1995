import { Agent, request } from 'undici';
import type { Credentials, TlsAccess } from '../../common/kube/credentials.ts';
import type { Access } from './users.ts';

/** What the API server answered; `body` is `null` when it was not JSON. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** What something behind the API server answered. */
export interface TextAnswer {
  readonly status: number;
  readonly text: string;
}

/** As much of a Kubernetes object as tests look at. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

const limitMs = 15_000;

/**
 * The tests' own eyes and hands on an API server: plain requests by path, so that what is tested is not also
 * what tests it.
 */
export class Rest {
  readonly #credentials: Credentials;
  #tls: TlsAccess | null = null;
  #agent: Agent | null = null;

  /** @param access of a user with a token, or what a kubeconfig has */
  constructor(access: Access | Credentials) {
    this.#credentials = 'token' in access ? tokenCredentials(access) : access;
  }

  /** One request. Throws when there is no answer at all. */
  async ask(
    method: string,
    path: string,
    body?: unknown,
    contentType = 'application/json',
    accept = 'application/json',
  ): Promise<Answer> {
    const content = body === undefined ? null : JSON.stringify(body);
    const types = { 'content-type': contentType, accept };
    const { status, text } = await this.#send(method, path, content, types, limitMs);
    return { status, body: parse(text) };
  }

  /** What a pod or Service answers, through the API server. Throws when nothing comes in time. */
  askThrough(path: string, timeoutMs: number): Promise<TextAnswer> {
    return this.#send('GET', path, null, { 'content-type': 'application/json' }, timeoutMs);
  }

  async #send(
    method: string,
    path: string,
    body: string | null,
    types: Readonly<Record<string, string>>,
    timeoutMs: number,
  ): Promise<TextAnswer> {
    const { headers, tls } = await this.#credentials.access();
    const answer = await request(`${this.#credentials.server}${path}`, {
      method,
      dispatcher: this.#agentFor(tls),
      signal: AbortSignal.timeout(timeoutMs),
      headers: { ...headers, ...types },
      body,
    });
    return { status: answer.statusCode, text: await answer.body.text() };
  }

  #agentFor(tls: TlsAccess): Agent {
    if (this.#agent !== null && this.#tls === tls) return this.#agent;
    void this.#agent?.close();
    this.#tls = tls;
    this.#agent = agentFor(tls);
    return this.#agent;
  }

  /** What stands at a path; null when there is nothing. */
  async get(path: string): Promise<KubeObject | null> {
    const answer = await this.ask('GET', path);
    return answer.status === 404 ? null : (accepted('GET', path, answer) as KubeObject);
  }

  /** The items of a collection. */
  async list(path: string): Promise<readonly KubeObject[]> {
    const answer = accepted('GET', path, await this.ask('GET', path)) as { items: readonly KubeObject[] };
    return answer.items;
  }

  /** As `list`, but without what the objects hold: for large ones that are asked for often. */
  async listMetadata(path: string): Promise<readonly Pick<KubeObject, 'metadata'>[]> {
    const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
    const answer = accepted('GET', path, await this.ask('GET', path, undefined, undefined, accept));
    return (answer as { items: readonly Pick<KubeObject, 'metadata'>[] | null }).items ?? [];
  }

  async create(path: string, object: unknown): Promise<KubeObject> {
    return accepted('POST', path, await this.ask('POST', path, object)) as KubeObject;
  }

  /** Server-side apply, as a manager of its own. */
  async apply(path: string, object: unknown, manager = 'e2e'): Promise<KubeObject> {
    const query = `?fieldManager=${manager}&force=true`;
    const answer = await this.ask('PATCH', path + query, object, 'application/apply-patch+yaml');
    return accepted('PATCH', path, answer) as KubeObject;
  }

  async mergePatch(path: string, patch: unknown): Promise<KubeObject> {
    const answer = await this.ask('PATCH', path, patch, 'application/merge-patch+json');
    return accepted('PATCH', path, answer) as KubeObject;
  }

  /** Deletes what may be gone already. */
  async delete(path: string, options: unknown = {}): Promise<void> {
    const answer = await this.ask('DELETE', path, options);
    if (answer.status !== 404) accepted('DELETE', path, answer);
  }

  async close(): Promise<void> {
    await this.#agent?.destroy();
    this.#agent = null;
  }
}

export function restAgent(authority: string): Agent {
  return agentFor({ ca: authority });
}

/** Over HTTP/2, undici may wait for ever for a server that has said that it goes. */
function agentFor(tls: TlsAccess): Agent {
  return new Agent({ allowH2: false, connect: { ...tls } });
}

function tokenCredentials({ server, authority, token }: Access): Credentials {
  const access = { headers: { authorization: `Bearer ${token}` }, tls: { ca: authority } };
  return { server, access: async () => access, forget: () => {} };
}

/** The reason that the API server gives in a `Status`. */
export function reasonOf({ status, body }: Answer): string {
  const message = (body as { readonly message?: unknown } | null)?.message;
  return typeof message === 'string' ? message : `status ${status} without a reason`;
}

function accepted(method: string, path: string, answer: Answer): unknown {
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status}: ${reasonOf(answer)}`);
  return answer.body;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
