import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readApiRequest } from './api-request.ts';

describe('a request to the API server is read from its URL', () => {
  const tmg = '/apis/trafficcontrol.cdn/v1alpha1/namespaces/cdn/trafficmonitorgroups';
  const kind = 'trafficmonitorgroups.trafficcontrol.cdn';
  const table: readonly [
    method: string,
    url: string,
    verb: string,
    resource: string,
    namespace: string | null,
    name: string | null,
  ][] = [
    ['GET', '/api/v1/pods', 'list', 'pods', null, null],
    ['GET', '/api/v1/pods?watch=true&resourceVersion=7', 'watch', 'pods', null, null],
    ['GET', '/api/v1/namespaces/cdn/pods?watch=1', 'watch', 'pods', 'cdn', null],
    ['GET', '/api/v1/namespaces/cdn/pods/emea-0', 'get', 'pods', 'cdn', 'emea-0'],
    ['GET', '/api/v1/namespaces/cdn/pods/emea-0/log', 'get', 'pods/log', 'cdn', 'emea-0'],
    ['GET', '/api/v1/namespaces/cdn', 'get', 'namespaces', null, 'cdn'],
    ['GET', '/api/v1/namespaces', 'list', 'namespaces', null, null],
    ['POST', '/api/v1/namespaces/cdn/configmaps', 'create', 'configmaps', 'cdn', null],
    ['PATCH', `${tmg}/emea?fieldManager=x&force=true`, 'patch', kind, 'cdn', 'emea'],
    ['PATCH', `${tmg}/emea/status`, 'patch', `${kind}/status`, 'cdn', 'emea'],
    [
      'PUT',
      '/apis/coordination.k8s.io/v1/namespaces/cdn/leases/a',
      'update',
      'leases.coordination.k8s.io',
      'cdn',
      'a',
    ],
    [
      'DELETE',
      '/apis/apps/v1/namespaces/cdn/statefulsets/emea',
      'delete',
      'statefulsets.apps',
      'cdn',
      'emea',
    ],
    [
      'DELETE',
      '/apis/apps/v1/namespaces/cdn/statefulsets',
      'deletecollection',
      'statefulsets.apps',
      'cdn',
      null,
    ],
    ['GET', '/apis', 'get', '/apis', null, null],
    ['GET', '/readyz?verbose', 'get', '/readyz', null, null],
  ];
  for (const [method, url, verb, resource, namespace, name] of table) {
    test(`${method} ${url}`, () => {
      assert.deepEqual(readApiRequest(method, url), { verb, resource, namespace, name });
    });
  }
});
