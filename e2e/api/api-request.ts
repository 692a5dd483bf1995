/** What a request to the API server is about, as its URL says. */
export interface ApiRequest {
  /** As RBAC has it: get, list, watch, create, update, patch, delete, deletecollection. */
  readonly verb: string;
  /** `pods`, `statefulsets.apps`, `statefulsets.apps/status`; the path itself when it names no resource. */
  readonly resource: string;
  readonly namespace: string | null;
  readonly name: string | null;
}

/** Reads method and URL as the API server does. */
export function readApiRequest(method: string, url: string): ApiRequest {
  const { pathname, searchParams } = new URL(url, 'http://api');
  const [root, ...rest] = pathname.split('/').filter((part) => part !== '');
  const group = root === 'apis' ? (rest.shift() ?? '') : '';
  // The version.
  rest.shift();
  const inNamespace = rest[0] === 'namespaces' && rest.length > 2;
  const namespace = inNamespace ? (rest.splice(0, 2)[1] ?? null) : null;
  const [kind, name = null, subresource] = rest;
  if ((root !== 'api' && root !== 'apis') || kind === undefined) {
    return { verb: method.toLowerCase(), resource: pathname, namespace: null, name: null };
  }
  const watches = ['true', '1'].includes(searchParams.get('watch') ?? '');
  const full = group === '' ? kind : `${kind}.${group}`;
  return {
    verb: verbOf(method, name !== null, watches),
    resource: subresource === undefined ? full : `${full}/${subresource}`,
    namespace,
    name,
  };
}

function verbOf(method: string, named: boolean, watches: boolean): string {
  if (method === 'GET') {
    if (watches) return 'watch';
    return named ? 'get' : 'list';
  }
  if (method === 'DELETE') return named ? 'delete' : 'deletecollection';
  const verbs: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch' };
  return verbs[method] ?? method.toLowerCase();
}
