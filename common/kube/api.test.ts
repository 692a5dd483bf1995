import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until } from '../../monitor/testing/waiting.ts';
import { KubeApi } from './api.ts';
import {
  AbandonedError,
  ApiError,
  isAlreadyExists,
  isConflict,
  isNotFound,
  UnreachableError,
  UnreadableError,
} from './api-error.ts';
import type { Credentials } from './credentials.ts';
import { CONFIG_MAPS } from './resource.ts';
import type { Fault } from './testing/fake-api-server.ts';
import { configMap, fakeApi, MAPS_PATH, NAMESPACE, plainCredentials } from './testing/harness.ts';
import { KubeTransport } from './transport.ts';

const AT = { namespace: NAMESPACE, name: 'a' };

/** The first `count` requests meet the fault. */
const first = (count: number, fault: Fault) => {
  let left = count;
  return () => (left-- > 0 ? fault : null);
};

describe('an object of the API server', () => {
  test('is created, read, replaced and deleted', async (t) => {
    const { api } = await fakeApi(t);
    const created = await api.create(CONFIG_MAPS, configMap('a', '1'));
    const replaced = await api.replace(CONFIG_MAPS, { ...created, data: { value: '2' } });
    assert.notEqual(replaced.metadata.resourceVersion, created.metadata.resourceVersion);
    assert.deepEqual((await api.get(CONFIG_MAPS, AT)).data, { value: '2' });
    await api.delete(CONFIG_MAPS, AT);
    await assert.rejects(api.get(CONFIG_MAPS, AT), (error) => isNotFound(error));
  });

  test('is not replaced by who read an older one, nor created twice', async (t) => {
    const { api } = await fakeApi(t);
    const created = await api.create(CONFIG_MAPS, configMap('a', '1'));
    await api.replace(CONFIG_MAPS, { ...created, data: { value: '2' } });
    await assert.rejects(
      api.replace(CONFIG_MAPS, { ...created, data: { value: '3' } }),
      (error) => isConflict(error) && !isAlreadyExists(error),
    );
    await assert.rejects(
      api.create(CONFIG_MAPS, configMap('a', '4')),
      (error) => isAlreadyExists(error) && !isConflict(error),
    );
  });

  test('comes without managedFields', async (t) => {
    const { api, server } = await fakeApi(t);
    const managed = { name: 'a', namespace: NAMESPACE, managedFields: [{ manager: 'kubectl' }] };
    server.objects.put(MAPS_PATH, { metadata: managed });
    assert.ok(!('managedFields' in (await api.get(CONFIG_MAPS, AT)).metadata));
  });
});

describe('requests on the wire', () => {
  const cases: [what: string, send: (api: KubeApi) => Promise<unknown>, expected: object][] = [
    [
      'server-side apply',
      (api) => api.apply(CONFIG_MAPS, configMap('a', '1'), { fieldManager: 'op', force: true }),
      {
        method: 'PATCH',
        url: `${MAPS_PATH}/a?fieldManager=op&force=true`,
        type: 'application/apply-patch+yaml',
        body: {
          metadata: { name: 'a', namespace: 'cdn' },
          data: { value: '1' },
          apiVersion: 'v1',
          kind: 'ConfigMap',
        },
      },
    ],
    [
      'merge patch of a status',
      (api) => api.mergePatch(CONFIG_MAPS, AT, { data: { value: null } }, { subresource: 'status' }),
      {
        method: 'PATCH',
        url: `${MAPS_PATH}/a/status`,
        type: 'application/merge-patch+json',
        body: { data: { value: null } },
      },
    ],
    [
      'delete with conditions',
      (api) => api.delete(CONFIG_MAPS, AT, { preconditions: { uid: 'u' }, propagationPolicy: 'Orphan' }),
      {
        method: 'DELETE',
        url: `${MAPS_PATH}/a`,
        type: 'application/json',
        body: {
          kind: 'DeleteOptions',
          apiVersion: 'v1',
          preconditions: { uid: 'u' },
          propagationPolicy: 'Orphan',
        },
      },
    ],
    [
      'a dry run',
      (api) =>
        api.apply(CONFIG_MAPS, configMap('a', '1'), { fieldManager: 'op', force: false, isDryRun: true }),
      {
        method: 'PATCH',
        url: `${MAPS_PATH}/a?fieldManager=op&force=false&dryRun=All`,
        type: 'application/apply-patch+yaml',
        body: {
          metadata: { name: 'a', namespace: 'cdn' },
          data: { value: '1' },
          apiVersion: 'v1',
          kind: 'ConfigMap',
        },
      },
    ],
  ];
  for (const [what, send, expected] of cases) {
    test(what, async (t) => {
      const { api, server } = await fakeApi(t);
      server.fault = () => ({ kind: 'text', text: '{"metadata":{"name":"a"}}' });
      await send(api);
      const [request] = server.requests;
      assert.ok(request !== undefined);
      const query = String(request.query);
      assert.deepEqual(
        {
          method: request.method,
          url: query === '' ? request.path : `${request.path}?${query}`,
          type: request.headers['content-type'],
          body: JSON.parse(request.body),
        },
        expected,
      );
      assert.equal(request.headers.authorization, 'Bearer test');
      assert.equal(request.headers['user-agent'], 'test/1');
    });
  }

  test('a hundred calls one after the other share connections', async (t) => {
    const { api, server } = await fakeApi(t);
    for (let call = 0; call < 100; call++) await api.list(CONFIG_MAPS, { namespace: NAMESPACE });
    // The next call may come before the connection of the last one is back.
    assert.ok(server.connections <= 2, `${server.connections} connections`);
  });

  test('what has a namespace cannot be named without one', async (t) => {
    const { api } = await fakeApi(t);
    await assert.rejects(api.get(CONFIG_MAPS, { name: 'a' }), { message: 'ConfigMap a: no namespace given' });
  });
});

describe('an API server in trouble', () => {
  const refusals: [fault: Fault, message: RegExp][] = [
    [{ kind: 'status', code: 403, reason: 'Forbidden' }, /^GET \/api\/v1\/\S+\/a: 403 Forbidden told to$/],
    [{ kind: 'status', code: 500, reason: 'InternalError' }, /: 500 InternalError told to$/],
    // More than the deadline allows to wait for.
    [
      { kind: 'status', code: 429, reason: 'TooManyRequests', retryAfter: '100' },
      /: 429 TooManyRequests told to$/,
    ],
  ];
  for (const [fault, message] of refusals) {
    test(`that answers ${JSON.stringify(fault)} is not asked again`, async (t) => {
      const { api, server } = await fakeApi(t);
      server.fault = () => fault;
      await assert.rejects(api.get(CONFIG_MAPS, AT), (error) => {
        assert.ok(error instanceof ApiError);
        assert.match(error.message, message);
        return true;
      });
      assert.equal(server.requests.length, 1);
    });
  }

  for (const code of [429, 503]) {
    test(`that asks for patience with ${code} gets the pause that it asked for, then the request`, async (t) => {
      const { server, transport } = await fakeApi(t);
      server.objects.put(MAPS_PATH, configMap('a', '1'));
      server.fault = first(2, { kind: 'status', code, retryAfter: '7' });
      const pauses: number[] = [];
      const clock = { now: () => 0, sleep: async (ms: number) => void pauses.push(ms) };
      const api = new KubeApi({ transport, limit: null, clock });
      assert.deepEqual((await api.get(CONFIG_MAPS, AT)).data, { value: '1' });
      assert.deepEqual([pauses, server.requests.length], [[7000, 7000], 3]);
    });
  }

  test('that closes a kept connection is asked again, but for a creation', async (t) => {
    const { api, server } = await fakeApi(t);
    await api.create(CONFIG_MAPS, configMap('a', '1'));
    server.fault = first(1, { kind: 'reset' });
    await api.get(CONFIG_MAPS, AT);
    server.fault = first(1, { kind: 'reset' });
    await assert.rejects(api.create(CONFIG_MAPS, configMap('b', '1')), UnreachableError);
  });

  test('that never answers is given up at the deadline', async (t) => {
    const { api, server } = await fakeApi(t);
    server.fault = () => ({ kind: 'hang' });
    await assert.rejects(api.get(CONFIG_MAPS, AT, { deadlineMs: 50 }), {
      name: 'UnreachableError',
      message: `GET ${MAPS_PATH}/a: no whole answer within 50 ms`,
    });
  });

  test('that is not there is unreachable, with the reason', async () => {
    const credentials = plainCredentials('http://127.0.0.1:1');
    const api = new KubeApi({
      transport: new KubeTransport({ credentials, userAgent: 'test/1' }),
      limit: null,
    });
    await assert.rejects(api.get(CONFIG_MAPS, AT), {
      name: 'UnreachableError',
      message: `GET ${MAPS_PATH}/a: connect ECONNREFUSED 127.0.0.1:1`,
    });
  });

  for (const text of ['<html>', '[]', '{"kind":"ConfigMap"}']) {
    test(`that answers ${text} is none`, async (t) => {
      const { api, server } = await fakeApi(t);
      server.fault = () => ({ kind: 'text', text });
      await assert.rejects(api.get(CONFIG_MAPS, AT), UnreadableError);
    });
  }

  test('is not waited for by who stops', async (t) => {
    const { api, server } = await fakeApi(t);
    server.fault = () => ({ kind: 'hang' });
    const stop = new AbortController();
    const call = api.get(CONFIG_MAPS, AT, { signal: stop.signal });
    await until('the request is there', () => server.requests.length === 1);
    stop.abort();
    await assert.rejects(call, AbandonedError);
  });
});

describe('credentials', () => {
  /** A token that is replaced when it is forgotten. */
  function renewable(server: string): Credentials {
    let number = 1;
    const tls = {};
    return {
      server,
      access: async () => ({ headers: { authorization: `Bearer ${number}` }, tls }),
      forget: () => {
        number += 1;
      },
    };
  }

  test('that are not believed are read anew, once', async (t) => {
    const { server } = await fakeApi(t);
    server.objects.put(MAPS_PATH, configMap('a', '1'));
    const transport = new KubeTransport({ credentials: renewable(server.url), userAgent: 'test/1' });
    t.after(() => transport.close());
    const api = new KubeApi({ transport, limit: null });
    server.fault = ({ headers }) =>
      headers.authorization === 'Bearer 2' ? null : { kind: 'status', code: 401, reason: 'Unauthorized' };
    await api.get(CONFIG_MAPS, AT);
    server.fault = () => ({ kind: 'status', code: 401, reason: 'Unauthorized' });
    await assert.rejects(api.get(CONFIG_MAPS, AT), /401 Unauthorized/);
    assert.equal(server.requests.length, 4);
  });

  test('every exchange is counted', async (t) => {
    const { server } = await fakeApi(t);
    const counted: string[] = [];
    const transport = new KubeTransport({
      credentials: plainCredentials(server.url),
      userAgent: 'test/1',
      onExchange: ({ method, code, host }) => void counted.push(`${method} ${code} ${host}`),
    });
    t.after(() => transport.close());
    const api = new KubeApi({ transport, limit: null });
    await api.create(CONFIG_MAPS, configMap('a', '1'));
    server.fault = () => ({ kind: 'hang' });
    await assert.rejects(api.get(CONFIG_MAPS, AT, { deadlineMs: 20 }));
    const host = new URL(server.url).host;
    assert.deepEqual(counted, [`POST 201 ${host}`, `GET <error> ${host}`]);
  });
});
