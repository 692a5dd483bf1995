import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  BodyLimitError,
  badStatus,
  DeadlineError,
  type FailureClass,
  type FetchPhase,
  fetchFailure,
} from './fetch-failure.ts';

const URL = 'http://192.0.2.1:80/_astats';

const coded = (code: string, message = '', more: Record<string, unknown> = {}): Error =>
  Object.assign(new Error(message), { code, ...more });

const at4 = { address: '192.0.2.1', port: 80 };
const at6 = { address: '2001:db8::1', port: 80 };

describe('what the published status says of a poll that failed', () => {
  const rows: readonly [error: Error, phase: FetchPhase, failureClass: FailureClass, cause: string][] = [
    [
      coded('ECONNREFUSED', '', at4),
      'before-headers',
      'refused',
      'dial tcp 192.0.2.1:80: connect: connection refused',
    ],
    [
      coded('ECONNREFUSED', '', at6),
      'before-headers',
      'refused',
      'dial tcp [2001:db8::1]:80: connect: connection refused',
    ],
    [coded('ECONNREFUSED'), 'before-headers', 'refused', 'dial tcp: connect: connection refused'],
    [
      coded('EHOSTUNREACH', '', at4),
      'before-headers',
      'unreachable',
      'dial tcp 192.0.2.1:80: connect: no route to host',
    ],
    [
      coded('ENETUNREACH', '', at4),
      'before-headers',
      'unreachable',
      'dial tcp 192.0.2.1:80: connect: network is unreachable',
    ],
    [
      coded('EADDRNOTAVAIL', '', at4),
      'before-headers',
      'unreachable',
      'dial tcp 192.0.2.1:80: connect: cannot assign requested address',
    ],
    [
      coded('ETIMEDOUT', '', at4),
      'before-headers',
      'timeout',
      'dial tcp 192.0.2.1:80: connect: connection timed out',
    ],
    [
      new DeadlineError('late'),
      'before-headers',
      'timeout',
      'context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
    ],
    [
      new DeadlineError('late'),
      'body',
      'timeout',
      'context deadline exceeded (Client.Timeout or context cancellation while reading body)',
    ],
    [coded('ECONNRESET'), 'before-headers', 'reset', 'read: connection reset by peer'],
    [coded('EPIPE'), 'before-headers', 'reset', 'read: connection reset by peer'],
    [coded('ECONNRESET'), 'body', 'reset', 'read: connection reset by peer'],
    [coded('UND_ERR_SOCKET', 'other side closed'), 'before-headers', 'reset', 'EOF'],
    [coded('UND_ERR_SOCKET', 'other side closed'), 'body', 'reset', 'unexpected EOF'],
    [coded('UND_ERR_RES_CONTENT_LENGTH_MISMATCH'), 'body', 'truncated', 'unexpected EOF'],
    [
      coded('UND_ERR_HEADERS_OVERFLOW'),
      'before-headers',
      'protocol',
      'net/http: server response headers exceeded 16384 bytes; aborted',
    ],
    [
      coded('ENOTFOUND', 'getaddrinfo ENOTFOUND nowhere'),
      'before-headers',
      'dns',
      'dial tcp: getaddrinfo ENOTFOUND nowhere',
    ],
    [
      coded('EAI_AGAIN', 'getaddrinfo EAI_AGAIN nowhere'),
      'before-headers',
      'dns',
      'dial tcp: getaddrinfo EAI_AGAIN nowhere',
    ],
    [new BodyLimitError('the body is too large'), 'body', 'too_large', 'the body is too large'],
    [
      coded('ERR_BUFFER_TOO_LARGE', 'Cannot create a Buffer'),
      'body',
      'too_large',
      'the unpacked body is larger than max_body_bytes',
    ],
    [coded('Z_DATA_ERROR', 'incorrect header check'), 'body', 'encoding', 'incorrect header check'],
    [
      coded('HPE_INVALID_CONSTANT', 'Expected HTTP/'),
      'before-headers',
      'protocol',
      'net/http: HTTP/1.x transport connection broken: malformed HTTP response (Expected HTTP/)',
    ],
    [
      Object.assign(new Error('does not match'), { name: 'HTTPParserError' }),
      'before-headers',
      'protocol',
      'net/http: HTTP/1.x transport connection broken: malformed HTTP response (does not match)',
    ],
    [coded('ERR_TLS_CERT_ALTNAME_INVALID', 'wrong name'), 'before-headers', 'tls', 'wrong name'],
    [coded('DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed'), 'before-headers', 'tls', 'self-signed'],
    [coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unknown'), 'before-headers', 'tls', 'unknown'],
    [coded('ERR_SSL_WRONG_VERSION_NUMBER', 'no TLS'), 'before-headers', 'tls', 'no TLS'],
    [coded('ESOMETHING'), 'before-headers', 'protocol', 'ESOMETHING'],
    [new Error('no code at all'), 'before-headers', 'protocol', 'no code at all'],
  ];
  for (const [error, phase, failureClass, cause] of rows) {
    const code = 'code' in error ? error.code : error.message;
    it(`${code}, ${phase}: ${cause}`, () => {
      const text = phase === 'body' ? `reading body: ${cause}` : `Get "${URL}": ${cause}`;
      assert.deepEqual(fetchFailure(error, URL, phase), { class: failureClass, text });
    });
  }

  it('a bad status', () => {
    assert.deepEqual(badStatus(500), { class: 'status', text: 'bad HTTP status: 500', status: 500 });
  });
});
