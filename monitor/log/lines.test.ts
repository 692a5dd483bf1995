import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type AccessRecord, accessLine, eventLine, levelledLine } from './lines.ts';

const EVENT = {
  timeMs: 1_778_126_706_790,
  name: 'edge1',
  type: 'EDGE',
  isAvailable: true,
  ipv4Available: true,
  ipv6Available: false,
  description: 'Protocol (IPv4) REPORTED - available (health) ',
} as const;

const ACCESS: AccessRecord = {
  timeMs: 1_778_126_707_131,
  durationMs: 0.9,
  remoteAddress: '192.0.2.50',
  remotePort: 42_536,
  method: 'GET',
  path: '/publish/CrStates',
  query: 'raw',
  status: 200,
  bytes: 1939,
  userAgent: 'curl/8.0',
};

describe('an event line', () => {
  test('is that of the Go monitor', () => {
    assert.equal(
      eventLine(EVENT),
      '1778126706.790 host="edge1", type=EDGE, available=true, ipv4Available=true, ipv6Available=false, msg="Protocol (IPv4) REPORTED - available (health) "',
    );
  });
  test('keeps what it quotes inside the quotes (D65)', () => {
    const line = eventLine({ ...EVENT, name: 'a"b', description: 'x", available=true\n1 host="forged' });
    assert.ok(line.includes('host="a\\"b"'));
    assert.ok(line.endsWith('msg="x\\", available=true\\n1 host=\\"forged"'));
  });
});

describe('an access line', () => {
  test('is that of the Go monitor', () => {
    assert.equal(
      accessLine(ACCESS),
      '1778126707.131 chi=192.0.2.50:42536 cqhm=GET url="/publish/CrStates?raw" pssc=200 b=1939 ttms=0 uas="curl/8.0"',
    );
  });

  const parts: [what: string, change: Partial<AccessRecord>, says: string][] = [
    ['has the ? without a query', { query: '' }, 'url="/publish/CrStates?"'],
    ['brackets IPv6', { remoteAddress: '2001:db8::1' }, 'chi=[2001:db8::1]:42536 '],
    ['shows IPv4 on an IPv6 socket as IPv4', { remoteAddress: '::ffff:192.0.2.7' }, 'chi=192.0.2.7:42536 '],
    ['has - for a client that is gone', { remoteAddress: undefined }, 'chi=- '],
    ['counts whole ms', { durationMs: 12.7 }, 'ttms=12 '],
    [
      'cannot be split by a path (D65)',
      { path: '/a" pssc=200\r\nb\\' },
      'url="/a\\" pssc=200\\r\\nb\\\\?raw"',
    ],
    [
      'cannot be split by a user agent (D65)',
      { userAgent: 'a\u0000\u2028"\u007f' },
      'uas="a\\u0000\\u2028\\"\\u007f"',
    ],
  ];
  for (const [what, change, says] of parts) {
    test(what, () => {
      const line = accessLine({ ...ACCESS, ...change });
      assert.ok(line.includes(says), line);
    });
  }
});

describe('a levelled line', () => {
  test('names level, component and time in UTC', () => {
    assert.equal(
      levelledLine('WARNING', 'poll', 1_778_126_706_790, 'edge1 "timed out"'),
      'WARNING: poll: 2026-05-07T04:05:06.790Z: edge1 "timed out"',
    );
  });
  test('is one line, whatever the message', () => {
    assert.ok(levelledLine('ERROR', 'poll', 0, 'a\n\tat b').endsWith(': a\\n\\tat b'));
  });
});

test('no text can break a line, and what is quoted is a JSON string', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const line = eventLine({ ...EVENT, description: text });
      assert.doesNotMatch(line, /[\p{Cc}\u2028\u2029]/u);
      assert.equal(JSON.parse(line.slice(line.indexOf('msg=') + 4)), text);
      assert.doesNotMatch(accessLine({ ...ACCESS, method: text, path: text, query: text }), /\p{Cc}/u);
    }),
  );
});
