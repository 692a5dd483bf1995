import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { KeptDocument } from './kept-document.ts';

const kept = (text: string) => new KeptDocument(Buffer.from(text));

test('a document comes back byte for byte, whatever its bytes are', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 50_000 }), async (content) => {
      const bytes = Buffer.from(content);
      const document = new KeptDocument(bytes);
      assert.deepEqual(document.unpack(), bytes);
      assert.deepEqual(await document.unpackAside(), bytes);
      assert.deepEqual(gunzipSync(document.packed), bytes);
      assert.equal(document.size, bytes.length);
    }),
    { numRuns: 50 },
  );
});

test('documents are equal if their bytes are', () => {
  const document = kept('{"a":1}');
  assert.ok(document.equals(kept('{"a":1}')));
  assert.ok(document.isOf(Buffer.from('{"a":1}')));
  for (const other of ['{"a":2}', '{"a":1} ', '']) {
    assert.ok(!document.equals(kept(other)));
    assert.ok(!document.isOf(Buffer.from(other)));
  }
});

test('a large document takes a small part of its size', () => {
  const servers = Array.from({ length: 10_000 }, (_, i) => ({
    hostName: `edge-${i}`,
    fqdn: `edge-${i}.test`,
  }));
  const document = kept(JSON.stringify(servers));
  assert.ok(document.packed.length < document.size / 5);
  // A packed form that is a view of something larger would keep that in memory.
  assert.ok(document.packed.buffer.byteLength < document.size / 5);
});
