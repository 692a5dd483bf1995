import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AssignmentDocument } from '../../common/assignment/document.ts';
import { encodeAssignment } from '../../common/assignment/encode-document.ts';
import { cachegroupName, cdnName, groupName } from '../../common/ids.ts';
import type { KubeObject } from '../../common/kube/objects.ts';
import { Store } from '../../common/kube/store.ts';
import { jsonLog } from '../log.ts';
import { DocumentsInForce } from './documents-in-force.ts';

const [a, b] = [groupName('a'), groupName('b')];

const documentOf = (group: typeof a, changes: Partial<AssignmentDocument> = {}): AssignmentDocument => ({
  version: 1,
  revision: 3,
  cdn: cdnName('cdn1'),
  group,
  redundancy: 'All',
  groups: [
    { name: a, cachegroups: [cachegroupName('cg-1')], members: [] },
    { name: b, cachegroups: [cachegroupName('cg-2')], members: [] },
  ],
  handovers: [],
  failovers: [],
  ...changes,
});

function inForce(texts: Readonly<Record<string, string>>): { read: DocumentsInForce; lines: string[] } {
  const store = new Store<KubeObject>();
  for (const [group, text] of Object.entries(texts)) {
    const metadata = { name: `tm-${group}`, namespace: 'cdn', uid: group, resourceVersion: '1' };
    store.set({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'assignment.json': text } } as never);
  }
  const lines: string[] = [];
  const log = jsonLog({ level: 'info', write: (line) => lines.push(line) });
  return { read: new DocumentsInForce(store, 'cdn', log), lines };
}

test('documents of one revision share what they say alike', () => {
  const { read } = inForce({ a: encodeAssignment(documentOf(a)), b: encodeAssignment(documentOf(b)) });
  assert.deepEqual(read.of(a), documentOf(a));
  assert.deepEqual(read.of(b), documentOf(b));
  assert.equal(read.of(a)?.groups, read.of(b)?.groups);
});

test('a document that says something else is read as it is', () => {
  const other = documentOf(b, { redundancy: 1, revision: 4 });
  const { read } = inForce({ a: encodeAssignment(documentOf(a)), b: encodeAssignment(other) });
  assert.deepEqual([read.of(a), read.of(b)], [documentOf(a), other]);
});

test('what was planned is given back as it is once it has been written, and not before', () => {
  const planned = documentOf(a);
  const { read } = inForce({ a: encodeAssignment(planned), b: encodeAssignment(documentOf(b)) });
  assert.equal(read.of(a, planned), planned);
  assert.deepEqual(read.of(b, documentOf(b, { revision: 4 })), documentOf(b));
});

test('one that was read before it was planned is known for what was planned', () => {
  const { read } = inForce({ a: encodeAssignment(documentOf(a)) });
  read.of(a);
  const planned = documentOf(a);
  assert.equal(read.of(a, planned), planned);
});

test('none, and one that cannot be read, are none; the latter is told once', () => {
  const { read, lines } = inForce({ a: '{"version": 1' });
  assert.deepEqual([read.of(a), read.of(a), read.of(b)], [null, null, null]);
  assert.equal(lines.length, 1);
});
