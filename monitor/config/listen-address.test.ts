import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseListenAddress } from './listen-address.ts';

describe('a listen address', () => {
  const right: [text: string, host: string | undefined, port: number][] = [
    [':80', undefined, 80],
    [':0', undefined, 0],
    ['127.0.0.1:80', '127.0.0.1', 80],
    ['[::1]:80', '::1', 80],
    ['[::]:65535', '::', 65_535],
    ['tm-1.example.net:8080', 'tm-1.example.net', 8080],
    [':https', undefined, 443],
  ];
  for (const [text, host, port] of right) {
    test(`${text} is ${host ?? 'every address'}, port ${port}`, () => {
      assert.deepEqual(parseListenAddress(text), { host, port });
    });
  }

  for (const text of [
    '',
    '80',
    'host',
    'host:',
    ':65536',
    ':-1',
    ':8o',
    '::1:80',
    '[::1]',
    '[x]:80',
    'a b:80',
  ]) {
    test(`${JSON.stringify(text)} is refused by the name of its key`, () => {
      assert.throws(() => parseListenAddress(text, 'httpsListener'), {
        message: `"httpsListener" is ${JSON.stringify(text)}: must be ":port", "host:port" or "[IPv6 address]:port" with a port from 0 to 65535, e.g. ":80" or "[::1]:8080"`,
      });
    });
  }
});
