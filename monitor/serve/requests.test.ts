import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { askRaw } from '../testing/asking.ts';
import { httpServer } from '../testing/servers.ts';
import { cleanPath } from './clean-path.ts';
import { parseQuery, queryProblem, queryText } from './query.ts';
import { redirectTo } from './redirect.ts';

describe('a clean path', () => {
  const rows: readonly [path: string, clean: string][] = [
    ['/', '/'],
    ['/publish/CrStates', '/publish/CrStates'],
    ['/publish/CrStates/', '/publish/CrStates/'],
    ['//publish//CrStates', '/publish/CrStates'],
    ['/publish/CrStates//', '/publish/CrStates/'],
    ['/publish/./CrStates', '/publish/CrStates'],
    ['/publish/x/../CrStates', '/publish/CrStates'],
    ['/publish/x/..', '/publish'],
    ['/publish/.', '/publish'],
    ['/../../etc/passwd', '/etc/passwd'],
    ['/..', '/'],
    ['/../', '/'],
    ['/./', '/'],
    ['//', '/'],
    ['', '/'],
    ['publish', '/publish'],
    // No more than they look like.
    ['/...', '/...'],
    ['/.well-known/x', '/.well-known/x'],
    ['/a..b/.c', '/a..b/.c'],
    ['/%2e%2e/x', '/%2e%2e/x'],
  ];
  for (const [path, clean] of rows) {
    it(`of ${JSON.stringify(path)} is ${clean}`, () => {
      assert.equal(cleanPath(path), clean);
      assert.equal(cleanPath(clean), clean);
    });
  }
});

describe('a query', () => {
  const rows: readonly [text: string, query: Readonly<Record<string, readonly string[]>>][] = [
    ['', {}],
    ['raw', { raw: [''] }],
    ['raw=', { raw: [''] }],
    ['a=1&b=2&a=3', { a: ['1', '3'], b: ['2'] }],
    ['a=1&&b=2&', { a: ['1'], b: ['2'] }],
    ['a=x+y%20z&%61=b', { a: ['x y z', 'b'] }],
    ['a=1;b=2&c=3', { c: ['3'] }],
    ['a=%zz&%zz=1&b=%', {}],
    ['a=b=c', { a: ['b=c'] }],
    ['=x', { '': ['x'] }],
    ['__proto__=1', { ['__proto__']: ['1'] }],
  ];
  for (const [text, query] of rows) {
    it(`${JSON.stringify(text)}`, () => assert.deepEqual([...parseQuery(text)], Object.entries(query)));
  }

  it('is told for people in the order that it was asked', () => {
    assert.equal(queryText(parseQuery('b=2&a=x+y&b=3')), 'b=[2], b=[3], a=[x y]');
    assert.equal(queryText(parseQuery('')), '');
  });

  const problems: readonly [text: string, problem: string | null][] = [
    ['', null],
    ['a=1&b=2', null],
    ['a=1&a=2&a=3', null],
    ['a=1&x=2', "invalid query parameter 'x'"],
    ['A=1', "invalid query parameter 'A'"],
    ['a=1&b=2&x=3', 'invalid query parameters'],
  ];
  for (const [text, problem] of problems) {
    it(`${JSON.stringify(text)} where a and b are allowed: ${problem}`, () => {
      assert.equal(queryProblem(parseQuery(text), ['a', 'b'], 2), problem);
    });
  }
});

describe('the redirect to HTTPS', () => {
  const rows: readonly [host: string, location: string][] = [
    ['monitor.cdn.test', 'https://monitor.cdn.test:8443/publish/CrStates?raw'],
    ['monitor.cdn.test:80', 'https://monitor.cdn.test:8443/publish/CrStates?raw'],
    ['192.0.2.1:8080', 'https://192.0.2.1:8443/publish/CrStates?raw'],
    ['[2001:db8::1]', 'https://[2001:db8::1]:8443/publish/CrStates?raw'],
    ['[2001:db8::1]:8080', 'https://[2001:db8::1]:8443/publish/CrStates?raw'],
    ['tm_1', 'https://tm_1:8443/publish/CrStates?raw'],
  ];
  for (const [host, location] of rows) {
    it(`keeps the host of ${host}`, async (t) => {
      const { port } = await httpServer(t, redirectTo(8443));
      const request = `GET /publish/CrStates?raw HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
      const answer = await askRaw(port, request);
      assert.match(answer, /^HTTP\/1\.1 301 /);
      assert.ok(answer.includes(`\r\nLocation: ${location}\r\n`), answer);
      assert.ok(answer.endsWith(`\r\n\r\n<a href="${location}">Moved Permanently</a>.\n\n`), answer);
      assert.match(answer, /\r\nContent-Type: text\/html; charset=utf-8\r\n/);
    });
  }

  for (const method of ['POST', 'DELETE', 'HEAD']) {
    it(`of ${method} has no body`, async (t) => {
      const { port } = await httpServer(t, redirectTo(8443));
      const request = `${method} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
      const answer = await askRaw(port, request);
      assert.match(answer, /^HTTP\/1\.1 301 .*\r\nLocation: https:\/\/a:8443\/\r\n.*\r\n\r\n$/s);
    });
  }

  it('does not let a path write HTML', async (t) => {
    const { port } = await httpServer(t, redirectTo(8443));
    const answer = await askRaw(port, 'GET /"><script> HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    assert.ok(!(answer.split('\r\n\r\n')[1] ?? '').includes('<script>'), answer);
  });

  for (const host of ['', 'a b', 'a/b', '[::1', 'a:b', 'user@host', 'a:80:80', 'a"b']) {
    it(`of the malformed Host ${JSON.stringify(host)} is 500`, async (t) => {
      const { port } = await httpServer(t, redirectTo(8443));
      const answer = await askRaw(port, `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      assert.match(answer, /^HTTP\/1\.1 500 /);
      assert.match(answer, /\r\n\r\n\{"error": "getting host from request: .*"\}$/);
    });
  }
});
