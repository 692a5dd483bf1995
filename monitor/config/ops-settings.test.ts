import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseOpsSettings } from './ops-settings.ts';
import { SettingsError } from './settings-error.ts';

const FILE = '/etc/traffic_ops.cfg';
const from = (object: unknown) => parseOpsSettings(JSON.stringify(object), FILE);

describe('traffic_ops.cfg', () => {
  test('without a key has the defaults of the Go monitor', () => {
    assert.deepEqual(from({}), {
      username: '',
      password: '',
      url: '',
      insecure: false,
      cdnName: '',
      httpListener: ':80',
      httpsListener: '',
      certFile: '',
      keyFile: '',
      unknownKeys: [],
    });
  });

  test('sets what it names, in any case', () => {
    const file = {
      username: 'tm',
      password: 'secret',
      url: 'https://to.example.net',
      insecure: true,
      cdnName: 'cdn1',
      httpListener: '127.0.0.1:8080',
      httpsListener: ':8443',
      certFile: '/cert.pem',
      keyFile: '/key.pem',
    };
    assert.deepEqual(from(file), { ...file, unknownKeys: [] });
    const shouted = Object.fromEntries(
      Object.entries(file).map(([key, value]) => [key.toUpperCase(), value]),
    );
    assert.deepEqual(from(shouted), { ...file, unknownKeys: [] });
  });

  test('is frozen', () => assert.ok(Object.isFrozen(from({}))));

  test('loses one slash at the end of url', () => {
    assert.equal(from({ url: 'https://to.example.net/' }).url, 'https://to.example.net');
    assert.equal(from({ url: 'http://to.example.net/base//' }).url, 'http://to.example.net/base/');
  });

  test('may hold usingDummyTO, which is a state and says nothing', () => {
    assert.deepEqual(from({ usingDummyTO: 'x', other: 1 }).unknownKeys, ['other']);
  });

  test('has :80 for an empty httpListener', () => {
    assert.deepEqual(
      [from({ httpListener: '' }).httpListener, from({ httpListener: null }).httpListener],
      [':80', ':80'],
    );
  });
});

describe('traffic_ops.cfg is refused', () => {
  const cases: [why: string, file: Record<string, unknown>, says: string][] = [
    [
      'not a URL',
      { url: 'to.example.net' },
      '"url" (line 1) is "to.example.net": must be an http or https URL',
    ],
    ['another scheme', { url: 'ftp://to.example.net' }, 'must be an http or https URL'],
    ['a URL without a host', { url: 'https://' }, 'must be an http or https URL'],
    ['a wrong URL with credentials', { url: 'ftp://tm:pw@to' }, 'is "ftp://***@to": must be'],
    ['no port', { httpListener: '127.0.0.1' }, '"httpListener" (line 1) is "127.0.0.1": must be ":port"'],
    [
      'no port of HTTPS',
      { httpsListener: 'all' },
      '"httpsListener" (line 1) is "all": must be empty (no HTTPS), "',
    ],
    ['HTTPS without its files', { httpsListener: ':443' }, '":443" without "certFile" and "keyFile": HTTPS'],
    ['HTTPS without its key', { httpsListener: ':443', certFile: '/c' }, '":443" without "keyFile": HTTPS'],
    [
      'one address for both',
      { httpListener: ':443', httpsListener: ':443', certFile: '/c', keyFile: '/k' },
      '"httpsListener" and "httpListener" are both ":443": must be different',
    ],
    ['a number for a boolean', { insecure: 0 }, '"insecure" (line 1) is 0: must be true or false'],
  ];
  for (const [why, file, says] of cases) {
    test(`${JSON.stringify(file)}: ${why}`, () => {
      assert.throws(
        () => from(file),
        (error) => error instanceof SettingsError && error.message.includes(says) && error.file === FILE,
      );
    });
  }

  test('without ever showing the password', () => {
    assert.throws(
      () => from({ password: 12345 }),
      (error) =>
        error instanceof SettingsError &&
        error.message.includes('"password" (line 1) is not shown: must be a string') &&
        !error.message.includes('12345'),
    );
  });
});

test('whatever traffic_ops.cfg holds: settings or a SettingsError', () => {
  const key = fc.constantFrom('url', 'httpListener', 'httpsListener', 'insecure', 'password', 'x');
  const file = fc.dictionary(key, fc.oneof(fc.jsonValue(), fc.webUrl(), fc.string()));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        file.map((object) => JSON.stringify(object)),
      ),
      (text) => {
        try {
          parseOpsSettings(text, FILE);
        } catch (error) {
          assert.ok(error instanceof SettingsError, String(error));
        }
      },
    ),
  );
});
