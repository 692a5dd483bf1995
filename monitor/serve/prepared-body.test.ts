import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { KeptDocument } from '../../common/traffic-ops/kept-document.ts';
import { PreparedBody, prepared, preparedDocument } from './prepared-body.ts';

/** A body whose source a test changes. */
function bodyOf(settleMs = 200) {
  const source = { urgent: 0, revision: 0, builds: 0 };
  const body = new PreparedBody({
    urgent: () => source.urgent,
    revision: () => source.revision,
    build: () => `build ${++source.builds}`,
    settleMs: () => settleMs,
    boot: 'boot',
  });
  const textAt = (ms: number): string => String(body.current(ms).plain());
  return { source, body, textAt };
}

describe('a prepared body', () => {
  it('is built once while nothing changes, however often it is asked for', () => {
    const { body, textAt } = bodyOf();
    const first = body.current(0);
    assert.equal(body.current(60_000), first);
    assert.equal(textAt(120_000), 'build 1');
  });

  it('is not built before anybody asks', () => {
    const { source } = bodyOf();
    assert.equal(source.builds, 0);
  });

  it('is built anew with the first request after an urgent change, once for each', () => {
    const { source, textAt } = bodyOf();
    textAt(0);
    source.urgent++;
    source.revision++;
    assert.equal(textAt(50), 'build 2');
    assert.equal(textAt(51), 'build 2');
    assert.equal(textAt(10_000), 'build 2');
  });

  it('gathers urgent changes that come within 10 ms of the last build', () => {
    const { source, textAt } = bodyOf();
    textAt(100);
    source.urgent++;
    assert.equal(textAt(109), 'build 1');
    source.urgent++;
    assert.equal(textAt(110), 'build 2');
    assert.equal(textAt(130), 'build 2');
  });

  it('lags behind changes that are not urgent for settleMs at most', () => {
    const { source, textAt } = bodyOf(200);
    textAt(1000);
    source.revision++;
    assert.equal(textAt(1199), 'build 1');
    assert.equal(textAt(1200), 'build 2');
  });

  it('has an entity tag of this life of the process that changes with each build', () => {
    const { source, body } = bodyOf();
    const first = body.current(0).etag;
    source.urgent++;
    const second = body.current(100).etag;
    assert.match(first, /^W\/"boot-\w+"$/);
    assert.notEqual(first, second);
    assert.equal(body.current(101).etag, second);
  });

  for (const [size, bytes] of [
    ['small', 100],
    ['large', 100_000],
  ] as const) {
    it(`of ${size} size is packed once, when first asked for`, async () => {
      const raw = Buffer.from('x'.repeat(bytes));
      const body = prepared(raw, '');
      const first = body.packed();
      assert.equal(body.packed(), first);
      assert.ok((await first).length < bytes);
      assert.deepEqual(gunzipSync(await first), raw);
    });
  }
});

describe('the body of a document that is kept packed', () => {
  const bytes = Buffer.from('{ "as": "it came" }'.repeat(1000));
  const document = new KeptDocument(bytes);

  it('is sent as it is kept to whoever takes gzip', () => {
    assert.equal(preparedDocument(document, '').packed(), document.packed);
  });

  it('is unpacked once for all who ask for it plain at one time', async () => {
    const body = preparedDocument(document, '');
    const [first, second] = await Promise.all([body.plain(), body.plain()]);
    assert.deepEqual(first, bytes);
    assert.equal(second, first);
    assert.equal(await body.plain(), first);
    assert.equal(body.size, bytes.length);
  });
});
