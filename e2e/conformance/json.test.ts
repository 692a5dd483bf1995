import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEqual, lookUp, mergePatch, parseJson, patchMonitoring } from './json.ts';

test('mergePatch merges objects, replaces the rest and removes on null', () => {
  const merged = mergePatch({ a: 1, b: { c: 2, d: [1] } }, { a: null, b: { d: [2, 3] }, e: 'new' });
  assert.deepEqual(merged, { b: { c: 2, d: [2, 3] }, e: 'new' });
});

test('patchMonitoring patches named lists by member', () => {
  const before = { trafficServers: [{ hostName: 'a', port: 1 }, { hostName: 'b' }], config: { x: 1, y: 2 } };
  const after = patchMonitoring(before, {
    trafficServers: { a: { port: 2 }, b: null, c: { port: 3 } },
    config: { y: null },
  });
  assert.deepEqual(after, {
    trafficServers: [
      { hostName: 'a', port: 2 },
      { hostName: 'c', port: 3 },
    ],
    config: { x: 1 },
  });
  assert.equal(before.trafficServers.length, 2, 'the old document is left alone');
});

test('lookUp follows JSON pointers with escapes', () => {
  const document = { a: [{ 'b/c': 1, 'd~e': 2 }] };
  assert.equal(lookUp(document, '/a/0/b~1c'), 1);
  assert.equal(lookUp(document, '/a/0/d~0e'), 2);
  assert.equal(lookUp(document, '/a/1/x'), undefined);
  assert.equal(lookUp(document, ''), document);
});

test('isEqual ignores key order and minds array order', () => {
  assert.ok(isEqual({ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }));
  assert.ok(!isEqual([1, 2], [2, 1]));
  assert.ok(!isEqual({ a: 1 }, { a: 1, b: undefined }));
  assert.ok(!isEqual({}, []));
});

test('parseJson gives undefined for what is not JSON', () => {
  assert.equal(parseJson('<html>'), undefined);
  assert.equal(parseJson('null'), null);
});
