import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readApiRequest } from './api-request.ts';
import { RequestCounts } from './request-counts.ts';

const requests: readonly (readonly [method: string, url: string])[] = [
  ['GET', '/api/v1/pods?watch=1'],
  ['PATCH', '/api/v1/namespaces/cdn/configmaps/a'],
  ['PATCH', '/api/v1/namespaces/cdn/configmaps/b'],
  ['DELETE', '/api/v1/namespaces/cdn/pods/a'],
];

function count(counts: RequestCounts): RequestCounts {
  return requests.reduce((sum, [method, url]) => sum.with(readApiRequest(method, url)), counts);
}

test('requests are counted by verb and resource, whatever the object is called', () => {
  const counts = count(new RequestCounts());
  assert.deepEqual(counts.all, [
    { verb: 'patch', resource: 'configmaps', count: 2 },
    { verb: 'watch', resource: 'pods', count: 1 },
    { verb: 'delete', resource: 'pods', count: 1 },
  ]);
  assert.equal(counts.total(), 4);
  assert.equal(counts.total('watch', 'delete'), 2);
  assert.equal(counts.writes, 3);
});

test('what came since then leaves out what did not', () => {
  const earlier = count(new RequestCounts());
  const later = earlier.with(readApiRequest('GET', '/api/v1/pods'));
  assert.deepEqual(later.since(earlier).all, [{ verb: 'list', resource: 'pods', count: 1 }]);
  assert.equal(earlier.total(), 4, 'the earlier ones have not changed');
});

test('the table has a rate for each when it is said how long it took', () => {
  const lines = count(new RequestCounts()).describe(30_000).split('\n');
  assert.match(lines[0] ?? '', /patch configmaps +2 +4\.0 a minute$/);
  assert.match(lines.at(-1) ?? '', /all +4 +8\.0 a minute$/);
});
