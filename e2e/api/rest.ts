import { Agent, request } from 'undici';
import type { Access } from './users.ts';

/** What the API server answered; `body` is `null` when it was not JSON. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
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
  readonly #access: Access;
  readonly #agent: Agent;

  constructor(access: Access) {
    this.#access = access;
    this.#agent = restAgent(access.authority);
  }

  /** One request. Throws when there is no answer at all. */
  async ask(method: string, path: string, body?: unknown, contentType = 'application/json'): Promise<Answer> {
    const { statusCode, body: stream } = await request(`${this.#access.server}${path}`, {
      method,
      dispatcher: this.#agent,
      signal: AbortSignal.timeout(limitMs),
      headers: { authorization: `Bearer ${this.#access.token}`, 'content-type': contentType },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await stream.text();
    return { status: statusCode, body: parse(text) };
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

  close(): Promise<void> {
    return this.#agent.destroy();
  }
}

/** Over HTTP/2, undici may wait for ever for a server that has said that it goes. */
export function restAgent(authority: string): Agent {
  return new Agent({ allowH2: false, connect: { ca: authority } });
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
