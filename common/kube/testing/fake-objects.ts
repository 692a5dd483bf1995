import type { KubeObject } from '../objects.ts';

interface Event {
  readonly version: number;
  readonly path: string;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
}

interface Said {
  readonly code: number;
  readonly object: object;
}

/** What the fake API server stores, by path of the collection and name, and what has happened to it. */
export class FakeObjects {
  onEvent: (path: string, type: Event['type'], object: KubeObject) => void = () => {};
  readonly #objects = new Map<string, KubeObject>();
  readonly #events: Event[] = [];
  #version = 1;
  #uid = 0;
  /** Events up to this version are forgotten. */
  #compacted = 0;

  get resourceVersion(): string {
    return String(this.#version);
  }

  /** Creates or changes an object; returns it as stored. */
  put(path: string, object: KubeObject): KubeObject {
    const name = object.metadata?.name ?? '';
    const key = `${path}/${name}`;
    const old = this.#objects.get(key);
    this.#version += 1;
    this.#uid += 1;
    const uid = old?.metadata?.uid ?? `uid-${this.#uid}`;
    const stored = {
      ...object,
      metadata: { ...object.metadata, uid, resourceVersion: this.resourceVersion },
    };
    this.#objects.set(key, stored);
    this.#happened(path, old === undefined ? 'ADDED' : 'MODIFIED', stored);
    return stored;
  }

  remove(path: string, name: string): void {
    const object = this.#objects.get(`${path}/${name}`);
    if (object === undefined) return;
    this.#objects.delete(`${path}/${name}`);
    this.#version += 1;
    const metadata = { ...object.metadata, resourceVersion: this.resourceVersion };
    this.#happened(path, 'DELETED', { ...object, metadata });
  }

  get(path: string, name: string): KubeObject | undefined {
    return this.#objects.get(`${path}/${name}`);
  }

  /** Forgets what has happened so far: whoever watches from before gets 410. */
  compact(): void {
    this.#compacted = this.#version;
    this.#events.length = 0;
  }

  eventsSince(path: string, version: number): Event[] | 'expired' {
    if (version < this.#compacted) return 'expired';
    return this.#events.filter((event) => event.path === path && event.version > version);
  }

  answer({ method, path, query, body }: Asked): Said {
    if (method === 'GET' && isCollection(path)) return this.#list(path, query);
    if (method === 'POST') return this.#create(path, JSON.parse(body) as KubeObject);
    const whole = path.replace(/\/(?:status|scale)$/, '');
    const at = whole.lastIndexOf('/');
    const [collection, name] = [whole.slice(0, at), whole.slice(at + 1)];
    const old = this.get(collection, name);
    if (old === undefined) return refusal(404, 'NotFound');
    if (method === 'GET') return { code: 200, object: old };
    if (method === 'DELETE') {
      this.remove(collection, name);
      return { code: 200, object: { kind: 'Status', status: 'Success' } };
    }
    if (method === 'PUT') return this.#replace(collection, old, JSON.parse(body) as KubeObject);
    if (method === 'PATCH') {
      return { code: 200, object: this.put(collection, merged(old, JSON.parse(body)) as KubeObject) };
    }
    return refusal(405, 'MethodNotAllowed');
  }

  #create(path: string, object: KubeObject): Said {
    if (this.get(path, object.metadata?.name ?? '') !== undefined) return refusal(409, 'AlreadyExists');
    return { code: 201, object: this.put(path, object) };
  }

  #replace(path: string, old: KubeObject, object: KubeObject): Said {
    const wanted = object.metadata?.resourceVersion;
    if (wanted !== undefined && wanted !== old.metadata?.resourceVersion) return refusal(409, 'Conflict');
    return { code: 200, object: this.put(path, object) };
  }

  #list(path: string, query: URLSearchParams): Said {
    const name = query.get('fieldSelector')?.replace('metadata.name=', '');
    const all = [...this.#objects]
      .filter(([key]) => key.slice(0, key.lastIndexOf('/')) === path)
      .map(([, object]) => object)
      .filter((object) => name === undefined || object.metadata?.name === name);
    const start = Number(query.get('continue') ?? 0);
    const end = start + Number(query.get('limit') ?? all.length);
    const more = end < all.length ? { continue: String(end) } : {};
    const metadata = { resourceVersion: this.resourceVersion, ...more };
    return { code: 200, object: { metadata, items: all.slice(start, end) } };
  }

  #happened(path: string, type: Event['type'], object: KubeObject): void {
    this.#events.push({ version: this.#version, path, type, object });
    this.onEvent(path, type, object);
  }
}

const isCollection = (path: string): boolean => /\/(?:configmaps|leases|events)$/.test(path);

const refusal = (code: number, reason: string): Said => ({
  code,
  object: { kind: 'Status', code, reason, message: reason },
});

/** JSON merge patch. */
function merged(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const result: Record<string, unknown> = { ...(target as object | undefined) };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  }
  return result;
}
