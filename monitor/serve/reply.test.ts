import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { type Answer, ask, type Question } from '../testing/asking.ts';
import { httpServer } from '../testing/servers.ts';
import { prepared } from './prepared-body.ts';
import { badRequest, json, type Reply, send, sentBytes, takesGzip } from './reply.ts';

const body = '{"a":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}';

/** What a client gets, and the bytes that the access log would tell. */
async function replied(
  t: TestContext,
  reply: Reply,
  question: Omit<Question, 'port'> = {},
): Promise<Answer & { sent: number }> {
  let sent = Number.NaN;
  const { port } = await httpServer(t, (request, response) => {
    response.once('finish', () => {
      sent = sentBytes(response);
    });
    send(request, response, reply);
  });
  return { ...(await ask({ port, ...question })), sent };
}

const gzip = { 'Accept-Encoding': 'gzip' };
const shared = json(prepared(Buffer.from(body), 'W/"b-1"'));

describe('taking gzip', () => {
  const rows: readonly [header: string | undefined, taken: boolean][] = [
    [undefined, false],
    ['', false],
    ['gzip', true],
    ['GZIP', true],
    ['deflate, gzip', true],
    ['gzip,deflate', true],
    [' gzip ', true],
    ['gzip;q=1.0', true],
    ['gzip; q=0.5', true],
    ['gzip;q=0.001', true],
    ['gzip;q=0', false],
    ['gzip; q=0.0', false],
    ['gzip ; Q = 0.000', false],
    ['deflate, gzip;q=0', false],
    ['*', false],
    ['identity', false],
    ['x-gzip', false],
    ['gzipped', false],
  ];
  for (const [header, taken] of rows) {
    it(`${JSON.stringify(header)}: ${taken}`, () => {
      assert.equal(takesGzip(header), taken);
      assert.equal(takesGzip(header), taken);
    });
  }

  it('is worked out right for many different headers', () => {
    for (let i = 0; i < 300; i++) assert.equal(takesGzip(`gzip;q=0.${i}`), Number(`0.${i}`) > 0);
  });
});

describe('a reply', () => {
  it('has type, length, Vary, Permissions-Policy and an entity tag', async (t) => {
    const { status, headers, text, sent } = await replied(t, shared);
    assert.equal(status, 200);
    assert.equal(text, body);
    assert.equal(sent, body.length);
    assert.equal(headers['content-type'], 'application/json');
    assert.equal(headers['content-length'], String(body.length));
    assert.equal(headers['vary'], 'Accept-Encoding');
    assert.equal(headers['permissions-policy'], 'interest-cohort=()');
    assert.equal(headers['etag'], 'W/"b-1"');
    assert.equal(headers['content-encoding'], undefined);
  });

  it('is packed for those who take it, its length and log being of what is sent', async (t) => {
    const { headers, body: packed, sent } = await replied(t, shared, { headers: gzip });
    assert.equal(headers['content-encoding'], 'gzip');
    assert.equal(gunzipSync(packed).toString(), body);
    assert.equal(headers['content-length'], String(packed.length));
    assert.equal(sent, packed.length);
  });

  it('is packed without an entity tag if it is for one answer alone', async (t) => {
    const { headers, body: packed } = await replied(t, json(body, { Age: '7' }), { headers: gzip });
    assert.equal(gunzipSync(packed).toString(), body);
    assert.equal(headers['etag'], undefined);
    assert.equal(headers['age'], '7');
  });

  it('is not packed if it is empty', async (t) => {
    const { headers } = await replied(t, json(''), { headers: gzip });
    assert.equal(headers['content-encoding'], undefined);
    assert.equal(headers['content-length'], '0');
  });

  const tags: readonly [ifNoneMatch: string, status: number][] = [
    ['W/"b-1"', 304],
    ['"b-1"', 304],
    ['*', 304],
    ['"x", W/"b-1"', 304],
    ['W/"b-2"', 200],
    ['', 200],
  ];
  for (const [ifNoneMatch, status] of tags) {
    it(`to If-None-Match ${JSON.stringify(ifNoneMatch)} is ${status}`, async (t) => {
      const answer = await replied(t, shared, { headers: { 'If-None-Match': ifNoneMatch } });
      assert.equal(answer.status, status);
      assert.equal(answer.headers['etag'], 'W/"b-1"');
      assert.equal(answer.text, status === 304 ? '' : body);
      assert.equal(answer.sent, status === 304 ? 0 : body.length);
    });
  }

  it('to HEAD has the headers and no body', async (t) => {
    const { status, headers, text, sent } = await replied(t, shared, { method: 'HEAD' });
    assert.equal(status, 200);
    assert.equal(headers['content-length'], String(body.length));
    assert.equal(text, '');
    assert.equal(sent, 0);
  });

  it('to a filter that cannot be understood is bare text that calls itself JSON (D56), packed too', async (t) => {
    const message = "invalid query parameter 'x'";
    const plain = await replied(t, badRequest(message));
    assert.equal(plain.status, 400);
    assert.equal(plain.headers['content-type'], 'application/json');
    assert.equal(plain.text, message);
    const packed = await replied(t, badRequest(message), { headers: gzip });
    assert.equal(gunzipSync(packed.body).toString(), message);
  });
});
